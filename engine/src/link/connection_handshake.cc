// A connection that is being established: attempts, the handshake, and refusals in it.
#include <algorithm>
#include <utility>

#include "link/connection.h"
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

}  // namespace

Connection::Connection(const ConnectionConfig& config, PoolTotals& totals, std::size_t index)
    : config_(config), totals_(totals), index_(index), parser_(config.caps) {
  using Kind = Step::Kind;
  add_auth(config.username, config.password);
  if (config.db != 0) {
    steps_.push_back({Kind::select, command({"SELECT", std::to_string(config.db)})});
  }
  if (config.primary && !DJCACHE_PLANTED(role_not_asked))
    steps_.push_back({Kind::role, command({"ROLE"})});
  // Always the last step: a server that requires a password, is full, or is not a redis says so
  // here, before operations are sent. Without a name, PING does the same.
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
    // not all connections of a pool at once
    renew_at_ = now_ + valid / 5 * 4 - random() % (valid / 10);
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
  if (roomy()) [[unlikely]]
    note_need(now);
  if (state_ == State::idle && !held_ && !pipeline_.empty()) start_connecting();
}

void Connection::start_connecting() {
  state_ = State::connecting;
  action_ = Action::connect;
  connect_deadline_ = now_ + config_.connect_limit;
  backoff_until_ = never;
}

void Connection::on_connected(Millis now) {
  if (state_ != State::connecting) return;  // given up meanwhile; its close has been requested
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

void Connection::on_connect_failed(Millis now, std::string_view reason, Errc code) {
  if (state_ != State::connecting) return;
  attempt_failed(now, code, at_endpoint(reason));
}

// An attempt failed: operations that waited for it are told at once; later ones wait for the next
// attempt.
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

// Full jitter: anywhere between zero and the bound.
Millis Connection::backoff() { return random() % (backoff_bound(failed_attempts_) + 1); }

void Connection::handshake_reply(const resp::Reply& reply) {
  const Step::Kind kind = steps_[step_].kind;
  const std::string_view text = reply.is_error() ? reply.text() : std::string_view();
  // A full server speaks first, perhaps after the first step was sent.
  if (step_sent_ < steps_[step_].bytes.size() || text.starts_with("ERR max number of clients")) {
    return attempt_failed(
        now_, Errc::connect_failed,
        at_endpoint("refused: " +
                    (reply.is_error() ? text::refusal(text) : "a reply before any command")));
  }
  if (kind == Step::Kind::role) return role_told(reply);
  if (reply.is_error()) {
    // The name is a courtesy: a server or ACL that refuses it is usable all the same, and so is one
    // whose ACL refuses PING. A server that does not know PING is not a redis.
    const bool tolerated = text.starts_with("NOPERM")
                               ? kind == Step::Kind::set_name || kind == Step::Kind::ping
                               : kind == Step::Kind::set_name && text.starts_with("ERR ");
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

// Sentinels may name a server that was the primary a moment ago.
void Connection::role_told(const resp::Reply& reply) {
  const bool told = reply.type() == resp::Type::array && reply.size() > 0 &&
                    reply.first().type() == resp::Type::string;
  if (told && reply.first().text() != "master") {
    return attempt_failed(now_, Errc::no_primary,
                          at_endpoint("the server that Sentinel names says that it is a replica"));
  }
  if (!told) {
    const std::string why = reply.is_error() ? text::refusal(reply.text()) : "an odd answer";
    tell(PoolEvent::Kind::fell_back,
         "ROLE refused: " + why + "; whether the server is the primary is not known");
  }
  step_sent_ = 0;
  if (++step_ == steps_.size()) become_ready();
}

void Connection::handshake_refused(Step::Kind kind, std::string_view text) {
  const Errc code = text::says_unavailable(text)                             ? Errc::unavailable
                    : kind == Step::Kind::auth || text.starts_with("NOAUTH") ? Errc::auth_failed
                                                                             : Errc::connect_failed;
  attempt_failed(now_, code, at_endpoint(name_of(kind) + " refused: " + text::refusal(text)));
}

// The step's name in texts.
std::string Connection::name_of(Step::Kind kind) const {
  switch (kind) {
    case Step::Kind::auth:
      return "AUTH";
    case Step::Kind::select:
      return "SELECT " + std::to_string(config_.db);
    case Step::Kind::role:
      return "ROLE";
    case Step::Kind::set_name:
      return "CLIENT SETNAME";
    case Step::Kind::ping:
      break;
  }
  return "PING";
}

// Peers of other kinds close the connection instead of answering.
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
  if (config_.unverified && !std::exchange(totals_.told_unverified, true)) {
    tell(PoolEvent::Kind::unverified, "the server's certificate is not verified (ssl_cert_reqs)");
  }
  finish_drain_if_empty();
}

}  // namespace djcache::link
