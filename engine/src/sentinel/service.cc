#include "sentinel/service.h"

#include <algorithm>
#include <utility>

#include "planted.h"

namespace djcache::sentinel {

namespace {

std::string to_text(const Address& address) {
  const bool brackets = address.host.find(':') != std::string::npos;
  return (brackets ? '[' + address.host + ']' : address.host) + ':' + std::to_string(address.port);
}

bool contains(const std::vector<Address>& addresses, const Address& wanted) {
  return std::find(addresses.begin(), addresses.end(), wanted) != addresses.end();
}

}  // namespace

Service::Service(std::string name, std::vector<Address> sentinels, Surroundings surroundings)
    : name_(std::move(name)),
      sentinels_(std::move(sentinels)),
      around_(std::move(surroundings)),
      locators_{Locator(*this, Role::primary), Locator(*this, Role::replica)} {}

void Service::Locator::locate(Asker& asker) {
  askers.push_back(&asker);
  service.ask(role);
  if (role == Role::primary) service.search(service.around_.now());
}

void Service::Locator::forget(Asker& asker) { std::erase(askers, &asker); }

// --- Asking.

void Service::ask(Role role) {
  Locator& locator = of(role);
  if (locator.asking) return;
  locator.order = sentinels_;
  locator.next = 0;
  locator.words.clear();
  ask_next(role);
}

void Service::ask_next(Role role) {
  Locator& locator = of(role);
  if (locator.next == locator.order.size()) return give_up(locator);
  Client client = around_.client(locator.order[locator.next]);
  const char* const what = role == Role::primary ? "GET-MASTER-ADDR-BY-NAME" : "REPLICAS";
  client.command(
      {"SENTINEL", what, name_}, {.limit = std::chrono::milliseconds(answer_ms)},
      [self = weak_from_this(), role, question = ++locator.question](Result<Reply> reply) {
        if (const auto alive = self.lock()) alive->answered(role, question, reply);
      });
  locator.asking = true;
}

void Service::answered(Role role, std::uint64_t question, const Result<Reply>& reply) {
  Locator& locator = of(role);
  if (!locator.asking || question != locator.question) return;
  locator.asking = false;  // first: memory may run out in what follows
  std::optional<Address> address;
  if (reply.ok() && role == Role::primary) address = primary_in(*reply);
  if (reply.ok() && role == Role::replica) {
    std::vector<Address> replicas = replicas_in(*reply);
    check_replicas(replicas);
    if (!replicas.empty()) {
      const double place = around_.random() * static_cast<double>(replicas.size());
      address = std::move(replicas[std::min(static_cast<std::size_t>(place), replicas.size() - 1)]);
    } else if (reply->type == Reply::Type::array) {
      return read_from_primary();
    }
  }
  if (!address) {
    note_refusal(locator, reply);
    ++locator.next;
    return ask_next(role);
  }
  ask_first(std::find(sentinels_.begin(), sentinels_.end(), locator.order[locator.next]));
  found(role, *std::move(address));
}

void Service::note_refusal(Locator& locator, const Result<Reply>& reply) const {
  const std::string sentinel = to_text(locator.order[locator.next]);
  if (!locator.words.empty()) locator.words += "; ";
  if (!reply.ok()) {
    const std::string& detail = reply.error().detail;
    locator.words += detail.starts_with(sentinel) ? detail : sentinel + ": " + detail;
  } else {
    locator.words += sentinel + ": knows no service '" + name_ + "'";
  }
}

// No replica can serve.
void Service::read_from_primary() {
  std::vector<net::Locator::Asker*>& from = of(Role::replica).askers;
  std::vector<net::Locator::Asker*>& to = of(Role::primary).askers;
  if (from.empty()) return;
  to.insert(to.end(), from.begin(), from.end());
  from.clear();
  ask(Role::primary);
}

void Service::found(Role role, Address address) {
  Locator& locator = of(role);
  if (role == Role::primary) {
    const bool has_moved = primary_ && *primary_ != address;
    primary_ = address;
    if (has_moved) {
      reading_from_.clear();
      search_until_ = 0;
      search_from_ = around_.now() + ask_again_ms;
      around_.moved(Role::primary);
    }
  } else if (!locator.askers.empty() && !contains(reading_from_, address)) {
    reading_from_.push_back(address);
  }
  watch();
  learn(sentinels_.front());
  tell(locator, address);  // last: it may run callbacks, which may end the engine
}

// A replica that can no longer serve is left.
void Service::check_replicas(const std::vector<Address>& able) {
  const bool all_serve = std::all_of(reading_from_.begin(), reading_from_.end(),
                                     [&](const Address& each) { return contains(able, each); });
  if (all_serve) return;
  reading_from_.clear();
  around_.moved(Role::replica);
}

void Service::tell(Locator& locator, const Address& address) {
  while (!locator.askers.empty()) {
    net::Locator::Asker* const asker = locator.askers.back();
    locator.askers.pop_back();
    asker->located(address.host, address.port);
  }
}

void Service::give_up(Locator& locator) {
  const std::string reason =
      "no Sentinel knows a primary of '" + name_ + "' (" + locator.words + ")";
  while (!locator.askers.empty()) {
    net::Locator::Asker* const asker = locator.askers.back();
    locator.askers.pop_back();
    asker->not_located(reason);
  }
}

// --- Other Sentinels.

void Service::learn(const Address& from) {
  const std::uint64_t now = around_.now();
  if (now < learn_at_) return;
  learn_at_ = now + ask_again_ms / 2;
  around_.client(from).command({"SENTINEL", "SENTINELS", name_},
                               {.limit = std::chrono::milliseconds(answer_ms)},
                               [self = weak_from_this()](Result<Reply> reply) {
                                 const auto alive = self.lock();
                                 if (alive && reply.ok()) alive->add(sentinels_in(*reply));
                               });
}

void Service::add(const std::vector<Address>& sentinels) {
  for (const Address& each : sentinels) {
    if (learned_ == learned_max) return;
    if (contains(sentinels_, each)) continue;
    sentinels_.push_back(each);
    ++learned_;
  }
}

void Service::ask_first(std::vector<Address>::iterator sentinel) {
  if (sentinel != sentinels_.end()) std::rotate(sentinels_.begin(), sentinel, sentinel + 1);
}

// --- Searching.

// A connection to the primary was lost and is to be made again. Sentinels may take a while to agree
// on the next primary, and the last that knew may be the last to hear of it, so they are asked in
// turn. Not right after a switch, when all connections are made again.
void Service::search(std::uint64_t now) {
  if (!primary_ || now < search_from_) return;
  search_until_ = now + search_ms;
  due_ = std::min(due_, now + search_every_ms);
}

void Service::expect_next(std::uint64_t now) {
  due_ = now + (now < search_until_ ? search_every_ms : ask_again_ms);
}

// --- Listening.

void Service::watch() {
  expect_next(around_.now());
  std::erase_if(watchers_, [](const Watcher& each) { return each.subscriber.ended(); });
  for (std::size_t i = 0; i < sentinels_.size() && watchers_.size() < watched_max; ++i) {
    if (is_watched(sentinels_[i])) continue;
    watchers_.reserve(watched_max);
    watchers_.push_back({sentinels_[i], listen_to(sentinels_[i])});
  }
}

Subscriber Service::listen_to(const Address& sentinel) {
  const auto hear = [self = weak_from_this(), sentinel](const Message& message) {
    if (const auto alive = self.lock()) alive->hear(message.payload, sentinel);
  };
  // What it said before it was listened to was missed, after a loss as well.
  const auto ask_again = [self = weak_from_this()](const SubscriberEvent& event) {
    if (event.kind != SubscriberEvent::Kind::subscribed) return;
    if (const auto alive = self.lock()) alive->ask(Role::primary);
  };
  return around_.client(sentinel).subscribe({.channels = {"+switch-master"},
                                             .on_message = hear,
                                             .on_event = ask_again,
                                             .keep_loop_running = false});
}

// A hint, which may be outdated: the answer to the question counts. The Sentinel that published it
// is asked first, and anew if another is being asked, which may not have heard of the switch.
void Service::hear(std::string_view message, const Address& from) {
  if (!speaks_of(message, name_)) return;
  if (DJCACHE_PLANTED(push_trusted_without_asking)) {
    if (auto named = Planted::named_in(message)) return found(Role::primary, *std::move(named));
  }
  ask_first(std::find(sentinels_.begin(), sentinels_.end(), from));
  of(Role::primary).asking = false;
  ask(Role::primary);
}

bool Service::is_watched(const Address& sentinel) const {
  return std::any_of(watchers_.begin(), watchers_.end(),
                     [&](const Watcher& each) { return each.sentinel == sentinel; });
}

// If there are Sentinels to listen to instead.
void Service::leave_silent_watchers() {
  if (sentinels_.size() <= watchers_.size()) return;
  std::erase_if(watchers_, [this](const Watcher& each) {
    if (each.subscriber.subscribed()) return false;
    const auto place = std::find(sentinels_.begin(), sentinels_.end(), each.sentinel);
    if (place != sentinels_.end()) std::rotate(place, place + 1, sentinels_.end());
    return true;
  });
}

void Service::on_tick(std::uint64_t now) {
  if (now < due_) return;
  expect_next(now);
  if (now < search_until_) {
    if (of(Role::primary).asking) return;
    std::rotate(sentinels_.begin(), sentinels_.begin() + 1, sentinels_.end());
    return ask(Role::primary);
  }
  leave_silent_watchers();
  ask(Role::primary);
  if (!reading_from_.empty()) ask(Role::replica);
}

void Service::rest() noexcept {
  due_ = UINT64_MAX;
  learn_at_ = 0;
  search_until_ = 0;
  watchers_.clear();
  reading_from_.clear();
  for (Locator& locator : locators_) {
    if (locator.askers.empty()) locator.asking = false;
  }
}

bool Service::awaited() const {
  return std::any_of(locators_.begin(), locators_.end(),
                     [](const Locator& each) { return !each.askers.empty(); });
}

}  // namespace djcache::sentinel
