// Pools of several servers: the first takes every write, reads go to the others.
#include "engine/engine_fixture.h"

namespace djcache {
namespace {

class Replicas : public EngineTest {};

TEST_F(Replicas, WritesGoToTheFirstServerAndReadsToTheOthers) {
  harness::RedisServer& primary = own_server();
  harness::RedisServer& replica = own_server({.replica_of = &primary});
  Verbs cached = verbs({.location = {primary.url(), replica.url()}});
  ASSERT_EQ(cached.set("a", 1), worked);
  auto of_replica = inspect(replica.endpoint());
  ASSERT_TRUE(runner_.run_until([&] { return of_replica->dbsize() == 1; },
                                {.limit = 10s, .check_every = 2ms}));
  ASSERT_EQ(cached.get("connected"), miss);
  const auto at_primary = log(&primary);
  const auto at_replica = log(&replica);
  EXPECT_EQ(cached.get("a"), 1);
  EXPECT_EQ(cached.has_key("a"), true);
  EXPECT_EQ(cached.get_many({"a"}), (Found{{"a", 1}}));
  EXPECT_EQ(at_primary->take(), Commands());
  EXPECT_EQ(at_replica->take(), (Commands{{"GET", ":1:a"}, {"EXISTS", ":1:a"}, {"MGET", ":1:a"}}));
  EXPECT_EQ(cached.incr("a"), 2);
  EXPECT_EQ(cached.touch("a", {.ttl = 50s}), true);
  EXPECT_EQ(cached.add("a", 1), false);
  EXPECT_EQ(cached.delete_("a"), true);
  EXPECT_EQ(at_primary->take()->size(), 4u);
}

TEST_F(Replicas, AllOfThemAreReadAndTheFirstServerNever) {
  harness::RedisServer& second = own_server();
  harness::RedisServer& third = own_server();
  Verbs cached = verbs({.location = {server().url() + ";" + second.url() + "," + third.url()}});
  for (int i = 0; i < 60; ++i) ASSERT_EQ(cached.get("a"), miss);
  const auto reads = [&](harness::RedisServer& of) {
    return inspect(of.endpoint())->commandstats("get").value_or(0);
  };
  EXPECT_EQ(reads(server()), 0);
  EXPECT_GT(reads(second), 0);  // random: fails once in 2 ** 60 runs
  EXPECT_GT(reads(third), 0);
  EXPECT_EQ(reads(second) + reads(third), 60);
  EXPECT_EQ(engine().pools().size(), 3u);
}

TEST_F(Replicas, GetOrSetSeesItsOwnWrite) {
  harness::RedisServer& stale = own_server();  // never gets the entry
  Verbs cached = verbs({.location = {server().url(), stale.url()}});
  EXPECT_EQ(cached.get_or_set("a", 1), Value(1));
  EXPECT_EQ(inspector().raw(":1:a"), "1");
  // Another writer was faster, and only the first server knows.
  EXPECT_EQ(cached.get_or_set("a", 2), Value(1));
}

TEST_F(Replicas, DisconnectOfTheAliasClosesAllOfItsPools) {
  harness::RedisServer& replica = own_server();
  Verbs cached = verbs({.location = {server().url(), replica.url()}});
  ASSERT_EQ(cached.set("a", 1), worked);
  ASSERT_EQ(cached.get("a"), miss);
  EXPECT_EQ(disconnect(cached.cache).connections, 2u);
  EXPECT_EQ(our_handles(), "");
}

TEST_F(Replicas, AWriteThatReachesAReplicaIsReadOnly) {
  harness::RedisServer& primary = own_server();
  harness::RedisServer& replica = own_server({.replica_of = &primary});
  Verbs cached = verbs({.location = {replica.url()}});
  ASSERT_EQ(cached.get("a"), miss);
  const auto refused = cached.set("a", 1);
  EXPECT_EQ(refused, Errc::read_only);
  EXPECT_THAT(detail_of(refused), AllOf(HasSubstr("127.0.0.1:" + std::to_string(replica.port())),
                                        HasSubstr("READONLY")));
  EXPECT_EQ(cached.incr("missing"), Errc::read_only);
  EXPECT_EQ(cached.decr("missing"), Errc::read_only);
  EXPECT_EQ(cached.incr_version("missing"), Errc::read_only);
  EXPECT_EQ(cached.decr_version("missing"), Errc::read_only);
  EXPECT_EQ(cached.set_many({{"a", 1}}), Errc::read_only);
  // The connection is renewed: its name may now lead to the new primary.
  ASSERT_EQ(inspect(replica.endpoint())->command({"REPLICAOF", "NO", "ONE"}).text, "OK");
  EXPECT_EQ(cached.set("a", 1), worked);
  EXPECT_GE(statistics().connects, 2u);
}

// Reads continue there, and so do the refusals: connecting again and again would not help.
TEST_F(Replicas, AReadOnlyServerIsLeftAloneForGrowingPauses) {
  harness::RedisServer& own = own_server({.replica_of = &server()});
  Verbs cached = verbs({.location = {own.url()}});
  const auto end = std::chrono::steady_clock::now() + 2s;
  int refused = 0;
  while (std::chrono::steady_clock::now() < end) {
    const auto stored = cached.set("a", 1);
    ASSERT_FALSE(stored.ok());
    refused += stored == Errc::read_only ? 1 : 0;
  }
  EXPECT_GT(refused, 10);
  EXPECT_LT(statistics().connects, 10u);
}

}  // namespace
}  // namespace djcache
