// PeerCursor: the position of one connection in its script. Pure: bytes in, actions out;
// PeerConnection performs them. Call next() after every event and every performed action, until it
// returns `wait`.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include <djcache/harness/peer_script.h>

namespace djcache::harness {

struct PeerAction {
  enum class Kind : std::uint8_t {
    wait,  // for bytes, the end, or resume()
    send,
    stop_reading,
    start_reading,
    close,
    reset,
    fail,  // problem() has the reason
  };
  Kind kind = Kind::wait;
  std::string bytes = {};
  std::size_t bytes_per_turn = 0;  // 0: all at once
};

class PeerCursor {
 public:
  explicit PeerCursor(PeerScript script) : steps_(script.steps()) {}

  void on_bytes(std::string_view bytes);
  void on_end() { ended_ = true; }
  void resume() { ++resumes_; }

  PeerAction next();

  bool paused() const;
  bool finished() const;  // played to its end, or at a final HOLD
  const std::string& problem() const { return problem_; }

 private:
  using Kind = PeerStep::Kind;
  enum class Progress : std::uint8_t { waiting, passed, failed };

  Progress expect_bytes(const PeerStep& step);
  Progress expect_command(const PeerStep& step);
  Progress expect_close();
  Progress handshake(const PeerStep& step, PeerAction& action);
  Progress discard(const PeerStep& step);
  Progress hold();
  Progress pause(bool stalled, PeerAction& action);
  Progress play(const PeerStep& step, PeerAction& action);
  Progress need_more();
  Progress fail(const std::string& why);
  PeerAction at_end();
  void consume(std::size_t n);
  void step_done();

  std::vector<PeerStep> steps_;
  std::size_t at_ = 0;
  std::string pending_;        // received, not yet matched
  std::size_t consumed_ = 0;   // bytes of the connection before pending_
  std::size_t discarded_ = 0;  // of the DISCARD being played
  std::size_t answered_ = 0;   // one bit per word of the HANDSHAKE being played
  int resumes_ = 0;
  bool stalled_ = false;
  bool ended_ = false;
  std::string problem_;
};

}  // namespace djcache::harness
