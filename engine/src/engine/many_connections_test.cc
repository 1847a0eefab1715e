// The cost of an event does not depend on the number of connections and pools.
#include "engine/engine_fixture.h"
#include "engine/silent_listener.h"
#include "net/runtime.h"

namespace djcache {
namespace {

class ManyConnections : public EngineTest {
 protected:
  // Long limits, so that none is reached: then all would be looked at.
  static CacheSettings at(const harness::RedisServer& server) {
    return {.location = {server.unix_url()}, .options = {.command_limit = 1h}};
  }
  static std::string name(int i) { return i == 0 ? "default" : std::to_string(i); }
  // How often others were looked at while `count` gets were answered, one at a time.
  static std::uint64_t visits_of_gets(Verbs& cached, int count) {
    const std::uint64_t before = net::visits;
    for (int i = 0; i < count; ++i) EXPECT_EQ(cached.get("key"), miss);
    return net::visits - before;
  }
};

TEST_F(ManyConnections, AGetAmongHundredsOfConnectionsLooksAtItsOwn) {
  CacheSettings settings = at(server());
  settings.options.connections_max = 400;
  Verbs cached = verbs(settings);
  Answer<std::optional<Value>> answer;
  constexpr int keys = 1500;
  for (int i = 0; i < keys; ++i) cached.cache.get("key" + std::to_string(i), answer.callback());
  ASSERT_TRUE(run_until([&] { return answer.calls == keys; }));
  ASSERT_GT(engine().pools().front().info().connections, 350u);
  EXPECT_EQ(visits_of_gets(cached, 200), 0u);
}

TEST_F(ManyConnections, AGetAmongHundredsOfPoolsLooksAtItsOwn) {
  Settings settings;
  constexpr int pools = 400;
  for (int i = 0; i < pools; ++i) {
    CacheSettings each = at(server());
    each.options.client_name = "djcache-" + std::to_string(i);  // makes it a pool of its own
    settings.caches[name(i)] = each;
  }
  Engine& engine = start(std::move(settings));
  for (int i = 1; i < pools; ++i) (void)engine.cache(name(i));
  Verbs cached = wait_for(engine.cache(name(0)));
  ASSERT_EQ(cached.get("key"), miss);
  ASSERT_EQ(engine.pools().size(), std::size_t{pools});
  EXPECT_EQ(visits_of_gets(cached, 200), 0u);
}

// Each limit ends at a time of its own.
TEST_F(ManyConnections, ALimitThatFallsDueLooksAtItsOwn) {
  const SilentListener silent;
  ASSERT_TRUE(silent.ok());
  Settings settings;
  constexpr int pools = 200;
  for (int i = 0; i < pools; ++i) {
    CacheSettings each = at(server());
    each.options.client_name = "djcache-" + std::to_string(i);
    settings.caches[name(i)] = each;
  }
  settings.caches["silent"] = {.location = {silent.url()}, .options = {.command_limit = 10ms}};
  Engine& engine = start(std::move(settings));
  for (int i = 0; i < pools; ++i) ASSERT_EQ(wait_for(engine.cache(name(i))).get("key"), miss);
  Verbs cached = wait_for(engine.cache("silent"));
  constexpr unsigned limits = 20;
  const std::uint64_t before = net::visits;
  for (unsigned i = 0; i < limits; ++i) EXPECT_EQ(cached.get("key"), Errc::timeout);
  EXPECT_LE(net::visits - before, 10 * limits);
}

// All the same, all of them are told, reaped and closed.
TEST_F(ManyConnections, HundredsOfConnectionsLeave) {
  CacheSettings settings = at(server());
  settings.options.connections_max = 400;
  Verbs cached = verbs(settings);
  Answer<std::optional<Value>> answer;
  constexpr int keys = 1500;
  for (int i = 0; i < keys; ++i) cached.cache.get("key" + std::to_string(i), answer.callback());
  ASSERT_TRUE(run_until([&] { return answer.calls == keys; }));
  const std::size_t open = engine().pools().front().info().connections;
  const std::uint64_t before = net::visits;
  EXPECT_EQ(disconnect(engine()).connections, open);
  EXPECT_LE(net::visits - before, 4 * open) << "each, not each for each";
  const auto left = [](const PoolEvent& each) {
    return each.kind == PoolEvent::Kind::disconnected;
  };
  EXPECT_EQ(std::count_if(events_.begin(), events_.end(), left), static_cast<long>(open));
  EXPECT_EQ(our_handles(), "");
}

}  // namespace
}  // namespace djcache
