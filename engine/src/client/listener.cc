#include "client/listener.h"

#include <algorithm>

namespace djcache {

namespace detail {

namespace {

Error disconnected(const link::Pool& pool) noexcept {
  try {
    return {Errc::disconnected, pool.config().connection.endpoint + ": ended by disconnect"};
  } catch (const std::bad_alloc&) {
    return {Errc::disconnected, "by disconnect"};  // short enough not to allocate
  }
}

// Errors after which another connection may succeed.
bool passes(Errc code) {
  switch (code) {
    case Errc::timeout:
    case Errc::connect_failed:
    case Errc::connection_lost:
    case Errc::protocol_error:
    case Errc::no_memory:
      return true;
    default:
      return false;
  }
}

}  // namespace

// Parked as long as the listener exists: a pending call keeps the loop running.
class Listener::Stay final : public Call {
 public:
  Stay(std::weak_ptr<Listener> of, Calls& calls, std::uint64_t every_ms, bool background)
      : of_(std::move(of)), calls_(calls), every_ms_(every_ms), background_(background) {
    if (background_) calls_.background(1);
  }
  ~Stay() override {
    if (background_) calls_.background(-1);
  }
  void park() { calls_.park(this, every_ms_); }
  void finish(const Outcome&) override {
    const std::shared_ptr<Listener> listener = of_.lock();
    if (listener != nullptr && !listener->ending_) {
      if (park_again()) return listener->check();
      listener->ending_ = true;
      listener->why_ended_ = no_memory();
    }
    release();
    if (listener != nullptr) listener->finished();
  }

 private:
  void give_up(const Error&) override {}  // it is parked whenever it is cancelled
  bool park_again() noexcept {
    try {
      park();
      return true;
    } catch (const std::bad_alloc&) {
      return false;
    }
  }

  std::weak_ptr<Listener> of_;
  Calls& calls_;
  std::uint64_t every_ms_;
  bool background_;
};

// The reply to one command of the listener.
class Listener::Confirmation final : public Call {
 public:
  explicit Confirmation(std::weak_ptr<Listener> of) : of_(std::move(of)) {}
  void finish(const Outcome& outcome) override {
    const std::shared_ptr<Listener> listener = of_.lock();
    release();
    if (listener != nullptr) listener->confirmed(outcome.error);
  }

 private:
  void give_up(const Error&) override {}

  std::weak_ptr<Listener> of_;
};

Listener::Listener(std::shared_ptr<Alias> alias, SubscriberOptions options, std::string place)
    : alias_(std::move(alias)),
      options_(std::move(options)),
      place_(std::move(place)),
      channels_(options_.channels.begin(), options_.channels.end()),
      patterns_(options_.patterns.begin(), options_.patterns.end()) {}

void Listener::start(link::Pool* pool, What what) {
  if (!cache::usable(*alias_)) {
    ended_ = true;
    return;
  }
  what_ = what;
  pool_ = pool;
  Calls& calls = *alias_->calls;
  const std::uint64_t every = cache::limit_of(*alias_, options_.check_every);
  Stay* const stay = calls.make<Stay>(weak_from_this(), calls, every, !options_.keep_loop_running);
  stay_ = stay->ticket();
  stay->park();
  if (alias_->broken) return end(*alias_->broken);
  if (pool_ == nullptr) return end(client::no_server(*alias_));
  connection_ = pool_->lease(*this);
  if (connection_ == nullptr) {
    return end({Errc::overloaded, pool_->config().connection.endpoint + ": " +
                                      std::to_string(pool_->leases()) +
                                      " connections are leased, the most that leases_max allows"});
  }
  connection_->listen(true);
  subscribe_to_all();
}

void Listener::stop() noexcept {
  ending_ = ended_ = true;
  subscribed_ = false;
  if (!cache::usable(*alias_)) return;
  let_go();
  Call* const stay = alias_->calls->find(stay_);
  if (stay != nullptr) alias_->calls->discard(stay);
}

void Listener::let_go() {
  if (connection_ != nullptr) pool_->give_back(*std::exchange(connection_, nullptr), false);
}

// --- Subscriptions.

void Listener::send(std::string_view bytes, std::size_t replies) {
  alias_->calls->issue(alias_->calls->make<Confirmation>(weak_from_this()), [&](Call* call) {
    client::send(*pool_, *connection_,
                 {.bytes = bytes,
                  .replies = static_cast<std::uint32_t>(replies),
                  .limit_ms = alias_->limit_ms},
                 call);
  });
  ++unconfirmed_;
}

void Listener::subscribe_to_all() {
  ask_again_ = false;
  const auto send_names = [this](const char* word, const std::set<std::string>& names) {
    if (names.empty()) return;
    std::vector<std::string_view> words{word};
    words.insert(words.end(), names.begin(), names.end());
    std::string bytes;
    client::append(bytes, words);
    send(bytes, names.size());
  };
  if (what_ == What::everything) {
    std::string bytes;
    client::append(bytes, {"MONITOR"});
    return send(bytes, 1);
  }
  send_names("SUBSCRIBE", channels_);
  send_names("PSUBSCRIBE", patterns_);
  if (unconfirmed_ == 0) ping();  // connects even without channels
}

void Listener::change(const char* word, const KeyList& names, bool patterns, bool wanted) {
  if (ended_ || what_ == What::everything || names.empty()) return;
  std::set<std::string>& all = patterns ? patterns_ : channels_;
  std::vector<std::string_view> words{word};
  for (std::size_t i = 0; i < names.size(); ++i) {
    wanted ? (void)all.emplace(names[i]) : (void)all.erase(std::string(names[i]));
    words.push_back(names[i]);
  }
  if (!working()) return;
  subscribed_ = false;  // false until this is confirmed, too
  std::string bytes;
  client::append(bytes, words);
  send(bytes, names.size());
}

void Listener::check() {
  if (!working() || unconfirmed_ > 0) return;
  if (!subscribed_) return subscribe_to_all();
  if (what_ == What::channels) ping();
}

void Listener::ping() {
  std::string bytes;
  client::append(bytes, {"PING"});
  send(bytes, 1);
}

// --- Replies and messages.

void Listener::confirmed(const Error* error) {
  if (ended_) return;
  if (unconfirmed_ > 0) --unconfirmed_;
  if (error != nullptr) {
    if (is_there(*error)) return ask_again(error->code == Errc::timeout);
    return passes(error->code) ? lost(*error) : end(*error);
  }
  if (unconfirmed_ > 0 || subscribed_) return;
  if (ask_again_) return subscribe_to_all();
  subscribed_ = true;
  told_lost_ = false;
  tell({SubscriberEvent::Kind::subscribed, std::nullopt});
}

// Late or not ready, but alive: if it stays silent the connection is abandoned.
bool Listener::is_there(const Error& error) const {
  return connection_ != nullptr && connection_->state() == link::Connection::State::ready &&
         (error.code == Errc::timeout || error.code == Errc::unavailable);
}

// A late confirmation counts as none. A server that refuses at once is asked again at the next
// check(), a slow one has used up its limit.
void Listener::ask_again(bool at_once) {
  if (subscribed_) return;  // an expected sign of life did not arrive
  ask_again_ = true;
  if (unconfirmed_ == 0 && at_once) subscribe_to_all();
}

void Listener::on_loss(const Error& error) {
  const auto alive = shared_from_this();
  lost(error);
}

// Reported once per loss; channels are subscribed to again once all pending commands have ended.
void Listener::lost(const Error& error) {
  if (ended_ || ending_) return;
  subscribed_ = false;
  ask_again_ = true;
  const bool tell_it = !std::exchange(told_lost_, true);
  if (unconfirmed_ == 0 && working()) subscribe_to_all();
  if (tell_it) tell({SubscriberEvent::Kind::lost, error});
}

void Listener::on_push(const resp::Reply& reply) {
  const auto alive = shared_from_this();
  if (ended_ || !options_.on_message) return;
  Message message;
  if (what_ == What::everything) {
    if (reply.type() != resp::Type::status) return;
    message.payload = reply.text();
  } else {
    Reply tree = client::to_tree(reply);
    if (tree.elements.size() < 3) return;
    message.payload = std::move(tree.elements.back().text);
    message.channel = std::move(tree.elements[tree.elements.size() - 2].text);
    if (tree.elements.size() > 3) message.pattern = std::move(tree.elements[1].text);
  }
  options_.on_message(message);
}

// --- The end.

void Listener::on_retired() noexcept { end(disconnected(*pool_)); }

// The user is told on the next turn.
void Listener::end(Error error) noexcept {
  if (std::exchange(ending_, true) || !cache::usable(*alias_)) return;
  why_ended_ = std::move(error);
  alias_->calls->cancel(stay_);
}

void Listener::finished() {
  if (std::exchange(ended_, true)) return;
  subscribed_ = false;
  let_go();
  tell({SubscriberEvent::Kind::ended, std::move(why_ended_)});
}

void Listener::tell(SubscriberEvent event) {
  const auto alive = shared_from_this();
  if (options_.on_event) options_.on_event(event);
}

}  // namespace detail

Subscriber& Subscriber::operator=(Subscriber&& other) noexcept {
  if (this != &other) {
    if (listener_ != nullptr) listener_->stop();
    listener_ = std::move(other.listener_);
  }
  return *this;
}

Subscriber::~Subscriber() {
  if (listener_ != nullptr) listener_->stop();
}

void Subscriber::subscribe(KeyList channels) {
  if (listener_ != nullptr) listener_->change("SUBSCRIBE", channels, false, true);
}
void Subscriber::unsubscribe(KeyList channels) {
  if (listener_ != nullptr) listener_->change("UNSUBSCRIBE", channels, false, false);
}
void Subscriber::psubscribe(KeyList patterns) {
  if (listener_ != nullptr) listener_->change("PSUBSCRIBE", patterns, true, true);
}
void Subscriber::punsubscribe(KeyList patterns) {
  if (listener_ != nullptr) listener_->change("PUNSUBSCRIBE", patterns, true, false);
}
bool Subscriber::subscribed() const { return listener_ != nullptr && listener_->subscribed(); }
bool Subscriber::ended() const { return listener_ == nullptr || listener_->ended(); }

}  // namespace djcache
