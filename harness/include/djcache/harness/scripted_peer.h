// ScriptedPeer: a fake server that plays a script on each connection, on the test's own loop,
// without a thread. For behaviour that a real server does not show on demand: half a reply, a byte
// at a time, bytes that are not RESP, a reset in the middle, silence.
//
//   auto peer = ScriptedPeer::listen(runner.loop());
//   peer->script().expect_command({"GET", ":1:a"}).send("$1\r\nx\r\n").close();
//   ... use peer->url() ...
//   EXPECT_TRUE(peer->ok()) << peer->problem();
//   peer->close([&] { closed = true; });      // or destroy it; then run the loop
//
// A mismatch is recorded, and the connection is closed so that the client does not wait. The peer's
// handles are marked as the harness' own in a census.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <uv.h>

#include <djcache/harness/outcome.h>
#include <djcache/harness/peer_script.h>

namespace djcache::harness {

struct ScriptedPeerOptions {
  bool unix_socket = false;  // in a temporary folder; otherwise a free TCP port of 127.0.0.1
};

class ScriptedPeer {
 public:
  static Opened<ScriptedPeer> listen(uv_loop_t& loop, const ScriptedPeerOptions& options = {});
  // Closes every handle; closing completes on later turns of the loop, which must outlive them.
  ~ScriptedPeer();
  ScriptedPeer(const ScriptedPeer&) = delete;
  ScriptedPeer& operator=(const ScriptedPeer&) = delete;

  // The script of the n-th connection, counted from 0; further connections play the last one. A
  // script is read when its connection is accepted, so set it before.
  PeerScript& script() { return for_connection(0); }
  PeerScript& for_connection(std::size_t n);
  void play(std::vector<PeerScript> scripts);  // e.g. of load_peer_scripts

  std::uint16_t port() const;            // 0 for a unix socket
  const std::string& unix_path() const;  // empty for TCP
  std::string url(int db = 0) const;     // a LOCATION

  // Lets a connection continue from the PAUSE or STALL it is at, or skip the next one.
  void resume(std::size_t connection = 0);
  bool paused(std::size_t connection = 0) const;

  bool ok() const { return problem().empty(); }
  const std::string& problem() const;  // the first mismatch: connection, step, expected, seen
  // Whether every script had a connection and was played to its end (or is at a final HOLD).
  bool finished() const;

  std::size_t accepted() const;
  std::size_t open_connections() const;
  // The bytes that connection n has sent so far, up to the first 1 MiB.
  std::string_view received(std::size_t connection = 0) const;

  // Closes the listener and all connections; `done` runs after the last handle has closed, or at
  // once if none is open.
  void close(std::function<void()> done = {});

 private:
  class Core;
  explicit ScriptedPeer(std::shared_ptr<Core> core);
  std::shared_ptr<Core> core_;  // also held by every open handle
};

}  // namespace djcache::harness
