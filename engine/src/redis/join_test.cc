// Many keys over several connections: groups, and joined answers.
#include "redis/join.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>

#include "redis/test_rig.h"

namespace djcache::redis::test {
namespace {

// Keys whose connections alternate.
std::vector<std::string> names(const link::Pool& pool, std::size_t count) {
  std::vector<std::string> found;
  for (int i = 0; found.size() < count; ++i) {
    std::string name = "key" + std::to_string(i);
    if (found.empty() || pool.spread(found.back()) != pool.spread(name)) found.push_back(name);
  }
  return found;
}

struct Joined : ::testing::Test {
  Rig rig{4};
  link::Pool& pool = *rig.pools[0];
  std::vector<std::string> made = names(pool, 12);
  std::vector<Key> keys;
  std::map<std::size_t, std::vector<std::string>> by_connection;

  Joined() {
    for (const std::string& name : made) {
      keys.push_back(key(name));
      by_connection[pool.spread(name)].push_back(name);
    }
  }
  const std::string& any_of(std::size_t connection) { return by_connection[connection].front(); }
};

TEST_F(Joined, GroupsKeepTheCallersOrderAndPlaces) {
  const Groups<Key> groups(pool, keys);
  EXPECT_FALSE(groups.single());
  std::vector<bool> seen(keys.size());
  std::size_t parts = 0;
  groups.each([&](std::span<const Key> items, const std::vector<std::size_t>& places) {
    ++parts;
    ASSERT_EQ(items.size(), places.size());
    EXPECT_TRUE(std::is_sorted(places.begin(), places.end()));
    for (std::size_t i = 0; i < items.size(); ++i) {
      EXPECT_EQ(items[i].made, keys[places[i]].made);
      EXPECT_EQ(pool.spread(items[i].affinity), pool.spread(items[0].affinity));
      EXPECT_FALSE(seen[places[i]]);
      seen[places[i]] = true;
    }
  });
  EXPECT_EQ(parts, by_connection.size());
  EXPECT_EQ(std::count(seen.begin(), seen.end(), true), 12);
}

TEST_F(Joined, ValuesComeBackInTheCallersOrder) {
  rig.backend->ask_many({.verb = ManyVerb::get, .keys = keys}, rig.call("get", keys.size()));
  for (auto& [connection, group] : by_connection) {
    Lines mget = group;
    mget.insert(mget.begin(), "MGET");
    EXPECT_EQ(rig.sent(group.front()), command(mget));
  }
  // The last connection answers first.
  for (auto it = by_connection.rbegin(); it != by_connection.rend(); ++it) {
    EXPECT_EQ(rig.ended.size(), 0u);
    std::string reply = "*" + std::to_string(it->second.size()) + "\r\n";
    for (const std::string& name : it->second) {
      reply += name == made[3] ? "$-1\r\n" : bulk("v-" + name);
    }
    rig.answer(reply, it->second.front());
  }
  std::string expected = "get no [";
  for (std::size_t i = 0; i < made.size(); ++i) {
    expected += (i == 0 ? "" : ", ") + (i == 3 ? "_" : "v-" + made[i]);
  }
  EXPECT_EQ(rig.take_ended(), Lines{expected + "]"});
  EXPECT_EQ(rig.calls.waiting(), 0u);
}

TEST_F(Joined, KeysOfOneConnectionTravelAsOneCommand) {
  const std::vector<std::string>& group = by_connection.begin()->second;
  const std::vector<Key> few{key(group[0]), key(group[0])};
  const StoredEntry entries[] = {{key(group[0]), "A"}};
  rig.backend->ask_many({.verb = ManyVerb::get, .keys = few}, rig.call("get", 2));
  rig.backend->ask_many({.verb = ManyVerb::erase, .keys = few}, rig.call("del"));
  rig.backend->ask_many({.verb = ManyVerb::set, .entries = entries, .expiry = forever},
                        rig.call("set"));
  EXPECT_EQ(rig.sent(group[0]), command({"MGET", group[0], group[0]}) +
                                    command({"DEL", group[0], group[0]}) +
                                    command({"MSET", group[0], "A"}));
}

TEST_F(Joined, WritesAndDeletesEndWhenAllPartsHave) {
  std::vector<StoredEntry> entries;
  for (const Key& k : keys) entries.push_back({k, "v"});
  rig.backend->ask_many({.verb = ManyVerb::set, .entries = entries, .expiry = forever},
                        rig.call("set"));
  rig.backend->ask_many({.verb = ManyVerb::erase, .keys = keys}, rig.call("del"));
  std::size_t left = by_connection.size();
  for (auto& [connection, group] : by_connection) {
    EXPECT_TRUE(rig.sent(group.front()).starts_with("*"));
    EXPECT_EQ(rig.ended.size(), 0u);
    rig.answer("+OK\r\n:1\r\n", group.front());
    --left;
  }
  EXPECT_EQ(left, 0u);
  EXPECT_EQ(rig.take_ended().size(), 2u);
}

TEST_F(Joined, TheFirstErrorOfAPartIsTheErrorOfTheWhole) {
  rig.backend->ask_many({.verb = ManyVerb::get, .keys = keys}, rig.call("get", keys.size()));
  std::size_t answered = 0;
  for (auto& [connection, group] : by_connection) {
    (void)rig.sent(group.front());
    rig.answer(answered == 0   ? "-LOADING one\r\n"
               : answered == 1 ? "-OOM two\r\n"
                               : "*0\r\n",
               group.front());
    ++answered;
    EXPECT_EQ(rig.ended.empty(), answered < by_connection.size());
  }
  EXPECT_EQ(rig.take_ended(), Lines{"get error: there:6379/0: LOADING one"});
  EXPECT_EQ(rig.code, Errc::unavailable);
}

TEST_F(Joined, ACancelledWholeIsReleasedByItsParts) {
  Call* whole = rig.call("get", keys.size());
  const Ticket ticket = whole->ticket();
  rig.backend->ask_many({.verb = ManyVerb::get, .keys = keys}, whole);
  rig.calls.cancel(ticket);
  rig.calls.run_deferred();
  for (auto& [connection, group] : by_connection) {
    EXPECT_NE(rig.calls.find_also_given_up(ticket), nullptr);
    (void)rig.sent(group.front());
    rig.answer("*0\r\n", group.front());
  }
  EXPECT_EQ(rig.calls.find_also_given_up(ticket), nullptr);
}

TEST_F(Joined, AWholeThatHasEndedIsNotEndedAgain) {
  Call* whole = rig.call("get", keys.size());
  rig.backend->ask_many({.verb = ManyVerb::get, .keys = keys}, whole);
  whole->finish({});
  rig.take_ended();
  for (auto& [connection, group] : by_connection) {
    (void)rig.sent(group.front());
    rig.answer("*0\r\n", group.front());
  }
  EXPECT_EQ(rig.take_ended(), Lines{});
}

TEST_F(Joined, DroppingEverythingFreesAnOpenJoin) {
  rig.backend->ask_many({.verb = ManyVerb::get, .keys = keys}, rig.call("get", keys.size()));
  rig.backend->ask_many({.verb = ManyVerb::get, .keys = keys}, rig.call("get", keys.size()));
  (void)rig.sent(any_of(by_connection.begin()->first));
  rig.answer("*0\r\n", any_of(by_connection.begin()->first));
  rig.calls.drop_all();
  EXPECT_EQ(rig.take_ended(), Lines{});
  EXPECT_EQ(rig.calls.waiting(), 0u);
}

}  // namespace
}  // namespace djcache::redis::test
