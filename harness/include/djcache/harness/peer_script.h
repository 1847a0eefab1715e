// PeerScript: what a ScriptedPeer expects and sends on one connection, built in C++ or read from
// text.
//
//   PeerScript{}.expect_handshake({.name = true})
//       .expect_command({"GET", ":1:a"}).send("$-1\r\n").close();
//
// The same as text (fixtures/wire; escapes as in wire_text.h, `#` begins a comment line):
//
//   CONNECTION                 begins the script of the next connection; optional before the first
//   HANDSHAKE NAME AUTH DB 2   answers +OK to CLIENT SETNAME, AUTH and SELECT 2, in any order
//   EXPECT *1\r\n$4\r\nPING\r\n    exactly these bytes
//   EXPECT_COMMAND GET :1:a    the RESP array of these words (a space in a word is \s)
//   EXPECT_ANY [WORD]          one command with any arguments; with WORD: of that name
//   EXPECT_CLOSE               the client ends the connection without sending more
//   DISCARD n                  reads n bytes of any content
//   SEND bytes                 in one write
//   SEND_SLOWLY [n:]bytes      n bytes (default one) per turn of the loop
//   PAUSE                      waits for resume(); received bytes are kept for later steps
//   STALL                      as PAUSE, but does not read: the client's send buffer fills up
//   HOLD                       sends nothing and discards all input until the client closes
//   CLOSE / RESET              closes the connection with FIN / with RST (TCP)
//
// After the last step the connection stays open, and any further byte received is a mismatch.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <djcache/harness/outcome.h>

namespace djcache::harness {

struct PeerStep {
  enum class Kind : std::uint8_t {
    expect,
    expect_any,
    expect_close,
    handshake,
    discard,
    send,
    pause,
    stall,
    hold,
    close,
    reset,
  };
  Kind kind = Kind::hold;
  std::string bytes = {};  // expect, send
  std::vector<std::string> words =
      {};                 // expect_any: the name or nothing; handshake: what must come
  std::size_t count = 0;  // discard: bytes; send: bytes per turn, 0 for all at once
};
// "SEND +OK\r\n", for messages.
std::string format(const PeerStep& step);

struct PeerHandshake {
  bool name = false;  // CLIENT SETNAME
  bool auth = false;
  int db = 0;  // SELECT, unless 0
};

class PeerScript {
 public:
  PeerScript& expect(std::string_view bytes);
  PeerScript& expect_command(const std::vector<std::string>& words);
  PeerScript& expect_any_command(std::string_view name = "");  // names are compared without case
  PeerScript& expect_close();
  PeerScript& expect_handshake(const PeerHandshake& handshake);
  PeerScript& discard(std::size_t n);
  PeerScript& send(std::string_view bytes);
  PeerScript& send_slowly(std::string_view bytes, std::size_t bytes_per_turn = 1);
  PeerScript& pause();
  PeerScript& stall();
  PeerScript& hold();
  PeerScript& close();
  PeerScript& reset();

  const std::vector<PeerStep>& steps() const { return steps_; }

 private:
  PeerScript& add(PeerStep step);
  std::vector<PeerStep> steps_;
};

struct [[nodiscard]] ParsedScripts {
  std::vector<PeerScript> scripts = {};  // one per connection
  std::string problem = {};              // empty, or "line 3: ..."
  explicit operator bool() const { return problem.empty(); }
};
ParsedScripts parse_peer_scripts(std::string_view text);
ParsedScripts load_peer_scripts(const std::string& path);

}  // namespace djcache::harness
