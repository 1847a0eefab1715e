#include "link/connection.h"

#include <utility>

#include "planted.h"
#include "text/foreign.h"

namespace djcache::link {

namespace {

// Which other protocol the peer may speak, by the byte that the parser refused.
const char* other_protocol(std::string_view parser_error) {
  if (parser_error.find("got '\\x15'") != parser_error.npos) return "; this port speaks TLS";
  if (parser_error.find("got 'H'") != parser_error.npos) return "; is it an HTTP server?";
  return "";
}

}  // namespace

// --- Bytes.

std::size_t Connection::pieces(OutBuffer::Piece* pieces, std::size_t max) {
  if (state_ == State::ready) {
    if (detour_ != nullptr) [[unlikely]] {
      if (max == 0 || detour_sent_ == detour_commands_.size()) return 0;
      pieces[0] = {detour_commands_.data() + detour_sent_, detour_commands_.size() - detour_sent_};
      return 1;
    }
    const std::size_t count = pipeline_.out().unsent_pieces(pieces, max);
    if (!renew_ && !barriers_) [[likely]]
      return count;
    std::size_t left = sendable();
    std::size_t used = 0;
    for (; used < count && left > 0; ++used) {
      pieces[used].size = std::min(pieces[used].size, left);
      left -= pieces[used].size;
    }
    return used;
  }
  if (state_ != State::handshaking || max == 0) return 0;
  const std::string& bytes = steps_[step_].bytes;
  if (step_sent_ == bytes.size()) return 0;
  pieces[0] = {bytes.data() + step_sent_, bytes.size() - step_sent_};
  return 1;
}

// How many unsent bytes may be sent. A connection that is to be renewed only completes what it has
// begun.
std::size_t Connection::sendable() {
  barriers_ = barriers_ && pipeline_.has_barrier();
  if (renew_) return pipeline_.rest_of_partly_sent();
  if (DJCACHE_PLANTED(barrier_lets_one_through)) return pipeline_.out().unsent();
  return barriers_ ? pipeline_.sendable() : pipeline_.out().unsent();
}

void Connection::wrote(std::size_t bytes) {
  totals_.statistics.bytes_sent += bytes;
  if (state_ == State::handshaking) {
    step_sent_ += bytes;
  } else if (state_ == State::ready) {
    if (detour_ != nullptr) [[unlikely]] {
      detour_sent_ += bytes;
      detour_unsent_ = false;
    } else {
      pipeline_.sent(bytes);
    }
    spoken_ = true;
  }
}

void Connection::on_bytes(Millis now, std::string_view bytes) {
  now_ = last_byte_ = now;
  totals_.statistics.bytes_received += bytes.size();
  parser_.feed(bytes);
}

void Connection::on_lost(std::string_view reason, Errc code) {
  if (DJCACHE_PLANTED(callback_before_poison)) {
    if (Planted::postpone_poison(*this, reason)) return;
  }
  if (state_ == State::handshaking) {
    // With TLS a server may complete the handshake and refuse the client's certificate afterwards.
    const bool tls = code == Errc::tls_failed;
    attempt_failed(now_, tls ? code : Errc::connect_failed,
                   at_endpoint(tls ? std::string(reason) : ended_unanswered(reason)));
  } else if (state_ == State::ready) {
    poison(Errc::connection_lost, at_endpoint(reason));
  }
}

void Connection::on_closed(Millis now) {
  if (state_ != State::closing) return;  // the attempt was given up
  now_ = now;
  graveyard_.clear();
  last_words_.clear();
  if (!DJCACHE_PLANTED(reply_after_reconnect)) parser_.reset();
  if (retired_ && pipeline_.empty()) {
    state_ = State::closed;
  } else if (backoff_until_ != never && backoff_until_ > now) {
    state_ = State::backing_off;
  } else {
    state_ = State::idle;
    if (!pipeline_.empty() && !held_) start_connecting();
  }
}

Connection::Action Connection::take_action() { return std::exchange(action_, Action::none); }

// --- Completions.

// Matches a reply with the oldest slot. True: `out` is to be handed over. Rare cases have functions
// of their own, so that this one stays short.
[[gnu::always_inline]] inline bool Connection::answer(const resp::Reply& reply, Completion& out) {
  if (DJCACHE_PLANTED(slot_removed_on_cancel) || DJCACHE_PLANTED(no_tombstone_on_timeout)) {
    Planted::give_places_away(*this);
  }
  if (pipeline_.in_flight() == 0) [[unlikely]] {
    return answer_early(reply);
  }
  if (barriers_) [[unlikely]] {
    const Aside aside = answer_script(reply, out);
    if (aside != Aside::no) return aside == Aside::handed_over;
  }
  Slot& front = pipeline_.front();
  if (front.replies > 1 && ++front.answered < front.replies) return note_part(reply);
  return conclude(reply, out);
}

// Answers the oldest operation.
[[gnu::always_inline]] inline bool Connection::conclude(const resp::Reply& reply, Completion& out) {
  const Slot& front = pipeline_.front();
  out.call = front.call;
  out.handler = front.handler;
  out.limit_ms = front.limit_ms;
  out.reply = &reply;
  out.error = nullptr;
  to_release_ = front.bytes;
  out.command = pipeline_.out().front(front.bytes);
  out.refused = {};
  forget(front);
  pipeline_.pop();
  if (out.call == nullptr || retired_ || unproven_ || reply.is_error() || loosened_ ||
      !first_error_.empty()) [[unlikely]] {
    return answer_specially(reply, out);
  }
  ++totals_.statistics.replies;
  return true;
}

// --- Refusals of the server.

// A reply to a script while it is unknown whether the server accepts any, or to a command that
// replaces one.
[[gnu::cold]] Connection::Aside Connection::answer_script(const resp::Reply& reply,
                                                          Completion& out) {
  using Scripts = Pipeline::Scripts;
  const auto done = [](bool handed_over) {
    return handed_over ? Aside::handed_over : Aside::nothing_yet;
  };
  if (detour_ != nullptr) {
    const bool last_is_due = detour_sent_ == detour_commands_.size();
    if (detour_sent_ == 0 || (detour_replies_ == 1 && !last_is_due))
      return done(unsolicited(reply));
    if (--detour_replies_ == 0) return done(take_step({&reply, detour_error_}, out));
    if (reply.is_error() && detour_error_.empty()) detour_error_ = reply.text();
    return Aside::nothing_yet;
  }
  if (!pipeline_.front().script || pipeline_.scripts() == Scripts::work) return Aside::no;
  const std::string_view error = reply.is_error() ? reply.text() : std::string_view();
  if (!text::refuses(error, "EVAL")) {
    if (!text::says_unavailable(error)) pipeline_.scripts(Scripts::work);
    return Aside::no;
  }
  scripts_refused_ = error;
  pipeline_.scripts(Scripts::refused);
  tell(PoolEvent::Kind::fell_back,
       "EVAL refused: " + text::refusal(error) + "; scripts are replaced by their commands");
  return offer_detour(out) ? Aside::handed_over : Aside::no;
}

// False: its caller has given up, so the detour does not begin.
bool Connection::offer_detour(Completion& out) {
  const Slot& front = pipeline_.front();
  if (front.call == nullptr) return false;
  out = Completion{};
  out.call = front.call;
  out.handler = front.handler;
  out.limit_ms = front.limit_ms;
  out.command = pipeline_.out().front(front.bytes);
  out.refused = scripts_refused_;
  return true;
}

void Connection::go_around(std::unique_ptr<Detour> detour) {
  detour_ = std::move(detour);
  Completion nothing;
  (void)take_step({}, nothing);
}

bool Connection::take_step(const Detour::Heard& heard, Completion& out) {
  using Kind = Detour::Step::Kind;
  std::string commands;
  const Detour::Step step = detour_->next(heard, commands);
  if (step.kind == Kind::send) {
    detour_commands_ = std::move(commands);
    detour_sent_ = 0;
    detour_replies_ = static_cast<std::uint32_t>(step.number);
    detour_error_.clear();
    return false;
  }
  leave_detour();
  if (step.kind == Kind::reply) return conclude(*heard.last, out);
  if (step.kind == Kind::failed) first_error_ = std::move(commands);
  own_node_ = {step.kind == Kind::integer ? resp::Type::integer : resp::Type::nil, step.number, 0,
               0};
  own_reply_ = resp::Reply(&own_node_, nullptr);
  return conclude(own_reply_, out);
}

// Drops a script whose caller has given up and that was not sent.
void Connection::forget_front() {
  to_release_ = pipeline_.front().bytes;
  forget(pipeline_.front());
  pipeline_.pop();
  settle();
}

void Connection::leave_detour() {
  detour_.reset();
  detour_commands_ = {};
  detour_sent_ = detour_replies_ = 0;
  detour_unsent_ = false;
}

// Another socket may lead to another server.
void Connection::forget_the_server() {
  pipeline_.scripts(Pipeline::Scripts::untried);
  scripts_refused_.clear();
  no_transactions_ = false;
  barriers_ = true;  // perhaps: sendable() checks
}

// On a connection that listens. True: `out` is for the tenant. A refused SUBSCRIBE of several
// channels has one error instead of several replies.
[[gnu::cold]] bool Connection::hear(const resp::Reply& reply, Completion& out) {
  const auto is_message = [&] {
    if (reply.size() < 3 || reply.first().type() != resp::Type::string) return false;
    const std::string_view kind = reply.first().text();
    return kind == "message" || kind == "pmessage" || kind == "smessage";
  };
  if (pipeline_.in_flight() > 0 && !is_message()) {
    if (reply.is_error()) pipeline_.front().answered = pipeline_.front().replies - 1;
    return false;
  }
  out = Completion{};
  out.reply = &reply;
  return true;
}

// The server answers the first commands of an operation while the last bytes are still unsent: all
// its replies except the last one may arrive.
bool Connection::answer_early(const resp::Reply& reply) {
  if (!pipeline_.partly_sent() || DJCACHE_PLANTED(part_is_unsolicited)) return unsolicited(reply);
  Slot& front = pipeline_.front();
  if (front.answered + 1 >= front.replies) return unsolicited(reply);
  ++front.answered;
  return note_part(reply);
}

bool Connection::unsolicited(const resp::Reply& reply) {
  ++totals_.statistics.protocol_errors;
  poison(Errc::protocol_error,
         at_endpoint("a reply nobody asked for" +
                     (reply.is_error() ? ": " + text::refusal(reply.text()) : "")));
  return false;
}

// One of several replies of an operation, but not the last.
bool Connection::note_part(const resp::Reply& reply) {
  const Slot& front = pipeline_.front();
  if (!reply.is_error()) {
    if (front.loose && reply.type() != resp::Type::status) [[unlikely]] {
      ++totals_.statistics.protocol_errors;
      poison(Errc::protocol_error, at_endpoint("a reply of an unexpected type"));
    }
    return false;
  }
  if (front.loose && front.answered == 1 && text::refuses(reply.text(), "MULTI")) {
    loosened_ = true;
    if (!std::exchange(no_transactions_, true)) {
      tell(PoolEvent::Kind::fell_back, "MULTI refused: " + text::refusal(reply.text()) +
                                           "; set_many sets one key after the other");
    }
    return false;
  }
  note_read_only(reply);
  if (first_error_.empty()) first_error_ = reply.text();
  return false;
}

// The primary has become a replica: connect anew, because the name may lead to another server.
// While it leads to the same one, this connection continues, and the pauses between attempts grow
// fourfold.
void Connection::note_read_only(const resp::Reply& reply) {
  if (!reply.text().starts_with("READONLY") || renew_ || now_ < renew_after_) return;
  renew_ = "the server is read-only now";
  if (now_ > renew_after_ + 2 * config_.backoff_max) renewals_ = 0;
  const Millis bound = backoff_bound(1 + 2 * ++renewals_);
  renew_after_ = now_ + bound / 2 + random() % (bound / 2 + 1);
}

bool Connection::answer_specially(const resp::Reply& reply, Completion& out) {
  if (std::exchange(loosened_, false) && first_error_.empty() && reply.is_error()) {
    // An EXEC without MULTI, and all its commands have succeeded.
    own_node_ = {resp::Type::array, 0, 0, 0};
    own_reply_ = resp::Reply(&own_node_, nullptr);
    out.reply = &own_reply_;
  } else if (reply.is_error()) {
    note_read_only(reply);
  } else if (first_error_.empty()) {
    unproven_ = false;
    failed_attempts_ = 0;
  }
  if (out.call == nullptr) {
    ++totals_.statistics.late_replies;
    first_error_.clear();
    return false;
  }
  ++totals_.statistics.replies;
  if (retired_) ++completed_draining_;
  if (!first_error_.empty()) {
    // The reply to EXEC only says "aborted"; an earlier refusal has the reason.
    last_failure_ = Error{Errc::server_error, std::exchange(first_error_, {})};
    out.reply = nullptr;
    out.error = &last_failure_;
  }
  return true;
}

bool Connection::next(Completion& out) {
  settle();
  while (true) {
    if (!failures_.empty()) {
      Failure failure = failures_.take_front();
      last_failure_ = std::move(failure.error);
      out = Completion{failure.slot.call,
                       failure.slot.handler,
                       failure.slot.limit_ms,
                       nullptr,
                       &last_failure_,
                       {},
                       {}};
      return true;
    }
    if (std::exchange(loss_untold_, false)) [[unlikely]] {
      last_failure_ = Error{Errc::no_memory, "no memory left"};
      out = Completion{nullptr, nullptr, 0, nullptr, &last_failure_, {}, {}};
      return true;
    }
    if (state_ != State::handshaking && state_ != State::ready) return false;
    switch (parser_.next(last_reply_)) {
      case resp::Parser::Status::need_more:
        if (DJCACHE_PLANTED(callback_before_poison)) {
          if (Planted::poison_now(*this)) break;
        }
        finish_drain_if_empty();  // aborts nothing: nothing is in flight then
        if (state_ == State::ready && pipeline_.detour_is_due() && !renew_) [[unlikely]] {
          pipeline_.sent(pipeline_.front().bytes);
          if (offer_detour(out)) return detour_unsent_ = true;
          forget_front();
          continue;
        }
        return false;
      case resp::Parser::Status::error:
        ++totals_.statistics.protocol_errors;
        if (state_ == State::handshaking) {
          attempt_failed(now_, Errc::connect_failed,
                         at_endpoint("the peer does not speak RESP: " + parser_.error() +
                                     other_protocol(parser_.error())));
        } else {
          poison(Errc::protocol_error, at_endpoint("not RESP: " + parser_.error()));
        }
        break;
      case resp::Parser::Status::reply:
        if (state_ == State::handshaking) {
          handshake_reply(last_reply_);
        } else if (listening_ && hear(last_reply_, out)) [[unlikely]] {
          return true;
        } else if (answer(last_reply_, out)) {
          return true;
        }
        settle();
        break;
    }
  }
}

}  // namespace djcache::link
