// The pool: leased connections, which it makes, keeps and closes.
#include <gtest/gtest.h>

#include "link/pool_fixture.h"

namespace djcache::link::test {
namespace {

struct Leases : Pools {
  Guest renter{"here"};

  // Issues a command, connects and answers, so that the connection is ready and idle.
  void use(Pool& pool, Connection& leased) {
    issue(pool, leased, 1);
    open(leased);
    write(leased);
    answer(leased, "+1\r\n");
  }
};

TEST_F(Leases, AreOfConnectionsOfTheirOwnUpToTheirNumber) {
  PoolConfig config = config_of(2);
  config.leases_max = 2;
  Pool pool(config, wakes, 1);
  Connection* first = pool.lease(renter);
  Connection* second = pool.lease(renter);
  ASSERT_TRUE(first && second);
  EXPECT_EQ(first->index(), 2u) << "after those of keys";
  EXPECT_EQ(second->index(), 3u);
  EXPECT_EQ(first->tenant(), &renter);
  EXPECT_EQ(pool.leases(), 2u);
  EXPECT_EQ(pool.info().leases, 2u);
  EXPECT_EQ(pool.lease(renter), nullptr);
  pool.give_back(*second, true);
  EXPECT_NE(pool.lease(renter), nullptr);
}

TEST_F(Leases, GivenBackCleanAndIdleOneIsUsedAgain) {
  Pool pool(config_of(), wakes, 1);
  Connection* leased = pool.lease(renter);
  use(pool, *leased);
  leased->listen(true);
  pool.give_back(*leased, true);
  EXPECT_EQ(leased->tenant(), nullptr);
  EXPECT_EQ(pool.leases(), 0u);
  EXPECT_EQ(pool.info().connections, 1u) << "it is kept";
  EXPECT_EQ(pool.lease(renter), leased);
  EXPECT_EQ(leased->tenant(), &renter);
  leased->on_bytes(now, "+nobody asked\r\n");
  Completion end;
  EXPECT_FALSE(leased->next(end)) << "it does not listen any more";
}

TEST_F(Leases, AnyOtherOneIsClosed) {
  Pool pool(config_of(), wakes, 1);
  Connection* dirty = pool.lease(renter);
  use(pool, *dirty);
  Connection* busy = pool.lease(renter);
  use(pool, *busy);
  issue(pool, *busy, 2);
  Connection* unready = pool.lease(renter);
  pool.give_back(*dirty, false);
  pool.give_back(*busy, true);
  pool.give_back(*unready, true);
  EXPECT_TRUE(pool.some_leave());
  EXPECT_FALSE(pool.disconnecting());
  for (Connection* each : {dirty, busy, unready}) {
    EXPECT_TRUE(each->retired());
    EXPECT_TRUE(each->awake) << "its driver is told";
    Completion end;
    while (each->next(end)) {
    }
    if (each->has_socket()) close(*each);
    pool.reap(*each);
  }
  EXPECT_FALSE(pool.some_leave());
  EXPECT_EQ(pool.info().connections, 0u);
}

TEST_F(Leases, OneThatWasLostMeanwhileIsNotUsedAgain) {
  Pool pool(config_of(), wakes, 1);
  Connection* leased = pool.lease(renter);
  use(pool, *leased);
  pool.give_back(*leased, true);
  leased->on_lost("reset");
  EXPECT_NE(pool.lease(renter), leased);
  EXPECT_TRUE(pool.some_leave());
  EXPECT_TRUE(leased->retired());
}

TEST_F(Leases, OneThatIsReadyAgainAfterALossIsUsedAgain) {
  PoolConfig config = config_of();
  config.connection.backoff_min = config.connection.backoff_max = 0;
  Pool pool(config, wakes, 1);
  Connection* leased = pool.lease(renter);
  use(pool, *leased);
  leased->on_lost("reset");
  close(*leased);
  EXPECT_TRUE(leased->lost());
  use(pool, *leased);
  pool.give_back(*leased, true);
  EXPECT_EQ(pool.lease(renter), leased);
  EXPECT_FALSE(leased->lost());
}

TEST_F(Leases, SoManyAreKeptAndNoMore) {
  Pool pool(config_of(), wakes, 1);
  std::vector<Connection*> all;
  for (std::size_t i = 0; i <= Pool::spare_max; ++i) {
    all.push_back(pool.lease(renter));
    use(pool, *all.back());
  }
  for (std::size_t i = 0; i < all.size(); ++i) {
    pool.give_back(*all[i], true);
    EXPECT_EQ(all[i]->retired(), i == Pool::spare_max);
  }
}

TEST_F(Leases, ADisconnectRetiresThemAndNamesTheirPlaces) {
  Pool pool(config_of(), wakes, 1);
  Connection* leased = pool.lease(renter);
  use(pool, *leased);
  Connection* spare = pool.lease(renter);
  use(pool, *spare);
  pool.give_back(*spare, true);
  issue(pool, pool.route("a"), 5);
  EXPECT_EQ(renter.retired, 0);
  pool.disconnect(now, now);
  EXPECT_EQ(renter.retired, 1);
  EXPECT_EQ(pool.report().leases, std::vector<std::string>{"here"});
  EXPECT_EQ(pool.leases(), 0u);
  EXPECT_EQ(pool.info().state, PoolState::disconnecting);
  pool.give_back(*leased, true);  // too late: it is being disconnected
  EXPECT_EQ(leased->tenant(), nullptr);
  leased->lease_to(&renter);
  for (Connection* each : {leased, spare}) {
    EXPECT_TRUE(each->retired());
    close(*each);
    pool.reap(*each);
  }
  EXPECT_EQ(renter.gone, 1);
  EXPECT_EQ(pool.report().connections, 2u);
  EXPECT_TRUE(pool.disconnecting()) << "one is left";
}

TEST_F(Leases, ALeaseDuringADisconnectWaitsForItsEnd) {
  Pool pool(config_of(), wakes, 1);
  Connection& old = pool.route("a");
  issue(pool, old, 1);
  pool.disconnect(now, now);
  Connection* leased = pool.lease(renter);
  EXPECT_TRUE(leased->held());
  Completion end;
  while (old.next(end)) {
  }
  pool.reap(old);
  EXPECT_FALSE(leased->held());
  EXPECT_TRUE(leased->awake);
}

TEST_F(Leases, OperationsOfATenantWakeTheDriverOnce) {
  Pool pool(config_of(), wakes, 1);
  Connection* leased = pool.lease(renter);
  wakes.woken.clear();
  pool.wake(*leased);
  pool.wake(*leased);
  EXPECT_EQ(wakes.woken, std::vector{leased});
}

}  // namespace
}  // namespace djcache::link::test
