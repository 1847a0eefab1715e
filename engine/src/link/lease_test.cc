// Leases: connections with one tenant. What the pool keeps for the next tenant, what the tenant is
// told, and what a listening connection hands over.
#include <gtest/gtest.h>

#include "link/pool.h"
#include "link/test_lane.h"

namespace djcache::link::test {
namespace {

PoolConfig config_of(std::size_t connections = 1) {
  PoolConfig config;
  config.host = "there";
  config.connection = plain();
  config.connections_max = connections;
  config.leases_max = 8;
  return config;
}

struct LeasedConnections : ::testing::Test {
  Wakes wakes;
  Guest guest{"guest_test.cc:1"};
  Millis now = 1000;

  // A lease that is ready: it has been used, and all its commands are answered.
  Connection* ready_lease(Pool& pool) {
    Connection* const made = pool.lease(guest);
    if (made != nullptr && made->state() == State::idle) {
      pool.prepare(*made);
      pool.submit(*made, commit(made->out(), 1, "x;"));
      open(*made);
      write(*made);
      say(*made, "+OK\r\n");
    }
    return made;
  }
  void open(Connection& connection) const {
    connection.on_turn(now);
    ASSERT_EQ(connection.take_action(), Action::connect);
    connection.on_connected(now);
    write(connection);
    say(connection, "+PONG\r\n");
    ASSERT_EQ(connection.state(), State::ready);
  }
  static void write(Connection& connection) {
    OutBuffer::Piece piece;
    while (connection.pieces(&piece, 1) > 0) connection.wrote(piece.size);
  }
  static Lines drain(Connection& connection) {
    Lines ended;
    Completion end;
    while (connection.next(end)) ended.push_back(describe(end));
    return ended;
  }
  Lines say(Connection& connection, std::string_view bytes) const {
    connection.on_bytes(now, bytes);
    return drain(connection);
  }
  // Acts as the driver of a connection that is to end.
  void finish(Pool& pool, Connection& connection) {
    drain(connection);
    if (connection.take_action() == Action::close) connection.on_closed(now);
    ASSERT_TRUE(connection.finished());
    pool.reap(connection);
  }
};

TEST_F(LeasedConnections, ACleanOneIsKeptForTheNextTenant) {
  Pool pool(config_of(), wakes, 1);
  Connection* const lease = ready_lease(pool);
  ASSERT_NE(lease, nullptr);
  EXPECT_EQ(lease->tenant(), &guest);
  EXPECT_EQ(pool.leases(), 1u);
  pool.give_back(*lease, true);
  EXPECT_EQ(pool.leases(), 0u);
  EXPECT_EQ(lease->tenant(), nullptr);
  EXPECT_FALSE(pool.some_leave());
  EXPECT_EQ(pool.lease(guest), lease);
}

TEST_F(LeasedConnections, OneThatIsNotCleanIsClosed) {
  Pool pool(config_of(), wakes, 1);
  Connection* const lease = ready_lease(pool);
  pool.give_back(*lease, false);
  EXPECT_TRUE(pool.some_leave());
  EXPECT_FALSE(pool.disconnecting()) << "who issues now need not wait for it";
  EXPECT_NE(pool.lease(guest), lease);
  finish(pool, *lease);
  EXPECT_FALSE(pool.some_leave());
}

TEST_F(LeasedConnections, OneThatIsNotReadyOrNotAnsweredIsClosed) {
  Pool pool(config_of(), wakes, 1);
  Connection* const never_connected = pool.lease(guest);
  pool.give_back(*never_connected, true);
  EXPECT_TRUE(never_connected->retired());
  finish(pool, *never_connected);
  Connection* const asked = ready_lease(pool);
  pool.prepare(*asked);
  pool.submit(*asked, commit(asked->out(), 2, "y;"));
  pool.give_back(*asked, true);
  EXPECT_TRUE(asked->retired());
  finish(pool, *asked);
}

TEST_F(LeasedConnections, ASpareOneThatWasLostMeanwhileIsNotGivenOut) {
  Pool pool(config_of(), wakes, 1);
  Connection* const first = ready_lease(pool);
  Connection* const second = ready_lease(pool);
  pool.give_back(*first, true);
  pool.give_back(*second, true);
  second->on_lost("reset");
  EXPECT_EQ(pool.lease(guest), first) << "the spare one that still stands";
  EXPECT_TRUE(second->retired());
  first->on_lost("reset");
  pool.give_back(*first, true);
  EXPECT_TRUE(first->retired());
}

TEST_F(LeasedConnections, NoMoreAreKeptThanTheNextTenantsMayNeed) {
  Pool pool(config_of(), wakes, 1);
  std::vector<Connection*> leases;
  for (std::size_t i = 0; i < Pool::spare_max + 1; ++i) leases.push_back(ready_lease(pool));
  for (Connection* lease : leases) pool.give_back(*lease, true);
  EXPECT_TRUE(leases.back()->retired());
  EXPECT_FALSE(leases.front()->retired());
}

TEST_F(LeasedConnections, ThereAreNoMoreThanTheCeiling) {
  PoolConfig config = config_of();
  config.leases_max = 2;
  Pool pool(config, wakes, 1);
  Connection* const first = pool.lease(guest);
  Connection* const second = pool.lease(guest);
  EXPECT_NE(first, second);
  EXPECT_NE(first->index(), second->index());
  EXPECT_EQ(pool.lease(guest), nullptr);
  pool.give_back(*first, true);
  EXPECT_NE(pool.lease(guest), nullptr);
}

TEST_F(LeasedConnections, ADisconnectNamesThemAndTellsTheirTenants) {
  Pool pool(config_of(), wakes, 1);
  Connection* const lease = ready_lease(pool);
  Connection* const spare = ready_lease(pool);
  Connection* const parting = ready_lease(pool);
  pool.give_back(*spare, true);
  pool.give_back(*parting, false);
  pool.disconnect(now, now);
  EXPECT_EQ(guest.retired, 1);
  EXPECT_EQ(pool.report().leases, std::vector<std::string>{"guest_test.cc:1"});
  EXPECT_TRUE(lease->retired() && spare->retired());
  for (Connection* each : {lease, spare, parting}) finish(pool, *each);
  EXPECT_EQ(guest.gone, 1);
  EXPECT_FALSE(pool.disconnecting());
  EXPECT_EQ(pool.report().connections, 3u);
}

TEST_F(LeasedConnections, WhatIsGivenBackWhileItIsDisconnectedStaysWithTheDisconnect) {
  Pool pool(config_of(), wakes, 1);
  Connection* const lease = ready_lease(pool);
  pool.disconnect(now, now + 500);
  EXPECT_TRUE(pool.some_leave());
  pool.give_back(*lease, true);
  EXPECT_EQ(pool.leases(), 0u);
  EXPECT_TRUE(pool.disconnecting());
  finish(pool, *lease);
  EXPECT_EQ(guest.gone, 0) << "it has no tenant any more";
}

TEST_F(LeasedConnections, OneThatIsTakenDuringADisconnectWaitsForItsEnd) {
  Pool pool(config_of(), wakes, 1);
  Connection* const old = ready_lease(pool);
  pool.disconnect(now, now + 500);
  Connection* const fresh = pool.lease(guest);
  ASSERT_NE(fresh, nullptr);
  EXPECT_TRUE(fresh->held());
  wakes.woken.clear();
  finish(pool, *old);
  EXPECT_FALSE(fresh->held());
  EXPECT_EQ(wakes.woken, std::vector{fresh});
}

TEST_F(LeasedConnections, UnusedConnectionsMayBeDisconnectedTwice) {
  Pool pool(config_of(3), wakes, 1);
  Connection& first = pool.route("a");
  first.awake = true;
  pool.disconnect_unused(now, now);
  Connection& second = pool.route("a");
  EXPECT_NE(&first, &second);
  pool.disconnect_unused(now, now);
  EXPECT_TRUE(second.retired());
  finish(pool, first);
  finish(pool, second);
  EXPECT_FALSE(pool.disconnecting());
}

TEST_F(LeasedConnections, OfTwoThatDrainForTheSameKeysOnlyTheFirstMayConnect) {
  Pool pool(config_of(2), wakes, 1);
  std::string other = "b";
  while (pool.spread(other) == pool.spread("a")) other += "b";
  Connection& aside = pool.route(other);
  pool.prepare(aside);
  pool.submit(aside, commit(aside.out(), 9, "z;"));
  std::vector<Connection*> drains;
  pool.disconnect(now, now + 500);
  for (std::uintptr_t i = 1; i <= 3; ++i) {
    Connection& next = pool.route("a");
    pool.prepare(next);
    pool.submit(next, commit(next.out(), i, "x;"));
    drains.push_back(&next);
    pool.disconnect(now, now + 500);
  }
  aside.on_tick(now + 500);
  finish(pool, aside);
  EXPECT_FALSE(drains[0]->held());
  EXPECT_TRUE(drains[1]->held() && drains[2]->held());
  for (Connection* each : drains) {
    each->on_tick(now + 500);
    finish(pool, *each);
  }
}

TEST_F(LeasedConnections, MuchThatIsUnsentIsUrgedOnAReadyConnectionOnly) {
  Pool pool(config_of(), wakes, 1);
  Connection& to = pool.route("a");
  const std::string much(Pool::flush_early, 'x');
  pool.prepare(to);
  pool.submit(to, commit(to.out(), 1, much));
  EXPECT_TRUE(wakes.urged.empty());
  EXPECT_EQ(wakes.woken.size(), 1u);
  open(to);
  pool.prepare(to);
  pool.submit(to, commit(to.out(), 2, "y;"));
  EXPECT_EQ(wakes.urged, std::vector{&to});
  EXPECT_EQ(wakes.woken.size(), 1u) << "it is awake";
}

TEST_F(LeasedConnections, EveryConnectionIsLookedAt) {
  Pool pool(config_of(2), wakes, 1);
  pool.route("a");
  Connection* const spare = ready_lease(pool);
  Connection* const parting = ready_lease(pool);
  ready_lease(pool);
  pool.give_back(*spare, true);
  pool.give_back(*parting, false);
  std::size_t seen = 0;
  pool.each([&](Connection&) { ++seen; });
  EXPECT_EQ(seen, 4u);
  EXPECT_EQ(pool.info().leases, 1u);
  EXPECT_EQ(pool.info().connections, 3u);
}

// --- Listening.

struct ListeningLease : LeasedConnections {
  void SetUp() override {
    lane.connection.lease_to(&guest);
    lane.connection.listen(true);
    lane.issue(1, "subscribe;", {.replies = 2});
    lane.turn();
    lane.connected();
    lane.take();
    lane.say("+PONG\r\n");
    ASSERT_EQ(lane.connection.state(), State::ready);
    lane.take();
  }
  Lane lane;
};

TEST_F(ListeningLease, WhatNobodyAskedForIsTheTenants) {
  lane.say("*3\r\n$9\r\nsubscribe\r\n$1\r\na\r\n:1\r\n*3\r\n$9\r\nsubscribe\r\n$1\r\nb\r\n:2\r\n");
  EXPECT_EQ(lane.take_ended(), Lines{"1 [$subscribe, $b, :2]"});
  lane.say("+anything\r\n:7\r\n");
  EXPECT_EQ(lane.take_ended(), (Lines{"0 +anything", "0 :7"}));
}

TEST_F(ListeningLease, AMessageBetweenTwoRepliesIsTheTenants) {
  for (const std::string kind : {"message", "pmessage", "smessage"}) {
    lane.say("*3\r\n$" + std::to_string(kind.size()) + "\r\n" + kind +
             "\r\n$1\r\na\r\n$1\r\nx\r\n");
    EXPECT_EQ(lane.take_ended(), Lines{"0 [$" + kind + ", $a, $x]"});
  }
}

TEST_F(ListeningLease, WhatIsNoMessageAnswersTheOldestOperation) {
  lane.say("*3\r\n:1\r\n$1\r\na\r\n$1\r\nx\r\n");
  EXPECT_EQ(lane.take_ended(), Lines{}) << "the first of two replies";
  lane.say("*2\r\n$7\r\nmessage\r\n$1\r\na\r\n");
  EXPECT_EQ(lane.take_ended(), Lines{"1 [$message, $a]"});
}

TEST_F(ListeningLease, OneErrorStandsForAllRepliesOfASubscription) {
  lane.say("-NOPERM no\r\n");
  EXPECT_EQ(lane.take_ended(), Lines{"1 -NOPERM no"});
  EXPECT_EQ(lane.connection.pipeline().size(), 0u);
}

TEST_F(ListeningLease, ItsLossIsToldToTheTenantAfterTheOperations) {
  lane.lose("reset");
  EXPECT_EQ(lane.take_ended(), (Lines{"1 connection_lost: there:6379/0: reset",
                                      "0 connection_lost: there:6379/0: reset"}));
  EXPECT_TRUE(lane.connection.lost());
}

TEST(Replies, AReplyOverACapCostsItsOwnCallerOnly) {
  ConnectionConfig config = plain();
  config.caps.bulk_bytes = 4;
  config.caps.elements = 4;
  config.caps.depth = 2;
  for (const std::string over : {"*1\r\n$5\r\nabcde\r\n", "*5\r\n:1\r\n:2\r\n*0\r\n$-1\r\n+x\r\n",
                                 "*1\r\n*1\r\n*1\r\n:1\r\n"}) {
    const std::string bytes = over + ":7\r\n";
    for (std::size_t cut = 0; cut <= bytes.size(); ++cut) {
      Lane lane(config);
      lane.issue(1, "one;");
      lane.issue(2, "incr;");
      lane.open();
      lane.take();
      lane.say(bytes.substr(0, cut));
      lane.say(bytes.substr(cut));
      ASSERT_EQ(lane.ended.size(), 2u) << over << " cut at " << cut;
      EXPECT_TRUE(lane.ended[0].starts_with("1 !")) << lane.ended[0];
      EXPECT_EQ(lane.ended[1], "2 :7");
      EXPECT_EQ(lane.connection.state(), State::ready);
    }
  }
}

TEST(Replies, AHeaderThatNoReplyHasEndsTheConnectionAtOnce) {
  for (const std::string bytes : {"$4000000000000000000\r\n", "*4000000000\r\n",
                                  "*1\r\n$4000000000000000000\r\n", ">2\r\n"}) {
    Lane lane;
    lane.issue(1, "one;");
    lane.issue(2, "two;");
    lane.open();
    lane.take();
    lane.say(bytes);
    EXPECT_EQ(lane.connection.state(), State::closing) << bytes;
    ASSERT_EQ(lane.ended.size(), 2u);
    EXPECT_TRUE(lane.ended[0].starts_with("1 protocol_error: ")) << lane.ended[0];
    EXPECT_TRUE(lane.ended[1].starts_with("2 connection_lost: ")) << lane.ended[1];
  }
}

TEST(Replies, WhoseCallerHasGoneIsNotAwaited) {
  Lane lane;
  lane.issue(1, "one;", {.limit_ms = 10});
  lane.open();
  lane.take();
  EXPECT_TRUE(lane.connection.awaited());
  lane.tick(10);
  EXPECT_EQ(lane.connection.pipeline().size(), 1u);
  EXPECT_FALSE(lane.connection.awaited());
}

}  // namespace
}  // namespace djcache::link::test
