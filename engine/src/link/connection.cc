#include "link/connection.h"

#include <algorithm>
#include <utility>

#include "planted.h"
#include "resp/encoder.h"
#include "text/foreign.h"

namespace djcache::link {

namespace {

std::string command(std::initializer_list<std::string_view> arguments) {
  std::size_t payload = 0;
  for (std::string_view argument : arguments) payload += argument.size();
  std::string bytes(resp::command_bound(arguments.size(), payload), '\0');
  resp::Encoder encoder(bytes.data());
  encoder.array(arguments.size());
  for (std::string_view argument : arguments) encoder.bulk(argument);
  bytes.resize(static_cast<std::size_t>(encoder.end() - bytes.data()));
  return bytes;
}

bool starts_with(std::string_view text, std::string_view word) { return text.starts_with(word); }

// What else may be listening there, by the byte over which the parser stumbled.
const char* other_protocol(std::string_view parser_error) {
  if (parser_error.find("got '\\x15'") != parser_error.npos) return "; this port speaks TLS";
  if (parser_error.find("got 'H'") != parser_error.npos) return "; is it an HTTP server?";
  return "";
}

}  // namespace

Connection::Connection(const ConnectionConfig& config, PoolTotals& totals, std::size_t index)
    : config_(config), totals_(totals), index_(index), parser_(config.caps) {
  using Kind = Step::Kind;
  add_auth(config.username, config.password);
  if (config.db != 0) {
    steps_.push_back({Kind::select, command({"SELECT", std::to_string(config.db)})});
  }
  // Always the last: a server that wants a password, is full, or is none says so here, before an
  // operation is at stake. Without a name, PING does as well.
  if (config.client_name.empty()) {
    steps_.push_back({Kind::ping, command({"PING"})});
  } else {
    steps_.push_back({Kind::set_name, command({"CLIENT", "SETNAME", config.client_name})});
  }
}

void Connection::add_auth(const std::string& username, const std::string& password) {
  if (username.empty() && password.empty()) return;
  steps_.insert(steps_.begin(),
                {Step::Kind::auth, username.empty() ? command({"AUTH", password})
                                                    : command({"AUTH", username, password})});
}

// False: there are none, and the attempt has failed.
bool Connection::ask_credentials() {
  renew_at_ = never;
  if (!config_.credentials) return true;
  Result<Credentials> asked = (*config_.credentials)(config_.endpoint);
  if (!asked.ok()) {
    attempt_failed(now_, Errc::auth_failed, at_endpoint("no credentials: " + asked.error().detail));
    return false;
  }
  std::erase_if(steps_, [](const Step& step) { return step.kind == Step::Kind::auth; });
  add_auth(asked->username, asked->password);
  if (asked->valid_for) {
    const Millis valid =
        static_cast<Millis>(std::max<std::int64_t>(asked->valid_for->count(), 1000));
    renew_at_ = now_ + valid / 5 * 4 - random() % (valid / 10);  // not all of a pool at once
  }
  totals_.credentials = *std::move(asked);
  return true;
}

std::string Connection::at_endpoint(std::string_view text) const {
  return config_.endpoint + ": " + std::string(text);
}

void Connection::tell(PoolEvent::Kind kind, std::string reason, Millis delay) {
  totals_.events.push_back({kind, config_.endpoint, index_, std::move(reason), failed_attempts_,
                            std::chrono::milliseconds(delay)});
}

// --- Getting a connection.

void Connection::on_turn(Millis now) {
  now_ = now;
  operation_deadline_ = std::min(operation_deadline_, pipeline_.stamp(now));
  if (state_ == State::idle && !held_ && !pipeline_.empty()) start_connecting();
}

void Connection::start_connecting() {
  state_ = State::connecting;
  action_ = Action::connect;
  connect_deadline_ = now_ + config_.connect_limit;
  backoff_until_ = never;
}

void Connection::on_connected(Millis now) {
  if (state_ != State::connecting) return;  // given up meanwhile; its close is on the way
  now_ = now;
  if (!DJCACHE_PLANTED(reply_after_reconnect)) parser_.reset();
  graveyard_.clear();
  last_words_.clear();
  renew_ = nullptr;
  unproven_ = true;
  forget_the_server();
  had_socket_ = had_socket_ || retired_;
  last_byte_ = now;
  state_ = State::handshaking;
  step_ = step_sent_ = 0;
  (void)ask_credentials();
}

void Connection::on_connect_failed(Millis now, std::string_view reason) {
  if (state_ != State::connecting) return;
  attempt_failed(now, Errc::connect_failed, at_endpoint(reason));
}

// An attempt failed: whoever waited for it is told at once; who comes later waits for the next one.
void Connection::attempt_failed(Millis now, Errc code, std::string detail) {
  now_ = now;
  connect_deadline_ = never;
  ++failed_attempts_;
  ++totals_.statistics.connect_failures;
  last_reason_ = detail;
  const bool socket = has_socket();
  const Millis delay = backoff();
  backoff_until_ = now + delay;
  tell(PoolEvent::Kind::retrying, detail, delay);
  fail_all(code, detail);
  if (socket) {
    state_ = State::closing;
    action_ = Action::close;
  } else {
    state_ = retired_ ? State::closed : State::backing_off;
  }
  if (retired_) drain_deadline_ = never;
}

std::uint64_t Connection::random() {
  std::uint64_t& x = totals_.random;
  x ^= x << 13;
  x ^= x >> 7;
  x ^= x << 17;
  return x;
}

// Doubles with each failure.
Millis Connection::backoff_bound(unsigned failures) const {
  const unsigned doublings = std::min(failures > 0 ? failures - 1 : 0, 20u);
  return std::min(config_.backoff_max, config_.backoff_min << doublings);
}

// Full jitter: anywhere between nothing and the bound.
Millis Connection::backoff() { return random() % (backoff_bound(failed_attempts_) + 1); }

void Connection::handshake_reply(const resp::Reply& reply) {
  const Step::Kind kind = steps_[step_].kind;
  const std::string_view text = reply.is_error() ? reply.text() : std::string_view();
  // A full server speaks first, and may be heard after our first step has left.
  if (step_sent_ < steps_[step_].bytes.size() || starts_with(text, "ERR max number of clients")) {
    return attempt_failed(
        now_, Errc::connect_failed,
        at_endpoint("refused: " +
                    (reply.is_error() ? text::refusal(text) : "a reply before any command")));
  }
  if (reply.is_error()) {
    // The name is a courtesy: a server or an ACL that refuses it is usable all the same. So is one whose
    // ACL refuses PING; a server that knows no PING is none.
    const bool tolerated = starts_with(text, "NOPERM")
                               ? kind == Step::Kind::set_name || kind == Step::Kind::ping
                               : kind == Step::Kind::set_name && starts_with(text, "ERR ");
    if (!tolerated) return handshake_refused(kind, text);
    if (kind == Step::Kind::set_name) {
      tell(PoolEvent::Kind::fell_back,
           "CLIENT SETNAME refused: " + text::refusal(text) + "; the connection has no name");
    }
  } else if (reply.type() != resp::Type::status) {
    return attempt_failed(now_, Errc::connect_failed,
                          at_endpoint("the peer does not answer as a redis server does"));
  }
  step_sent_ = 0;
  if (++step_ == steps_.size()) become_ready();
}

void Connection::handshake_refused(Step::Kind kind, std::string_view text) {
  const Errc code = text::says_unavailable(text) ? Errc::unavailable
                    : kind == Step::Kind::auth || starts_with(text, "NOAUTH")
                        ? Errc::auth_failed
                        : Errc::connect_failed;
  attempt_failed(now_, code, at_endpoint(name_of(kind) + " refused: " + text::refusal(text)));
}

// What the step is called in texts.
std::string Connection::name_of(Step::Kind kind) const {
  switch (kind) {
    case Step::Kind::auth:
      return "AUTH";
    case Step::Kind::select:
      return "SELECT " + std::to_string(config_.db);
    case Step::Kind::set_name:
      return "CLIENT SETNAME";
    case Step::Kind::ping:
      break;
  }
  return "PING";
}

// Peers of other kinds end the connection instead of answering.
std::string Connection::ended_unanswered(std::string_view reason) const {
  const Step::Kind kind = steps_[step_].kind;
  std::string text(reason);
  if (step_sent_ == 0) return text;
  text += ", instead of an answer to " + name_of(kind);
  if (step_ == 0) text += "; does this port speak TLS?";
  if (kind == Step::Kind::set_name) {
    text += " A proxy may not know CLIENT: client_name \"\" sends none";
  }
  return text;
}

void Connection::become_ready() {
  state_ = State::ready;
  connect_deadline_ = never;
  last_reason_.clear();
  ++totals_.statistics.connects;
  tell(PoolEvent::Kind::connected, {});
  finish_drain_if_empty();
}

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

// What may be sent of what is unsent. A connection that is to be renewed ends what it has begun.
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

void Connection::on_lost(std::string_view reason) {
  if (DJCACHE_PLANTED(callback_before_poison)) {
    if (Planted::postpone_poison(*this, reason)) return;
  }
  if (state_ == State::handshaking) {
    attempt_failed(now_, Errc::connect_failed, at_endpoint(ended_unanswered(reason)));
  } else if (state_ == State::ready) {
    poison(Errc::connection_lost, at_endpoint(reason));
  }
}

void Connection::on_closed(Millis now) {
  if (state_ != State::closing) return;  // an attempt that was given up
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

// What the last completion pointed at is no longer needed.
inline void Connection::settle() {
  if (to_release_ == 0) return;
  pipeline_.release(std::exchange(to_release_, 0));
}

inline void Connection::forget(const Slot& slot) {
  --totals_.operations;
  totals_.bytes -= slot.bytes;
}

// Pairs a reply with the oldest slot. True: `out` is to be handed over. What is rare stands in functions
// of its own, so that this one stays short.
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

// The oldest operation has its answer.
[[gnu::always_inline]] inline bool Connection::conclude(const resp::Reply& reply, Completion& out) {
  const Slot& front = pipeline_.front();
  out.call = front.call;
  out.shape = front.shape;
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

// --- What the server refuses.

// Of a script while it is not known whether the server takes any, and of what stands in for it.
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

// False: nobody waits for it any more.
bool Connection::offer_detour(Completion& out) {
  const Slot& front = pipeline_.front();
  if (front.call == nullptr) return false;
  out = Completion{};
  out.call = front.call;
  out.shape = front.shape;
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

// A script that nobody waits for, and that was not sent.
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
  barriers_ = true;  // perhaps: sendable() looks
}

// On a connection that listens. True: `out` is for the tenant. A refused SUBSCRIBE of several channels
// has one error instead of several replies.
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

// The server answers the first commands of an operation while the socket has yet to take its last: all of its
// replies but the last may come.
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

// One of several replies of an operation, and not the last.
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

// A primary that became a replica: connect anew, since its name may lead elsewhere now. While it leads to the
// same place, this one goes on; the pauses between attempts grow fourfold.
void Connection::note_read_only(const resp::Reply& reply) {
  if (!starts_with(reply.text(), "READONLY") || renew_ || now_ < renew_after_) return;
  renew_ = "the server is read-only now";
  if (now_ > renew_after_ + 2 * config_.backoff_max) renewals_ = 0;
  const Millis bound = backoff_bound(1 + 2 * ++renewals_);
  renew_after_ = now_ + bound / 2 + random() % (bound / 2 + 1);
}

bool Connection::answer_specially(const resp::Reply& reply, Completion& out) {
  if (std::exchange(loosened_, false) && first_error_.empty() && reply.is_error()) {
    // EXEC without MULTI, and every command between them has worked.
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
    // The answer to EXEC is only "aborted"; what was refused before says why.
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
                       failure.slot.shape,
                       failure.slot.limit_ms,
                       nullptr,
                       &last_failure_,
                       {},
                       {}};
      return true;
    }
    if (std::exchange(loss_untold_, false)) [[unlikely]] {
      last_failure_ = Error{Errc::no_memory, "no memory left"};
      out = Completion{nullptr, 0, 0, nullptr, &last_failure_, {}, {}};
      return true;
    }
    if (state_ != State::handshaking && state_ != State::ready) return false;
    switch (parser_.next(last_reply_)) {
      case resp::Parser::Status::need_more:
        if (DJCACHE_PLANTED(callback_before_poison)) {
          if (Planted::poison_now(*this)) break;
        }
        finish_drain_if_empty();  // fails nobody: nothing is in flight then
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

void Connection::fail(const Slot& slot, Errc code, std::string detail) {
  if (slot.call == nullptr) return;
  failures_.push_back({slot, Error{code, std::move(detail)}});
}

// Nobody waits for a connection any more.
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
  // Only a socket in use may still read from it. Kept at every failed attempt, these would pile up.
  if (state_ == State::ready) graveyard_.push_back(std::move(old));
  operation_deadline_ = never;
}

// Any doubt about what belongs to whom ends the connection before another byte is read.
void Connection::poison(Errc code, std::string reason) {
  ++totals_.statistics.disconnects;
  if (unproven_) ++failed_attempts_;
  tell(PoolEvent::Kind::disconnected, reason);
  state_ = State::closing;
  action_ = Action::close;
  // A server that went away took all its clients along: they must not all be back in the same
  // instant.
  backoff_until_ = now_ + backoff();
  cut(code, reason);
  if (has_state()) lost_ = true;
  if (listening_ && has_state()) failures_.push_back({Slot{}, Error{code, reason}});
  finish_drain_if_empty();
}

// An operation whose commands were sent, wholly or in part, may have been executed: it is sent again only if that
// does no harm. One command of which bytes are missing was not executed. Neither is sent a third time, so that
// a lost connection costs at most the bytes in flight.
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

// --- Time.

Millis Connection::next_tick() const {
  Millis next = std::min({operation_deadline_, connect_deadline_, drain_deadline_});
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
    // A socket that is still being made is given up, too.
    if (state_ == State::backing_off || state_ == State::closed) action_ = Action::close;
  }
  if (operation_deadline_ <= now) expire(now);
  if (state_ == State::ready && renew_at_ <= now) {
    renew_at_ = has_state() ? now + 1000 : never;  // its tenant may leave
    if (!has_state()) renew_ = "its credentials end";
    finish_drain_if_empty();
  }
  if (state_ == State::backing_off && backoff_until_ <= now) {
    backoff_until_ = never;
    state_ = State::idle;
    if (!pipeline_.empty() && !held_) start_connecting();
  }
}

void Connection::expire(Millis now) {
  bool unsent_tombstone = false;
  for (std::size_t i = 0; i < pipeline_.size(); ++i) {
    Slot& slot = pipeline_[i];
    if (slot.call == nullptr || slot.deadline > now) continue;
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
    slot.call = nullptr;
  }
  if (unsent_tombstone) {
    drop_unsent_tombstones();
    finish_drain_if_empty();
  }
  operation_deadline_ = pipeline_.earliest();
  // Silence while the oldest operation is overdue: the peer or the path is gone. So they are when
  // the socket has not even taken all of its command.
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

// What was never sent and has no caller any more must not be sent after all.
void Connection::drop_unsent_tombstones() {
  settle();
  (void)pipeline_.rebuild([&](Slot& slot, Pipeline::Sent) {
    if (slot.call == nullptr) forget(slot);
    return slot.call != nullptr;
  });
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
  // The socket may be reading from it, unless it is closing: then what it reads was cut before.
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
      action_ = Action::close;  // whoever was to see to it may not have come to it
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

// Retired or to be renewed, with nothing left to wait for: close.
void Connection::finish_drain_if_empty() {
  if (!renew_ && !retired_) return;
  // What a draining connection has not yet sent goes over a new one, too.
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
