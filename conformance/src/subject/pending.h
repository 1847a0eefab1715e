// Pending: one operation under test from start to end, and whether its callback kept the rules.
// Settle: the object through which a callback reports.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <utility>

#include <djcache/cache.h>
#include <djcache/disconnect.h>
#include <djcache/error.h>
#include <djcache/value.h>

namespace djcache::conformance {

struct Pending {
  enum class State : std::uint8_t {
    waiting,
    value,
    miss,  // get found nothing and had no default
    error,
    dropped,  // the callback was destroyed uncalled
  };
  State state = State::waiting;
  Value value{};
  Error error{};
  DisconnectReport report{};  // of a disconnect
  bool foreign = false;       // of another client: its own error names, no report of disconnects
  std::string foreign_error = {};

  std::string alias = {};
  Ticket ticket{};
  bool inside_call = false;        // during the call that begins it
  std::string broken_rule = {};    // of engine/docs/lifetime.md
  std::function<void()> on_end{};  // called once, if set

  bool ended() const { return state != State::waiting; }
  void end(State how) {
    if (ended()) {
      broken_rule = "once: the callback ran twice";
      return;
    }
    if (inside_call && how != State::dropped) {
      broken_rule = "never inline: the callback ran inside the call";
    }
    state = how;
    if (on_end) std::exchange(on_end, nullptr)();
  }
};

// Move-only. If it is destroyed unsettled, the operation was dropped.
class Settle {
 public:
  explicit Settle(std::shared_ptr<Pending> pending) : pending_(std::move(pending)) {}
  Settle(Settle&&) = default;
  Settle& operator=(Settle&&) = delete;
  ~Settle() {
    if (pending_ && !pending_->ended()) pending_->end(Pending::State::dropped);
  }

  void value(Value value) {
    pending_->value = std::move(value);
    pending_->end(Pending::State::value);
  }
  void miss() { pending_->end(Pending::State::miss); }
  void error(Error error) {
    pending_->error = std::move(error);
    pending_->end(Pending::State::error);
  }
  void report(const DisconnectReport& report) {
    pending_->report = report;
    pending_->end(Pending::State::value);
  }

 private:
  std::shared_ptr<Pending> pending_;
};

}  // namespace djcache::conformance
