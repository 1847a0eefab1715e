// What ends on a connection: operations by their limits or by a loss, and the connection itself.
#include <algorithm>
#include <utility>

#include "link/connection.h"
#include "planted.h"

namespace djcache::link {

// --- Time.

Millis Connection::next_tick() const {
  Millis next = std::min({operation_deadline_, connect_deadline_, drain_deadline_, fall_back_at_});
  if (state_ == State::ready) next = std::min(next, renew_at_);
  if (state_ == State::backing_off) next = std::min(next, backoff_until_);
  return next;
}

void Connection::on_tick(Millis now) {
  now_ = now;
  if (drain_deadline_ <= now) {
    drain_deadline_ = never;
    limit_reached_ = true;
    abort_now("the drain reached its limit");
  }
  if (connect_deadline_ <= now) {
    attempt_failed(
        now, Errc::connect_failed,
        at_endpoint("no connection within " + std::to_string(config_.connect_limit) + " ms"));
    // A socket that is still connecting is given up, too.
    if (state_ == State::backing_off || state_ == State::closed) action_ = Action::close;
  }
  if (operation_deadline_ <= now) expire(now);
  if (fall_back_at_ <= now) fall_back(now);
  if (state_ == State::ready && renew_at_ <= now) {
    renew_at_ = has_state() ? now + 1000 : never;  // when its tenant may leave
    if (!has_state()) renew_ = "its credentials end";
    finish_drain_if_empty();
  }
  if (state_ == State::backing_off && backoff_until_ <= now) end_backoff(now);
}

void Connection::end_backoff(Millis now) {
  if (state_ != State::backing_off) return;
  now_ = now;
  backoff_until_ = never;
  state_ = State::idle;
  if (!pipeline_.empty() && !held_) start_connecting();
}

void Connection::note_need(Millis now) noexcept {
  pipeline_.note_need();
  if (fall_back_at_ == never) fall_back_at_ = now + fall_back_ms;
}

// The requested actions are done, and the last reply and command are no longer in use.
void Connection::fall_back(Millis now) noexcept {
  settle();
  pipeline_.fall_back();
  if (now >= last_byte_ + fall_back_ms) parser_.fall_back();
  if (failures_.empty()) failures_.fit(0);
  fall_back_at_ = roomy() ? now + fall_back_ms : never;
}

void Connection::expire(Millis now) {
  bool unsent_tombstone = false;
  pipeline_.expire(now, [&](Slot& slot) {
    ++totals_.statistics.timeouts;
    const std::string within = " within " + std::to_string(slot.limit_ms) + " ms";
    if (state_ == State::ready) {
      fail(slot, Errc::timeout, at_endpoint("no reply" + within));
    } else {
      fail(slot, Errc::timeout,
           at_endpoint((slot.retried ? "the connection was lost, and no new one" + within
                                     : "not sent: no connection" + within) +
                       (last_reason_.empty() ? "" : "; last attempt: " + last_reason_)));
      unsent_tombstone = true;
    }
  });
  if (unsent_tombstone) {
    drop_unsent_tombstones();
    finish_drain_if_empty();
  }
  operation_deadline_ = pipeline_.earliest();
  // Silent while the oldest operation is overdue: the peer or the path is gone. The same if the
  // socket has not even taken all of its command.
  if (state_ == State::ready && !pipeline_.empty() && pipeline_.front().call == nullptr) {
    const Millis stalled = std::max(last_byte_, pipeline_.front().deadline) + config_.stall_limit;
    if (now >= stalled) {
      poison(Errc::connection_lost,
             at_endpoint("silent for " + std::to_string(now - last_byte_) + " ms"));
    } else {
      operation_deadline_ = std::min(operation_deadline_, stalled);
    }
  }
}

// Commands that were not sent and have no caller any more must not be sent later.
void Connection::drop_unsent_tombstones() {
  settle();
  (void)pipeline_.rebuild([&](Slot& slot, Pipeline::Sent) {
    if (slot.call == nullptr) forget(slot);
    return slot.call != nullptr;
  });
}

// --- Losses.

void Connection::fail(const Slot& slot, Errc code, std::string detail) {
  if (slot.call == nullptr) return;
  failures_.push_back({slot, Error{code, std::move(detail)}});
}

// No operation waits for a connection any more.
void Connection::fail_all(Errc code, const std::string& detail) {
  settle();
  first_error_.clear();
  leave_detour();
  loosened_ = false;
  OutBuffer old = pipeline_.rebuild([&](Slot& slot, Pipeline::Sent) {
    fail(slot, slot.retried && code != Errc::disconnected ? Errc::connection_lost : code,
         slot.retried ? detail + " (when connecting again after the connection was lost)" : detail);
    forget(slot);
    return false;
  });
  // Only an open socket may still be reading from it. If every failed attempt kept one, they would
  // pile up.
  if (state_ == State::ready) graveyard_.push_back(std::move(old));
  operation_deadline_ = never;
}

// Any doubt about which reply belongs to which operation closes the connection before another byte
// is read.
void Connection::poison(Errc code, std::string reason) {
  ++totals_.statistics.disconnects;
  if (unproven_) ++failed_attempts_;
  tell(PoolEvent::Kind::disconnected, reason);
  state_ = State::closing;
  action_ = Action::close;
  // A server that went away has disconnected all its clients, who must not all return at the same
  // moment.
  backoff_until_ = now_ + backoff();
  cut(code, reason);
  if (has_state()) lost_ = true;
  if (listening_ && has_state()) failures_.push_back({Slot{}, Error{code, reason}});
  finish_drain_if_empty();
}

// An operation of which some bytes were sent may have been executed: it is sent again only if that
// does no harm. A single command with missing bytes was not executed. Nothing is sent a third time,
// so a lost connection costs at most the bytes in flight.
void Connection::cut(Errc head_code, const std::string& reason) {
  settle();
  first_error_.clear();
  const bool head_unsent = detour_unsent_;
  leave_detour();
  loosened_ = no_transactions_ = false;
  bool head = true;
  const bool stateful = has_state();
  graveyard_.push_back(pipeline_.rebuild([&](Slot& slot, Pipeline::Sent sent) {
    const bool is_head = std::exchange(head, false);
    if (slot.call == nullptr) {
      forget(slot);
      return false;
    }
    const bool begun = sent != Pipeline::Sent::no && !(is_head && head_unsent);
    const bool blamed = is_head && head_code != Errc::connection_lost && begun;
    const bool harmless = slot.idempotent || (sent == Pipeline::Sent::partly && slot.replies == 1);
    if (!stateful && (!begun || (harmless && !slot.retried && !blamed))) {
      slot.answered = 0;
      if (begun) {
        slot.retried = true;
        ++totals_.statistics.retries;
      }
      return true;
    }
    fail(slot, blamed ? head_code : Errc::connection_lost, reason);
    forget(slot);
    return false;
  }));
  if (DJCACHE_PLANTED(order_lost_over_restart)) Planted::send_again_last(*this);
}

// --- The end.

void Connection::retire(Millis now, Millis deadline, const char* why) {
  now_ = std::max(now_, now);
  had_socket_ = had_socket_ || has_socket();
  retired_ = true;
  drain_deadline_ = std::min(drain_deadline_, deadline);
  if (deadline <= now) {
    drain_deadline_ = never;
    abort_now(why);
  } else {
    finish_drain_if_empty();
  }
}

void Connection::start_over(Millis now) noexcept {
  now_ = std::max(now_, now);
  if (retired_) {
    for (std::size_t i = 0; i < pipeline_.size(); ++i) aborted_ += pipeline_[i].call != nullptr;
  }
  // The socket may be reading from it, unless it is closing: then it reads what was cut earlier.
  OutBuffer old = pipeline_.take_all();
  if (state_ == State::ready) last_words_ = std::move(old);
  failures_.clear();
  first_error_.clear();
  leave_detour();
  loosened_ = no_transactions_ = false;
  to_release_ = 0;
  if (action_ == Action::connect) action_ = Action::none;
  renew_ = nullptr;
  lost_ = lost_ || (leased_ && has_socket());
  loss_untold_ = listening_;
  connect_deadline_ = operation_deadline_ = drain_deadline_ = never;
  const Millis retry = now_ + backoff();
  switch (state_) {
    case State::idle:
    case State::backing_off:
      if (retired_) state_ = State::closed;
      break;
    case State::connecting:
      state_ = retired_ ? State::closed : State::backing_off;
      backoff_until_ = retry;
      action_ = Action::close;
      break;
    case State::handshaking:
    case State::ready:
      ++totals_.statistics.disconnects;
      state_ = State::closing;
      backoff_until_ = retry;
      action_ = Action::close;
      break;
    case State::closing:
      action_ = Action::close;  // the driver may not have performed an earlier request
      break;
    case State::closed:
      break;
  }
}

bool Connection::awaited() {
  for (std::size_t i = 0; i < pipeline_.size(); ++i) {
    if (pipeline_[i].call != nullptr && !pipeline_[i].continuation) return true;
  }
  return false;
}

void Connection::abort_now(const char* why) {
  std::size_t aborted = 0;
  for (std::size_t i = 0; i < pipeline_.size(); ++i) {
    if (pipeline_[i].call != nullptr) ++aborted;
  }
  if (DJCACHE_PLANTED(double_completion_on_abort)) Planted::complete_twice(*this);
  fail_all(Errc::disconnected, at_endpoint(std::string("ended by ") + why));
  aborted_ += aborted;
  finish_drain_if_empty();
}

// Retired or to be renewed, with nothing pending: close.
void Connection::finish_drain_if_empty() {
  if (!renew_ && !retired_) return;
  // Unsent operations of a draining connection are sent over a new one, too.
  const bool drained = retired_ && pipeline_.empty();
  if (renew_ && !drained && state_ == State::ready && pipeline_.in_flight() == 0 &&
      !pipeline_.partly_sent()) {
    const char* const why = std::exchange(renew_, nullptr);
    poison(Errc::connection_lost, at_endpoint(why));
    return;
  }
  if (!drained) return;
  drain_deadline_ = connect_deadline_ = operation_deadline_ = never;
  switch (state_) {
    case State::idle:
    case State::backing_off:
      state_ = State::closed;
      break;
    case State::connecting:
      state_ = State::closed;  // the attempt is given up
      action_ = Action::close;
      break;
    case State::ready:
      ++totals_.statistics.disconnects;
      tell(PoolEvent::Kind::disconnected, "disconnect");
      [[fallthrough]];
    case State::handshaking:
      state_ = State::closing;
      action_ = Action::close;
      break;
    case State::closing:
    case State::closed:
      break;
  }
}

}  // namespace djcache::link
