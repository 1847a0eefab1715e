// The pool: identity, bounds, the connection of each operation, and its end.
#include "link/pool.h"

#include <gtest/gtest.h>

#include <functional>
#include <new>
#include <set>

#include "link/pool_fixture.h"

namespace djcache::link::test {
namespace {

TEST(PoolIdentity, DiffersInEveryField) {
  using Change = std::function<void(PoolConfig&)>;
  const Change changes[] = {
      [](PoolConfig& c) { c.host = "elsewhere"; },
      [](PoolConfig& c) { c.port = 6380; },
      [](PoolConfig& c) { c.unix_socket = true; },
      [](PoolConfig& c) { c.connections_max = 2; },
      [](PoolConfig& c) { c.leases_max = 2; },
      [](PoolConfig& c) { c.pending_max = 7; },
      [](PoolConfig& c) { c.pending_max_bytes = 7; },
      [](PoolConfig& c) { c.connection.username = "ada"; },
      [](PoolConfig& c) { c.connection.password = "ada"; },
      [](PoolConfig& c) { c.connection.client_name = "ada"; },
      [](PoolConfig& c) { c.connection.db = 1; },
      [](PoolConfig& c) { c.connection.connect_limit = 1; },
      [](PoolConfig& c) { c.connection.stall_limit = 1; },
      [](PoolConfig& c) { c.connection.backoff_min = 1; },
      [](PoolConfig& c) { c.connection.backoff_max = 1; },
      [](PoolConfig& c) { c.connection.caps.bulk_bytes = 1; },
      [](PoolConfig& c) { c.connection.caps.elements = 1; },
      [](PoolConfig& c) { c.connection.caps.reply_bytes = 1; },
      [](PoolConfig& c) { c.connection.caps.depth = 1; },
  };
  std::set<PoolConfig> identities{config_of()};
  for (const Change& change : changes) {
    PoolConfig config = config_of();
    change(config);
    EXPECT_TRUE(identities.insert(config).second);
    EXPECT_FALSE(identities.insert(config).second);
  }
}

TEST_F(Pools, WithoutMemoryForTheNamesOfLeasesTheyAreDisconnectedAllTheSame) {
  struct Nameless final : Tenant {
    void on_push(const resp::Reply&) override {}
    void on_loss(const Error&) override {}
    void on_retired() noexcept override { ++retired; }
    void on_gone() override {}
    std::string place() const override { throw std::bad_alloc(); }
    int retired = 0;
  } nameless;
  Pool pool(config_of(), wakes, 1);
  ASSERT_NE(pool.lease(nameless), nullptr);
  pool.disconnect(now, now);
  EXPECT_TRUE(pool.disconnecting());
  EXPECT_EQ(nameless.retired, 1);
  EXPECT_EQ(pool.leases(), 0u);
}

TEST_F(Pools, AKeyAlwaysTravelsOverTheSameConnection) {
  Pool pool(config_of(4), wakes, 1), twin(config_of(4), wakes, 2);
  std::set<std::size_t> used;
  for (int i = 0; i < 200; ++i) {
    const std::string key = "key" + std::to_string(i);
    Connection& connection = pool.route(key);
    EXPECT_EQ(&pool.route(key), &connection);
    EXPECT_EQ(twin.route(key).index(), connection.index());
    EXPECT_EQ(pool.spread(key), connection.index());
    used.insert(connection.index());
  }
  EXPECT_EQ(used.size(), 4u);
}

TEST_F(Pools, ConnectionsAreMadeWhenTheyAreNeeded) {
  Pool pool(config_of(4), wakes, 1);
  std::size_t made = 0;
  pool.each([&](Connection&) { ++made; });
  EXPECT_EQ(made, 0u);
  pool.route("a");
  pool.each([&](Connection&) { ++made; });
  EXPECT_EQ(made, 1u);
  EXPECT_EQ(pool.connections_max(), 4u);
}

TEST_F(Pools, TheCeilingOfOperationsIsToldInWords) {
  PoolConfig config = config_of();
  config.pending_max = 2;
  Pool pool(config, wakes, 1);
  Connection& to = pool.route("a");
  EXPECT_TRUE(pool.admits(2));
  issue(pool, to, 1);
  EXPECT_TRUE(pool.admits(2));
  issue(pool, to, 2);
  EXPECT_FALSE(pool.admits(2));
  const Error error = pool.refusal(2);
  EXPECT_EQ(error.code, Errc::overloaded);
  EXPECT_EQ(error.detail,
            "there:6379/0: 2 operations are waiting, the most that pending_max allows");
  EXPECT_EQ(pool.info().statistics.overloads, 1u);
  open(to);
  write(to);
  answer(to, "+1\r\n");
  EXPECT_TRUE(pool.admits(2));
}

TEST_F(Pools, TheCeilingOfBytesIsToldInWords) {
  PoolConfig config = config_of();
  config.pending_max_bytes = 100;
  Pool pool(config, wakes, 1);
  EXPECT_TRUE(pool.admits(100));
  EXPECT_FALSE(pool.admits(101));
  issue(pool, pool.route("a"), 1, std::string(60, 'x'));
  EXPECT_TRUE(pool.admits(40));
  EXPECT_FALSE(pool.admits(41));
  EXPECT_EQ(pool.refusal(41).detail,
            "there:6379/0: 60 bytes of commands are waiting and 41 more would pass "
            "pending_max_bytes (100)");
}

TEST_F(Pools, AConnectionIsWokenOncePerTurn) {
  Pool pool(config_of(), wakes, 1);
  Connection& to = pool.route("a");
  issue(pool, to, 1);
  issue(pool, to, 2);
  EXPECT_EQ(wakes.woken, std::vector{&to});
  to.awake = false;
  issue(pool, to, 3);
  EXPECT_EQ(wakes.woken.size(), 2u);
}

TEST_F(Pools, MuchUnsentIsUrgedWhenThereIsAConnection) {
  Pool pool(config_of(), wakes, 1);
  Connection& to = pool.route("a");
  issue(pool, to, 1, std::string(Pool::flush_early, 'x'));
  EXPECT_TRUE(wakes.urged.empty());
  open(to);
  write(to);
  issue(pool, to, 2, std::string(Pool::flush_early - 1, 'x'));
  EXPECT_TRUE(wakes.urged.empty());
  issue(pool, to, 3, "x");
  EXPECT_EQ(wakes.urged, std::vector{&to});
}

TEST_F(Pools, WhatComesAfterADisconnectGoesToANewConnectionThatWaits) {
  Pool pool(config_of(), wakes, 1);
  Connection& old = pool.route("a");
  issue(pool, old, 1);
  open(old);
  write(old);
  pool.disconnect(now, now + 500);
  EXPECT_TRUE(pool.disconnecting());
  EXPECT_EQ(pool.info().state, PoolState::disconnecting);
  Connection& fresh = pool.route("a");
  ASSERT_NE(&fresh, &old);
  issue(pool, fresh, 2);
  fresh.awake = false;
  fresh.on_turn(now);
  EXPECT_EQ(fresh.take_action(), Action::none) << "held until the disconnect is done";
  std::vector<Connection*> all;
  pool.each([&](Connection& connection) { all.push_back(&connection); });
  EXPECT_EQ(all, (std::vector{&fresh, &old}));
  answer(old, "+1\r\n");
  close(old);
  ASSERT_TRUE(old.finished());
  wakes.woken.clear();
  pool.reap(old);
  EXPECT_FALSE(pool.disconnecting());
  EXPECT_EQ(wakes.woken, std::vector{&fresh});
  open(fresh);
  EXPECT_EQ(pool.report().connections, 1u);
  EXPECT_EQ(pool.report().completed, 1u);
  EXPECT_EQ(pool.report().aborted, 0u);
  EXPECT_FALSE(pool.report().limit_reached);
}

TEST_F(Pools, WhatDrainsWaitsForWhatDrainedBefore) {
  Pool pool(config_of(), wakes, 1);
  Connection& first = pool.route("a");
  issue(pool, first, 1);
  open(first);
  write(first);
  pool.disconnect(now, now + 500);
  Connection& second = pool.route("a");
  issue(pool, second, 2);
  pool.disconnect(now, now + 500);
  second.awake = false;
  second.on_turn(now);
  EXPECT_EQ(second.take_action(), Action::none) << "it would overtake the first";
  answer(first, "+1\r\n");
  close(first);
  wakes.woken.clear();
  pool.reap(first);
  EXPECT_TRUE(pool.disconnecting());
  EXPECT_EQ(wakes.woken, std::vector{&second});
  open(second);
}

TEST_F(Pools, WhatIsReapedTogetherIsNotWoken) {
  Pool pool(config_of(), wakes, 1);
  Connection& first = pool.route("a");
  pool.disconnect(now, now + 500);
  Connection& second = pool.route("a");
  pool.disconnect(now, now + 500);
  first.awake = second.awake = false;
  ASSERT_TRUE(first.finished() && second.finished());
  wakes.woken.clear();
  pool.reap(first);
  EXPECT_TRUE(wakes.woken.empty());
  pool.reap(second);
}

TEST_F(Pools, OnlyUnusedConnectionsAreDisconnectedWhenToldSo) {
  Pool pool(config_of(), wakes, 1);
  Connection& used = pool.route("a");
  issue(pool, used, 1);
  pool.disconnect_unused(now, now);
  EXPECT_FALSE(pool.disconnecting());
  EXPECT_EQ(&pool.route("a"), &used);
  open(used);
  write(used);
  answer(used, "+1\r\n");
  issue_continuation(pool, used);
  pool.disconnect_unused(now, now + 500);
  EXPECT_TRUE(pool.disconnecting());
  EXPECT_TRUE(used.retired());
}

TEST_F(Pools, TheShortestLimitOfSeveralDrainsCountsForWhatNobodyWaitsFor) {
  Pool pool(config_of(), wakes, 1);
  Connection& used = pool.route("a");
  issue(pool, used, 1);
  open(used);
  write(used);
  answer(used, "+1\r\n");
  issue_continuation(pool, used);
  pool.disconnect_unused(now, now + 500);
  ASSERT_TRUE(used.retired());
  pool.disconnect_unused(now, now + 1);
  EXPECT_EQ(used.next_tick(), now + 1);
}

TEST_F(Pools, AContinuationGoesToTheDrainingTwin) {
  Pool pool(config_of(), wakes, 1);
  Connection& old = pool.route("a");
  issue(pool, old, 1);
  open(old);
  write(old);
  pool.disconnect(now, now + 500);
  EXPECT_EQ(&pool.route("a", true), &old);
  Connection& fresh = pool.route("a");
  EXPECT_NE(&fresh, &old);
  EXPECT_EQ(&pool.route("a", true), &old);
  answer(old, "+1\r\n");
  ASSERT_EQ(old.state(), State::closing);
  EXPECT_EQ(&pool.route("a", true), &fresh) << "a closing one takes nothing any more";
  close(old);
  EXPECT_EQ(&pool.route("a", true), &fresh);
}

TEST_F(Pools, AContinuationFindsTheTwinOfItsOwnKeyOnly) {
  Pool pool(config_of(8), wakes, 1);
  Connection& a = pool.route("a");
  std::string other = "b";
  while (pool.spread(other) == pool.spread("a")) other += "b";
  issue(pool, a, 1);
  pool.disconnect(now, now + 500);
  EXPECT_EQ(&pool.route("a", true), &a);
  EXPECT_EQ(pool.route(other, true).index(), pool.spread(other));
}

TEST_F(Pools, TheReportSumsUpOverConnectionsAndDisconnects) {
  Pool pool(config_of(8), wakes, 1);
  std::set<Connection*> used;
  for (std::uintptr_t i = 1; i <= 20; ++i) {
    Connection& to = pool.route("key" + std::to_string(i));
    issue(pool, to, i);
    used.insert(&to);
  }
  ASSERT_GT(used.size(), 2u);
  Connection& first = **used.begin();
  open(first);
  write(first);
  const std::size_t on_first = first.pipeline().size();
  pool.disconnect(now, now + 500);
  answer(first, "+1\r\n");
  pool.disconnect(now, now);  // an abort ends the drain early, and the report follows
  for (Connection* connection : used) {
    Completion end;
    while (connection->next(end)) {
    }
    if (connection->has_socket()) close(*connection);
    ASSERT_TRUE(connection->finished());
    pool.reap(*connection);
  }
  EXPECT_FALSE(pool.disconnecting());
  EXPECT_EQ(pool.report().connections, 1u);
  EXPECT_EQ(pool.report().completed, 1u);
  EXPECT_EQ(pool.report().aborted, 19u);
  EXPECT_GE(on_first, 1u);
  EXPECT_FALSE(pool.report().limit_reached);
  EXPECT_EQ(pool.info().pending_bytes, 0u);
  // The next one starts over.
  Connection& again = pool.route("again");
  issue(pool, again, 30);
  pool.disconnect(now, now + 10);
  EXPECT_EQ(pool.report().aborted, 0u);
  again.on_tick(now + 10);
  Completion end;
  while (again.next(end)) {
  }
  pool.reap(again);
  EXPECT_EQ(pool.report().aborted, 1u);
  EXPECT_TRUE(pool.report().limit_reached);
}

TEST_F(Pools, AnUnusedPoolHasNothingToDisconnect) {
  Pool pool(config_of(3), wakes, 1);
  pool.disconnect(now, now + 500);
  EXPECT_FALSE(pool.disconnecting());
  Connection stranger(pool.config().connection, pool.totals(), 0);
  pool.reap(stranger);
  EXPECT_TRUE(wakes.woken.empty());
}

TEST_F(Pools, ConnectionsAlreadyAwakeAreNotWokenAgain) {
  Pool pool(config_of(2), wakes, 1);
  Connection& a = pool.route("a");
  issue(pool, a, 1);
  wakes.woken.clear();
  pool.disconnect(now, now);
  EXPECT_TRUE(wakes.woken.empty());
  Connection& fresh = pool.route("a");
  issue(pool, fresh, 2);
  wakes.woken.clear();
  Completion end;
  while (a.next(end)) {
  }
  pool.reap(a);
  EXPECT_TRUE(wakes.woken.empty());
}

TEST_F(Pools, InfoTellsTheStateAndWhatWaits) {
  Pool pool(config_of(), wakes, 1);
  EXPECT_EQ(pool.info().state, PoolState::idle);
  EXPECT_EQ(pool.info().endpoint, "there:6379/0");
  Connection& to = pool.route("a");
  issue(pool, to, 1, "abc;");
  to.on_turn(now);
  EXPECT_EQ(pool.info().state, PoolState::connecting);
  EXPECT_EQ(pool.info().connections, 0u);
  EXPECT_EQ(pool.info().queued, 1u);
  EXPECT_EQ(pool.info().pending_bytes, 4u);
  to.on_connected(now);
  EXPECT_EQ(pool.info().state, PoolState::connecting);
  write(to);
  answer(to, "+PONG\r\n");
  issue(pool, to, 2);
  to.wrote(4);
  EXPECT_EQ(pool.info().state, PoolState::ready);
  EXPECT_EQ(pool.info().connections, 1u);
  EXPECT_EQ(pool.info().in_flight, 1u);
  EXPECT_EQ(pool.info().queued, 1u);
}

TEST_F(Pools, TheBestStateOfAllConnectionsCounts) {
  PoolConfig config = config_of(8);
  config.connection.backoff_min = config.connection.backoff_max = 1'000'000;
  Pool pool(config, wakes, 1);
  std::vector<Connection*> by_index(8);
  for (int i = 0; i < 100; ++i) {
    Connection& to = pool.route("key" + std::to_string(i));
    if (std::exchange(by_index[to.index()], &to) == nullptr) issue(pool, to, 1 + to.index());
  }
  by_index[3]->on_turn(now);
  by_index[3]->on_connect_failed(now, "refused");
  EXPECT_EQ(pool.info().state, PoolState::backing_off);
  by_index[2]->on_turn(now);
  EXPECT_EQ(pool.info().state, PoolState::connecting) << "also before one that backs off";
  open(*by_index[0]);
  EXPECT_EQ(pool.info().state, PoolState::ready);
}

TEST_F(Pools, WhatIsUnusedIsDisconnectedAlone) {
  Pool pool(config_of(4), wakes, 1);
  std::string other = "b";
  while (pool.spread(other) == pool.spread("a")) other += "b";
  Connection& busy = pool.route("a");
  Connection& idle = pool.route(other);
  issue(pool, busy, 1);
  pool.disconnect_unused(now, now + 500);
  EXPECT_FALSE(busy.retired());
  EXPECT_TRUE(idle.retired());
  EXPECT_TRUE(idle.awake);
  EXPECT_TRUE(pool.disconnecting());
  EXPECT_EQ(&pool.route("a"), &busy);
  EXPECT_NE(&pool.route(other), &idle);
}

TEST_F(Pools, EachLooksAtAllConnections) {
  Pool pool(config_of(4), wakes, 1);
  Guest renter{"here"};
  const std::set<Connection*> all{&pool.route("a"), pool.lease(renter)};
  std::set<Connection*> seen;
  pool.each([&](Connection& connection) { seen.insert(&connection); });
  EXPECT_EQ(seen, all);
}

}  // namespace
}  // namespace djcache::link::test
