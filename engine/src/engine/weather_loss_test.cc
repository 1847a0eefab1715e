// Lost connections, stopped servers, blocked loops.
#include <uv.h>

#include "engine/engine_fixture.h"

namespace djcache {
namespace {

class Loss : public EngineTest {
 protected:
  static CacheSettings at(const std::string& location) {
    return {.location = {location}, .options = {.backoff_min = 1ms, .backoff_max = 2ms}};
  }
};

TEST_F(Loss, ARestartedServerWorksAgain) {
  harness::RedisServer& mortal = own_server();
  Verbs cached = verbs(at(mortal.url()));
  ASSERT_EQ(cached.set("a", 1), worked);
  ASSERT_EQ(cached.incr("a"), 2);
  mortal.kill9();
  run_until([&] { return engine().pools().at(0).info().connections == 0; });
  EXPECT_EQ(cached.get("a"), Errc::connect_failed);
  ASSERT_TRUE(mortal.restart());
  EXPECT_EQ(cached.set("a", 1), worked);
  EXPECT_EQ(cached.incr("a"), 2);  // the script is sent in full again
  EXPECT_EQ(events_.front().kind, PoolEvent::Kind::connected);
  EXPECT_EQ(events_.back().kind, PoolEvent::Kind::connected);
}

TEST_F(Loss, AConnectionThatTheServerClosedWhileIdleIsNoError) {
  Verbs cached = verbs();
  ASSERT_EQ(cached.set("a", 1), worked);
  EXPECT_EQ(inspector().kill_clients("djcache"), 1u);
  EXPECT_EQ(cached.get("a"), 1);  // idempotent: sent again, if it was sent at all
  EXPECT_EQ(inspector().kill_clients("djcache"), 1u);
  run_until([&] { return statistics().disconnects == 2; });
  EXPECT_EQ(cached.incr("a"), 2);  // the loss was noticed before: nothing is in doubt
}

TEST_F(Loss, WhatIsIdempotentIsSentAgainTheRestIsLost) {
  harness::ScriptedPeer& fake = peer();
  fake.for_connection(0) = after_handshake()
                               .expect_any_command("EVAL")
                               .send(":1\r\n")
                               .expect_any_command("GET")
                               .expect_any_command("EVAL")
                               .expect_any_command("DEL")
                               .expect_any_command("SET")
                               .reset();
  fake.for_connection(1) = after_handshake()
                               .expect_any_command("GET")
                               .expect_any_command("SET")
                               .send("$1\r\n1\r\n+OK\r\n")
                               .hold();
  Cache cached = cache(at(fake.url()));
  Answer<std::optional<Value>> got;
  Answer<std::int64_t> counted;
  Answer<bool> deleted;
  Answer<void> stored;
  ASSERT_EQ(wait_for(cached).incr("a"), 1);  // the first script of a connection is alone in flight
  cached.get("a", got.callback());
  cached.incr("a", counted.callback());
  cached.delete_("a", deleted.callback());
  cached.set("a", 1, stored.callback());
  EXPECT_EQ(wait(got), 1);
  EXPECT_EQ(wait(stored), worked);
  EXPECT_EQ(wait(counted), Errc::connection_lost);
  EXPECT_EQ(wait(deleted), Errc::connection_lost);
  EXPECT_THAT(detail_of(*counted.result), HasSubstr("127.0.0.1:" + std::to_string(fake.port())));
  EXPECT_EQ(statistics().retries, 2u);
  EXPECT_TRUE(fake.ok()) << fake.problem();
}

TEST_F(Loss, WhatWasNotSentIsNeverInDoubt) {
  // The connection ends in the handshake of the second attempt, too; then it works.
  harness::ScriptedPeer& fake = peer();
  fake.for_connection(0) = after_handshake().close();
  fake.for_connection(1) = after_handshake().expect_any_command("EVAL").send(":2\r\n").hold();
  Verbs cached = verbs(at(fake.url()));
  const auto counted = cached.incr("a");
  // Either it was not yet sent (2), or it was, and the outcome is unknown.
  EXPECT_TRUE(counted == 2 || counted == Errc::connection_lost) << detail_of(counted);
}

TEST_F(Loss, AKilledServerEndsWhatIsInFlight) {
  harness::RedisServer& mortal = own_server();
  Verbs cached = verbs(at(mortal.url()));
  ASSERT_EQ(cached.get("a"), miss);
  ASSERT_TRUE(mortal.stop());
  Answer<std::optional<Value>> got;
  Answer<bool> added;
  cached.cache.get("a", got.callback());
  cached.cache.add("a", 1, added.callback());
  runner_.run_for_turns(3);
  mortal.kill9();
  EXPECT_EQ(wait(added), Errc::connection_lost);
  EXPECT_EQ(wait(got), Errc::connection_lost);  // sent again, but the server is gone
  EXPECT_THAT(detail_of(*got.result), HasSubstr("connecting again"));
}

TEST_F(Loss, OneSlowCommandHurtsNobodyElseAndItsReplyReachesNobody) {
  harness::ScriptedPeer& fake = peer();
  fake.script() = after_handshake()
                      .expect_command({"GET", ":1:first"})
                      .send("$-1\r\n")
                      .expect_command({"GET", ":1:slow"})
                      .expect_command({"GET", ":1:a"})
                      .pause()
                      .send(
                          "$5\r\n\xa4"
                          "late\r\n")
                      .send(
                          "$2\r\n\xa1"
                          "a\r\n")
                      .expect_command({"GET", ":1:b"})
                      .send(
                          "$2\r\n\xa1"
                          "b\r\n")
                      .hold();
  CacheSettings settings = at(fake.url());
  settings.options.serializer = Serializer::msgpack;
  Verbs cached = verbs(std::move(settings));
  ASSERT_EQ(cached.get("first"),
            miss);  // connected: the slow command's limit begins with its sending
  Answer<std::optional<Value>> slow, next;
  cached.cache.get("slow", {.limit = 500ms}, slow.callback());
  cached.cache.get("a", {.limit = 10s}, next.callback());
  EXPECT_EQ(wait(slow), Errc::timeout);
  EXPECT_FALSE(next.come());
  fake.resume();
  EXPECT_EQ(wait(next), "a");
  EXPECT_EQ(cached.get("b"), "b");
  EXPECT_EQ(slow.calls, 1);
  EXPECT_EQ(statistics().late_replies, 1u);
  EXPECT_EQ(statistics().connects, 1u);
}

TEST_F(Loss, AServerThatPausesIsATimeoutAndThenWorks) {
  Verbs cached = verbs();
  ASSERT_EQ(cached.set("a", 1), worked);
  ASSERT_TRUE(server().stop());
  EXPECT_EQ(cached.get("a", {.limit = 5ms}), Errc::timeout);
  EXPECT_EQ(cached.set("a", 2, {.limit = 5ms}), Errc::timeout);
  ASSERT_TRUE(server().cont());
  EXPECT_EQ(cached.get("a"), 2);  // it may have been executed, and it was
}

// The loop runs timers before it polls sockets: a reply that arrived while the program blocked the
// loop must win over its own deadline all the same.
TEST_F(Loss, ABusyLoopDoesNotTimeOutRepliesThatHaveCome) {
  Verbs cached = verbs();
  ASSERT_EQ(cached.set("a", 1), worked);
  struct Busy {
    uv_check_t after_poll;
    std::function<void()> work;
  } busy;
  uv_check_init(&runner_.loop(), &busy.after_poll);
  harness::mark_as_harness(reinterpret_cast<uv_handle_t*>(&busy.after_poll));
  busy.work = [&] {
    if (engine().pools().at(0).info().in_flight == 0) return;
    uv_check_stop(&busy.after_poll);
    EXPECT_TRUE(server().cont());
    const auto answered = [&] { return inspector().commandstats("get") == 1; };
    const std::uint64_t end = uv_hrtime() + 40'000'000;
    while (uv_hrtime() < end || !answered()) {
    }
  };
  static Busy* current;
  current = &busy;
  uv_check_start(&busy.after_poll, [](uv_check_t*) { current->work(); });
  ASSERT_TRUE(server().stop());
  Answer<std::optional<Value>> answer;
  cached.cache.get("a", {.limit = 20ms}, answer.callback());
  EXPECT_EQ(wait(answer), 1);
  EXPECT_EQ(statistics().timeouts, 0u);
  bool closed = false;
  busy.work = [&] { closed = true; };
  uv_close(reinterpret_cast<uv_handle_t*>(&busy.after_poll), [](uv_handle_t*) { current->work(); });
  run_until([&] { return closed; });
}

TEST_F(Loss, AStalledConnectionIsClosed) {
  CacheSettings settings;
  settings.options.stall_limit = 500ms;
  settings.options.backoff_max = 10ms;
  harness::ScriptedPeer& fake = peer();
  fake.for_connection(0) = after_handshake()
                               .expect_any_command("GET")
                               .send("$-1\r\n")
                               .expect_any_command("GET")
                               .expect_close();
  fake.for_connection(1) = after_handshake().expect_any_command("GET").send("$-1\r\n").hold();
  settings.location = {fake.url()};
  Verbs cached = verbs(settings);
  Answer<std::optional<Value>> timed_out, waiting;
  ASSERT_EQ(cached.get("connected"), miss);
  EXPECT_EQ(cached.get("a", {.limit = 5ms}), Errc::timeout);
  run_until([&] { return statistics().disconnects == 1; });
  EXPECT_THAT(events_.back().reason, HasSubstr("silent for"));
  EXPECT_EQ(cached.get("b"), miss);
  EXPECT_TRUE(fake.ok()) << fake.problem();
}

TEST_F(Loss, WritesUnderAStalledServerArriveWholeAndInOrder) {
  Verbs cached = verbs({.options = {.command_limit = 30s}});
  ASSERT_EQ(cached.get("connected"), miss);
  ASSERT_TRUE(server().stop());
  constexpr int count = 200;
  const auto text = [](int i) {
    return std::string(40'000 + 371 * static_cast<std::size_t>(i), static_cast<char>('a' + i % 26));
  };
  int ended = 0;
  for (int i = 0; i < count; ++i) {  // about 15 MB, far more than sockets hold
    cached.cache.set("key " + std::to_string(i), text(i), [&](auto r) {
      EXPECT_EQ(r, worked);
      ++ended;
    });
    if (i % 50 == 49) runner_.run_for_turns(3);
  }
  EXPECT_EQ(ended, 0);
  EXPECT_GT(engine().pools().at(0).info().queued, 0u);
  ASSERT_TRUE(server().cont());
  run_until([&] { return ended == count; }, 30s);
  for (int i = 0; i < count; ++i) {
    const auto got = cached.get("key " + std::to_string(i));
    EXPECT_TRUE(got == Value(text(i))) << i;
  }
  EXPECT_EQ(statistics().connects, 1u);
}

TEST_F(Loss, AnAbortInTheMiddleOfAPartialWriteIsClean) {
  Verbs cached = verbs({.options = {.command_limit = 30s}});
  ASSERT_EQ(cached.get("connected"), miss);
  ASSERT_TRUE(server().stop());
  int ended = 0;
  for (int i = 0; i < 100; ++i) {
    cached.cache.set("key", std::string(100'000, 'x'), [&](auto r) {
      EXPECT_EQ(r, Errc::disconnected);
      ++ended;
    });
  }
  runner_.run_for_turns(3);
  const DisconnectReport report = disconnect(engine(), {.mode = DisconnectMode::abort});
  EXPECT_EQ(report.aborted, 100u);
  EXPECT_EQ(ended, 100);
  EXPECT_EQ(our_handles(), "");
  ASSERT_TRUE(server().cont());
  EXPECT_EQ(cached.set("other", "whole"), worked);
  EXPECT_EQ(cached.get("other"), "whole");
  // Those that had been sent completely may have been executed; the partly sent one never.
  const auto key = cached.get("key");
  EXPECT_TRUE(key == miss || key == Value(std::string(100'000, 'x')));
}

TEST_F(Loss, AServerThatDiesInTheMiddleOfAPartialWriteLosesNoIdempotentWrite) {
  harness::RedisServer& mortal = own_server();
  CacheSettings settings = at(mortal.url());
  settings.options.command_limit = 30s;
  Verbs cached = verbs(settings);
  ASSERT_EQ(cached.get("connected"), miss);
  ASSERT_TRUE(mortal.stop());
  int stored = 0, failed = 0;
  for (int i = 0; i < 100; ++i) {
    cached.cache.set("key " + std::to_string(i), std::string(100'000, 'x'),
                     [&](auto r) { r.ok() ? ++stored : ++failed; });
  }
  runner_.run_for_turns(3);
  ASSERT_TRUE(mortal.restart());
  run_until([&] { return stored + failed == 100; }, 30s);
  EXPECT_EQ(stored, 100);
  for (int i = 0; i < 100; ++i) {
    EXPECT_TRUE(cached.get("key " + std::to_string(i)) == Value(std::string(100'000, 'x'))) << i;
  }
}

}  // namespace
}  // namespace djcache
