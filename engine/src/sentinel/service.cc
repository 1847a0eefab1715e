#include "sentinel/service.h"

#include <algorithm>
#include <utility>

namespace djcache::sentinel {

namespace {

std::string to_text(const Address& address) {
  const bool brackets = address.host.find(':') != std::string::npos;
  return (brackets ? '[' + address.host + ']' : address.host) + ':' + std::to_string(address.port);
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
  locator.asking = false;  // also when there is no memory to ask
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
  const std::string who = to_text(locator.order[locator.next]);
  std::optional<Address> address;
  if (reply.ok() && role == Role::primary) address = primary_in(*reply);
  if (reply.ok() && role == Role::replica) {
    const std::vector<Address> replicas = replicas_in(*reply);
    if (!replicas.empty()) {
      const double place = around_.random() * static_cast<double>(replicas.size());
      address = replicas[std::min(static_cast<std::size_t>(place), replicas.size() - 1)];
    }
  }
  if (address) {
    const auto knew = std::find(sentinels_.begin(), sentinels_.end(), locator.order[locator.next]);
    std::rotate(sentinels_.begin(), knew, knew + 1);
    return found(role, *address);
  }
  if (reply.ok() && role == Role::replica && reply->type == Reply::Type::array) {
    // It has none that can serve: then the primary serves reads, too.
    locator.asking = false;
    for (net::Locator::Asker* asker : std::exchange(locator.askers, {})) {
      of(Role::primary).askers.push_back(asker);
    }
    return ask(Role::primary);
  }
  if (!locator.words.empty()) locator.words += "; ";
  if (!reply.ok()) {
    const std::string& detail = reply.error().detail;
    locator.words += detail.starts_with(who) ? detail : who + ": " + detail;
  } else {
    locator.words += who + ": knows no service '" + name_ + "'";
  }
  ++locator.next;
  ask_next(role);
}

void Service::found(Role role, const Address& address) {
  Locator& locator = of(role);
  locator.asking = false;
  const bool has_moved = role == Role::primary && primary_ && *primary_ != address;
  if (role == Role::primary) primary_ = address;
  if (has_moved) around_.moved();
  tell(locator, address);
  watch();
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

// --- Listening.

void Service::watch() {
  due_ = around_.now() + ask_again_ms;
  std::erase_if(watchers_, [](const Subscriber& each) { return each.ended(); });
  if (watching()) return;
  const std::size_t count = std::min(watched_max, sentinels_.size());
  for (std::size_t i = 0; i < count; ++i) {
    Client client = around_.client(sentinels_[i]);
    watchers_.push_back(client.subscribe({.channels = {"+switch-master"},
                                          .on_message =
                                              [self = weak_from_this()](const Message& message) {
                                                const auto alive = self.lock();
                                                if (alive &&
                                                    speaks_of(message.payload, alive->name_))
                                                  alive->ask(Role::primary);
                                              },
                                          .keep_loop_running = false}));
  }
}

void Service::on_tick(std::uint64_t now) {
  if (now < due_) return;
  due_ = now + ask_again_ms;
  ask(Role::primary);
}

void Service::rest() {
  due_ = UINT64_MAX;
  watchers_.clear();
  for (Locator& locator : locators_) {
    if (locator.askers.empty()) locator.asking = false;
  }
}

bool Service::awaited() const {
  return std::any_of(locators_.begin(), locators_.end(),
                     [](const Locator& each) { return !each.askers.empty(); });
}

}  // namespace djcache::sentinel
