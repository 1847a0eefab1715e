// The redis backend: the bytes of each operation, and the pool it uses.
#include "redis/redis_backend.h"

#include <gtest/gtest.h>

#include <set>

#include "redis/scripts.h"
#include "redis/test_rig.h"

namespace djcache::redis::test {
namespace {

struct Commands : ::testing::Test {
  Rig rig;
  RedisBackend& backend = *rig.backend;
  const codec::Encoded value{"he", "llo"};
};

TEST_F(Commands, OneKeyOperationsAreOneCommandEach) {
  backend.ask({.verb = Verb::get, .key = key("k")}, rig.call());
  EXPECT_EQ(rig.sent(), command({"GET", "k"}));
  backend.ask({.verb = Verb::has_key, .key = key("k")}, rig.call());
  EXPECT_EQ(rig.sent(), command({"EXISTS", "k"}));
  backend.ask({.verb = Verb::erase, .key = key("k")}, rig.call());
  EXPECT_EQ(rig.sent(), command({"DEL", "k"}));
  backend.ask({.verb = Verb::clear}, rig.call());
  EXPECT_EQ(rig.sent(), command({"FLUSHDB"}));
}

TEST_F(Commands, SetWritesWholeSecondsAsDjangoDoes) {
  backend.ask({.verb = Verb::set, .key = key("k"), .expiry = seconds(300), .value = value},
              rig.call());
  EXPECT_EQ(rig.sent(), command({"SET", "k", "hello", "EX", "300"}));
  backend.ask({.verb = Verb::set, .key = key("k"), .expiry = {false, 1999}, .value = value},
              rig.call());
  EXPECT_EQ(rig.sent(), command({"SET", "k", "hello", "EX", "1"}));
  backend.ask({.verb = Verb::set, .key = key("k"), .expiry = forever, .value = value}, rig.call());
  EXPECT_EQ(rig.sent(), command({"SET", "k", "hello"}));
}

TEST_F(Commands, SetWithoutALifeLeftDeletes) {
  for (const std::int64_t milliseconds : {0, 999, -1, -5000}) {
    backend.ask(
        {.verb = Verb::set, .key = key("k"), .expiry = {false, milliseconds}, .value = value},
        rig.call());
    EXPECT_EQ(rig.sent(), command({"DEL", "k"}));
  }
}

TEST_F(Commands, AddIsSetUnlessThere) {
  backend.ask({.verb = Verb::add, .key = key("k"), .expiry = seconds(5), .value = value},
              rig.call());
  EXPECT_EQ(rig.sent(), command({"SET", "k", "hello", "EX", "5", "NX"}));
  backend.ask({.verb = Verb::add, .key = key("k"), .expiry = forever, .value = value}, rig.call());
  EXPECT_EQ(rig.sent(), command({"SET", "k", "hello", "NX"}));
  rig.answer("+OK\r\n$-1\r\n");
  EXPECT_EQ(rig.take_ended(), (Lines{"a yes", "a no"}));
}

TEST_F(Commands, AddWithoutALifeLeftOnlyLooksWhetherTheKeyIsAbsent) {
  for (const std::int64_t milliseconds : {0, -1}) {
    backend.ask(
        {.verb = Verb::add, .key = key("k"), .expiry = {false, milliseconds}, .value = value},
        rig.call());
    EXPECT_EQ(rig.sent(), command({"EXISTS", "k"}));
  }
  rig.answer(":0\r\n:1\r\n");
  EXPECT_EQ(rig.take_ended(), (Lines{"a yes", "a no 1"}));
}

TEST_F(Commands, TouchSetsOrRemovesTheExpiry) {
  backend.ask({.verb = Verb::touch, .key = key("k"), .expiry = seconds(9)}, rig.call());
  EXPECT_EQ(rig.sent(), command({"EXPIRE", "k", "9"}));
  backend.ask({.verb = Verb::touch, .key = key("k"), .expiry = seconds(-9)}, rig.call());
  EXPECT_EQ(rig.sent(), command({"EXPIRE", "k", "0"}));
  backend.ask({.verb = Verb::touch, .key = key("k"), .expiry = forever}, rig.call());
  EXPECT_EQ(rig.sent(), command({"PERSIST", "k"}));
}

TEST_F(Commands, KeysAndValuesMayHoldAnyByte) {
  const std::string odd("a\r\n*1\r\n\0$", 10);
  const codec::Encoded bytes{"", odd};
  backend.ask({.verb = Verb::set, .key = key(odd), .expiry = forever, .value = bytes}, rig.call());
  EXPECT_EQ(rig.sent(), command({"SET", odd, odd}));
  const Key keys[] = {key(odd), key("")};
  backend.ask_many({.verb = ManyVerb::get, .keys = keys}, rig.call("m", 2));
  EXPECT_EQ(rig.sent(), command({"MGET", odd, ""}));
  rig.answer("+OK\r\n*2\r\n$-1\r\n$-1\r\n");
  backend.ask({.verb = Verb::incr, .key = key(odd), .number = 1}, rig.call());
  EXPECT_EQ(rig.sent(), command({"EVAL", std::string(incr_script), "1", odd, "1"}));
}

TEST_F(Commands, ManyKeysTravelInOneCommand) {
  const Key keys[] = {key("a"), key("b"), key("c")};
  backend.ask_many({.verb = ManyVerb::get, .keys = keys}, rig.call("get", 3));
  EXPECT_EQ(rig.sent(), command({"MGET", "a", "b", "c"}));
  rig.answer("*3\r\n$1\r\nA\r\n$-1\r\n$0\r\n\r\n");
  EXPECT_EQ(rig.take_ended(), Lines{"get no [A, _, ]"});
  backend.ask_many({.verb = ManyVerb::erase, .keys = keys}, rig.call("del"));
  EXPECT_EQ(rig.sent(), command({"DEL", "a", "b", "c"}));
  rig.answer(":2\r\n");
  EXPECT_EQ(rig.take_ended(), Lines{"del yes 2"});
  const StoredEntry entries[] = {{key("a"), "A"}, {key("b"), "B"}};
  backend.ask_many({.verb = ManyVerb::set, .entries = entries, .expiry = forever}, rig.call("set"));
  EXPECT_EQ(rig.sent(), command({"MSET", "a", "A", "b", "B"}));
  rig.answer("+OK\r\n");
  EXPECT_EQ(rig.take_ended(), Lines{"set yes"});
  backend.ask_many({.verb = ManyVerb::set, .entries = entries, .expiry = seconds(0)},
                   rig.call("gone"));
  EXPECT_EQ(rig.sent(), command({"DEL", "a", "b"}));
}

TEST_F(Commands, ManyEntriesWithALifeAreOneTransaction) {
  const StoredEntry entries[] = {{key("a"), "A"}, {key("b"), "B"}};
  backend.ask_many({.verb = ManyVerb::set, .entries = entries, .expiry = seconds(60)},
                   rig.call("set"));
  EXPECT_EQ(rig.sent(), command({"MULTI"}) + command({"SET", "a", "A", "EX", "60"}) +
                            command({"SET", "b", "B", "EX", "60"}) + command({"EXEC"}));
  rig.answer("+OK\r\n+QUEUED\r\n+QUEUED\r\n");
  EXPECT_EQ(rig.take_ended(), Lines{});
  rig.answer("*2\r\n+OK\r\n+OK\r\n");
  EXPECT_EQ(rig.take_ended(), Lines{"set no"});
}

// If the server had forgotten its hash, the script would have to be sent again in full, behind
// later commands of its key.
TEST_F(Commands, AScriptAlwaysTravelsInFull) {
  const std::string incr_text(incr_script), move_text(move_script);
  for (const std::int64_t delta : {5, -5}) {
    backend.ask({.verb = Verb::incr, .key = key("k"), .number = delta}, rig.call());
    EXPECT_EQ(rig.sent(), command({"EVAL", incr_text, "1", "k", std::to_string(delta)}));
    rig.answer(":1\r\n");
  }
  backend.ask({.verb = Verb::move, .key = key("k"), .expiry = seconds(7), .text = "l"}, rig.call());
  EXPECT_EQ(rig.sent(), command({"EVAL", move_text, "2", "k", "l", "7"}));
  backend.ask({.verb = Verb::move, .key = key("k"), .expiry = forever, .text = "l"}, rig.call());
  EXPECT_EQ(rig.sent(), command({"EVAL", move_text, "2", "k", "l", ""}));
}

TEST_F(Commands, WhatIsRefusedIsToldOnTheNextTurn) {
  link::PoolConfig config = rig.pools[0]->config();
  config.pending_max = 1;
  link::Pool pool(config, rig.waker, 1);
  RedisBackend narrow({&pool}, rig.calls, 1);
  narrow.ask({.verb = Verb::get, .key = key("a")}, rig.call("first"));
  const Key keys[] = {key("b"), key("c")};
  const StoredEntry entries[] = {{key("a"), "A"}};
  narrow.ask({.verb = Verb::get, .key = key("b")}, rig.call("get"));
  narrow.ask({.verb = Verb::set, .key = key("b"), .expiry = forever, .value = value},
             rig.call("set"));
  narrow.ask({.verb = Verb::add, .key = key("b"), .expiry = forever, .value = value},
             rig.call("add"));
  narrow.ask({.verb = Verb::touch, .key = key("b"), .expiry = seconds(1)}, rig.call("touch"));
  narrow.ask({.verb = Verb::incr, .key = key("b"), .number = 1}, rig.call("incr"));
  narrow.ask({.verb = Verb::move, .key = key("b"), .expiry = forever, .text = "c"},
             rig.call("move"));
  narrow.ask({.verb = Verb::clear}, rig.call("clear"));
  narrow.ask_many({.verb = ManyVerb::get, .keys = keys}, rig.call("get_many"));
  narrow.ask_many({.verb = ManyVerb::erase, .keys = keys}, rig.call("erase_many"));
  narrow.ask_many({.verb = ManyVerb::set, .entries = entries, .expiry = forever},
                  rig.call("set_many"));
  narrow.ask_many({.verb = ManyVerb::set, .entries = entries, .expiry = seconds(1)},
                  rig.call("set_many_ex"));
  EXPECT_EQ(rig.take_ended(), Lines{});
  rig.calls.run_deferred();
  const Lines ended = rig.take_ended();
  EXPECT_EQ(ended.size(), 11u);
  for (const std::string& line : ended) {
    EXPECT_NE(line.find("error: there:6379/0: 1 operations are waiting"), std::string::npos);
  }
  EXPECT_EQ(rig.code, Errc::overloaded);
}

TEST_F(Commands, ACommandOfFourGibibytesIsRefusedBeforeItsKeyIsRead) {
  const std::string_view huge("k", std::size_t{5} << 30);
  backend.ask({.verb = Verb::get, .key = {huge, "k"}}, rig.call());
  rig.calls.run_deferred();
  EXPECT_EQ(rig.take_ended(), Lines{"a error: the command is larger than 4 GiB"});
  EXPECT_EQ(rig.code, Errc::value_too_large);
}

TEST(Replicas, ReadsGoToReplicasAndWritesToThePrimary) {
  Rig rig(1, 3);
  RedisBackend& backend = *rig.backend;
  const Key keys[] = {key("a"), key("b")};
  for (int i = 0; i < 40; ++i) {
    backend.ask({.verb = Verb::get, .key = key("k")}, rig.call());
    backend.ask_many({.verb = ManyVerb::get, .keys = keys}, rig.call("m", 2));
  }
  EXPECT_EQ(rig.pools[0]->info().queued, 0u);
  EXPECT_GT(rig.pools[1]->info().queued, 5u);
  EXPECT_GT(rig.pools[2]->info().queued, 5u);
  backend.ask({.verb = Verb::get, .key = key("k"), .options = {.primary = true}}, rig.call());
  backend.ask({.verb = Verb::erase, .key = key("k")}, rig.call());
  EXPECT_EQ(rig.sent(), command({"GET", "k"}) + command({"DEL", "k"}));
  EXPECT_EQ(backend.pools().size(), 3u);
  EXPECT_EQ(backend.pools()[0], rig.pools[0].get());
}

}  // namespace
}  // namespace djcache::redis::test
