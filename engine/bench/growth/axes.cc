#include "growth/axes.h"

#include <djcache/client.h>
#include <djcache/subscriber.h>

#include "growth/growth.h"

namespace djcache::bench {
namespace {

constexpr std::uint64_t kLonely = 400;  // operations counted, one at a time

std::string name(std::uint64_t i) { return i == 0 ? "default" : std::to_string(i); }

// Settings with `size` aliases; `change` adjusts each by its index.
template <class Change>
Settings aliases(Growth& growth, std::uint64_t size, Change change) {
  Settings settings;
  for (std::uint64_t i = 0; i < size; ++i) {
    CacheSettings each = growth.alias();
    change(each, i);
    settings.caches.emplace(name(i), std::move(each));
  }
  return settings;
}

Settings pools_of_their_own(Growth& growth, std::uint64_t size) {
  return aliases(growth, size, [](CacheSettings& each, std::uint64_t i) {
    each.options.client_name = "djcache-" + std::to_string(i);
  });
}

void lonely_get(Growth& growth) {
  Cache cache = growth.engine().cache();
  growth.count(kLonely, [&] { growth.get(cache); });
}

// Disconnects the engine, and counts that as `size` operations.
void disconnect(Growth& growth, std::uint64_t size) {
  bool told = false;
  growth.count_together(size, [&] {
    growth.engine().disconnect({}, [&](DisconnectReport) { told = true; });
    growth.run_until([&] { return told; });
  });
}

void connect_pools(Growth& growth, std::uint64_t size) {
  growth.start(pools_of_their_own(growth, size));
  for (std::uint64_t i = 0; i < size; ++i) {
    Cache each = growth.engine().cache(name(i));
    growth.get(each);
  }
}

void pools(Growth& growth, std::uint64_t size) {
  connect_pools(growth, size);
  lonely_get(growth);
}

void pools_leave(Growth& growth, std::uint64_t size) {
  connect_pools(growth, size);
  disconnect(growth, size);
}

// No pool is connected, so the engine becomes idle after each operation.
void idle_pools(Growth& growth, std::uint64_t size) {
  Settings settings = pools_of_their_own(growth, size);
  settings.caches["default"] = {};
  growth.start(std::move(settings));
  for (std::uint64_t i = 1; i < size; ++i) (void)growth.engine().cache(name(i));
  lonely_get(growth);
}

void aliases_of_one_pool(Growth& growth, std::uint64_t size) {
  growth.start(aliases(growth, size, [](CacheSettings& each, std::uint64_t i) {
    each.key_prefix = std::to_string(i);
  }));
  for (std::uint64_t i = 0; i < size; ++i) (void)growth.engine().cache(name(i));
  lonely_get(growth);
}

// Opens `size` connections, with ten times as many keys so that each connection gets some.
void connect(Growth& growth, std::uint64_t size) {
  growth.start(aliases(
      growth, 1, [&](CacheSettings& each, std::uint64_t) { each.options.connections_max = size; }));
  Cache cache = growth.engine().cache();
  std::uint64_t open = 0;
  for (std::uint64_t i = 0; i < 10 * size; ++i) {
    ++open;
    cache.has_key("key" + std::to_string(i), [&](auto) { --open; });
  }
  growth.run_until([&] { return open == 0; });
}

void connections(Growth& growth, std::uint64_t size) {
  connect(growth, size);
  lonely_get(growth);
}

void connections_leave(Growth& growth, std::uint64_t size) {
  connect(growth, size);
  disconnect(growth, size);
}

void pending_elsewhere(Growth& growth, std::uint64_t size) {
  Settings settings = aliases(growth, 1, [](CacheSettings&, std::uint64_t) {});
  settings.caches.emplace("silent", growth.silent_alias());
  growth.start(std::move(settings));
  Cache silent = growth.engine().cache("silent");
  for (std::uint64_t i = 0; i < size; ++i) silent.get("key", [](auto) {});
  lonely_get(growth);
}

// Each callback issues the next get, so that `size` are pending on one connection all the time.
class InFlight {
 public:
  InFlight(Growth& growth, std::uint64_t size)
      : growth_(growth), cache_(growth.engine().cache()), size_(size) {}
  void run(std::uint64_t operations) {
    left_ = operations;
    for (std::uint64_t i = 0; i < size_; ++i) issue();
    growth_.run_until([&] { return open_ == 0; });
  }

 private:
  void issue() {
    if (left_ == 0) return;
    --left_;
    ++open_;
    cache_.get("key", [this](Result<std::optional<Value>> result) {
      if (!result.ok()) growth_.fail(to_string(result.error()));
      --open_;
      issue();
    });
  }
  Growth& growth_;
  Cache cache_;
  std::uint64_t size_;
  std::uint64_t left_ = 0;
  std::uint64_t open_ = 0;
};

void in_flight(Growth& growth, std::uint64_t size) {
  growth.start(aliases(growth, 1, [](CacheSettings&, std::uint64_t) {}));
  InFlight gets(growth, size);
  gets.run(2 * size);
  const std::uint64_t operations = std::max<std::uint64_t>(2000, 2 * size);
  growth.count_together(operations, [&] { gets.run(operations); });
}

Settings with_leases(Growth& growth) {
  return aliases(growth, 1,
                 [](CacheSettings& each, std::uint64_t) { each.options.leases_max = 10'000; });
}

std::vector<Lease>& take_leases(Growth& growth, Client& client, std::uint64_t size) {
  const auto leases = std::make_shared<std::vector<Lease>>();
  growth.kept.push_back(leases);
  for (std::uint64_t i = 0; i < size; ++i) growth.lease(client, *leases);
  return *leases;
}

void leases(Growth& growth, std::uint64_t size) {
  Client client = growth.start(with_leases(growth)).cache().client({});
  take_leases(growth, client, size);
  lonely_get(growth);
}

void another_lease(Growth& growth, std::uint64_t size) {
  Client client = growth.start(with_leases(growth)).cache().client({});
  std::vector<Lease>& leases = take_leases(growth, client, size);
  growth.count(kLonely, [&] {
    growth.lease(client, leases);
    leases.pop_back();
  });
}

void posted(Growth& growth, std::uint64_t size) {
  growth.start(aliases(growth, 1, [](CacheSettings&, std::uint64_t) {}));
  const Poster poster =
      growth.engine().poster({.pending_max = 1'000'000, .keep_loop_running = true});
  const auto post_all = [&](std::uint64_t count) {
    std::uint64_t open = count;
    for (std::uint64_t i = 0; i < count; ++i) {
      if (!poster.post([&] { --open; })) growth.fail("a function was refused");
    }
    growth.run_until([&] { return open == 0; });
  };
  post_all(size);
  const std::uint64_t rounds = std::max<std::uint64_t>(1, 10'000 / size);
  growth.count_together(rounds * size, [&] {
    for (std::uint64_t i = 0; i < rounds; ++i) post_all(size);
  });
}

// Starts `size` subscribers, each to a channel of its own. `heard` counts their messages.
void subscribe(Growth& growth, std::uint64_t size, std::uint64_t& heard) {
  Client client = growth.start(with_leases(growth)).cache().client({});
  const auto subscribers = std::make_shared<std::vector<Subscriber>>();
  growth.kept.push_back(subscribers);
  for (std::uint64_t i = 0; i < size; ++i) {
    subscribers->push_back(client.subscribe({.channels = {"channel" + std::to_string(i)},
                                             .on_message = [&](const Message&) { ++heard; }}));
    growth.run_until([&] { return subscribers->back().subscribed(); });
  }
}

void subscribers(Growth& growth, std::uint64_t size) {
  std::uint64_t heard = 0;
  subscribe(growth, size, heard);
  lonely_get(growth);
}

void message(Growth& growth, std::uint64_t size) {
  std::uint64_t heard = 0;
  subscribe(growth, size, heard);
  Client client = growth.engine().cache().client({});
  growth.count(kLonely, [&] {
    const std::uint64_t before = heard;
    bool come = false;
    client.command({"PUBLISH", "channel0", "news"}, [&](Result<Reply>) { come = true; });
    growth.run_until([&] { return come && heard > before; });
  });
}

// Starts `size` calls of get_or_set, which wait for producers that do not resolve.
void wait_for_producers(Growth& growth, std::uint64_t size, bool one_key) {
  growth.start(aliases(growth, 1, [](CacheSettings&, std::uint64_t) {}));
  Cache cache = growth.engine().cache();
  const auto kept = std::make_shared<std::vector<Resolve>>();
  growth.kept.push_back(kept);
  GetOrSetOptions options;
  options.producer_limit = std::chrono::hours(1);
  for (std::uint64_t i = 0; i < size; ++i) {
    cache.get_or_set(
        one_key ? "one" : "waits" + std::to_string(i),
        AsyncProducer([kept](Resolve resolve) { kept->push_back(std::move(resolve)); }), options,
        [](auto) {});
  }
  const std::uint64_t producers = one_key ? 1 : size;
  growth.run_until([&] { return kept->size() == producers; });
}

void one_more_producer(Growth& growth) {
  Cache cache = growth.engine().cache();
  std::uint64_t round = 0;
  growth.count(kLonely, [&] {
    bool come = false;
    const std::string key = "produced" + std::to_string(10'000 + round++);
    cache.get_or_set(key, AsyncProducer([](Resolve resolve) { resolve(Value(1)); }), {},
                     [&](Result<Value> result) {
                       come = true;
                       if (!result.ok()) growth.fail(to_string(result.error()));
                     });
    growth.run_until([&] { return come; });
    cache.delete_(key, [](auto) {});
  });
}

void waiting_producers(Growth& growth, std::uint64_t size) {
  wait_for_producers(growth, size, false);
  one_more_producer(growth);
}

void waiting_callers(Growth& growth, std::uint64_t size) {
  wait_for_producers(growth, size, true);
  one_more_producer(growth);
}

}  // namespace

const std::vector<Axis>& axes() {
  static const std::vector<Axis> all{
      {"pools", "a get", {1, 10, 100, 1'000}, pools},
      {"pools", "the end of each", {10, 100, 1'000}, pools_leave},
      {"idle pools", "a get from memory", {2, 10, 100, 1'000, 10'000}, idle_pools},
      {"connections", "a get", {1, 10, 100, 1'000}, connections},
      {"connections", "the end of each", {10, 100, 1'000}, connections_leave},
      {"aliases", "a get", {1, 10, 100, 1'000, 10'000, 100'000}, aliases_of_one_pool},
      {"pending elsewhere", "a get", {1, 10, 100, 1'000, 10'000, 99'000}, pending_elsewhere},
      {"pending", "one of these gets", {100, 1'000, 10'000, 100'000}, in_flight},
      {"leases", "a get", {1, 10, 100, 1'000}, leases},
      {"leases", "another lease", {1, 10, 100, 1'000}, another_lease},
      {"posted functions", "one of them", {100, 1'000, 10'000, 100'000}, posted},
      {"subscribers", "a get", {1, 10, 100, 1'000}, subscribers},
      {"subscribers", "a message", {1, 10, 100, 1'000}, message},
      {"waiting producers",
       "another get_or_set",
       {1, 10, 100, 1'000, 10'000, 49'000},
       waiting_producers},
      {"callers of a producer",
       "another get_or_set",
       {1, 10, 100, 1'000, 10'000, 99'000},
       waiting_callers},
  };
  return all;
}

std::uint64_t measure_point(const Axis& axis, std::uint64_t size, const std::string& server) {
  Growth growth(server);
  axis.measure(growth, size);
  return growth.failed() ? 0 : growth.counted();
}

}  // namespace djcache::bench
