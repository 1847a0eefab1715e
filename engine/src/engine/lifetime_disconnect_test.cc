// The nine rules of callbacks: DisconnectReportsLast and DisconnectAlwaysEnds.
#include <uv.h>

#include <condition_variable>
#include <mutex>

#include "engine/lifetime_fixture.h"
#include "engine/silent_listener.h"

namespace djcache {
namespace {

// Occupies all threads that resolve names, so that a resolution stays pending.
class BusyResolver {
 public:
  explicit BusyResolver(uv_loop_t& loop) : work_(64) {
    for (uv_work_t& each : work_) {
      each.data = this;
      uv_queue_work(
          &loop, &each, [](uv_work_t* work) { static_cast<BusyResolver*>(work->data)->wait(); },
          [](uv_work_t* work, int) { ++static_cast<BusyResolver*>(work->data)->ended_; });
    }
  }
  void let_go() {
    const std::lock_guard lock(mutex_);
    free_ = true;
    wake_.notify_all();
  }
  bool ended() const { return ended_ == work_.size(); }

 private:
  void wait() {
    std::unique_lock lock(mutex_);
    wake_.wait(lock, [this] { return free_; });
  }

  std::vector<uv_work_t> work_;
  std::size_t ended_ = 0;
  std::mutex mutex_;
  std::condition_variable wake_;
  bool free_ = false;
};

constexpr DisconnectOptions abort_now{.mode = DisconnectMode::abort};
constexpr DisconnectOptions drain_10ms{.mode = DisconnectMode::drain, .limit = 10ms};

TEST_F(NineRules, DisconnectReportsLast) {
  for (const auto& how :
       {DisconnectOptions{.mode = DisconnectMode::drain, .limit = 5s}, abort_now}) {
    const Cache cached = cache();
    int pending = 0;
    pending = call_every_verb(cached, [&](auto, auto*) { --pending; });
    bool reported = false;
    engine().disconnect(how, [&](DisconnectReport) {
      reported = true;
      EXPECT_EQ(pending, 0);
      EXPECT_EQ(our_handles(), "");
    });
    run_until([&] { return reported; });
    const auto gone = inspector().wait_for_clients(0);
    EXPECT_TRUE(gone) << gone.problem;
  }
}

TEST_F(NineRules, DisconnectReportsLastAlsoWhenConnectionsAreManyAndOfManyPools) {
  Settings settings;
  for (int db = 0; db < 4; ++db) {
    settings.caches.emplace(
        db == 0 ? "default" : std::to_string(db),
        CacheSettings{.location = {server().url(db)}, .options = {.connections_max = 8}});
  }
  Engine& many = start(std::move(settings));
  int pending = 0;
  for (const char* alias : {"default", "1", "2", "3"}) {
    for (int i = 0; i < 50; ++i) {
      ++pending;
      many.cache(alias).set("key " + std::to_string(i), i, [&](auto) { --pending; });
    }
  }
  run_until([&] { return pending == 0; });
  EXPECT_EQ(inspector().count_clients(), 32u);
  bool reported = false;
  many.disconnect({}, [&](DisconnectReport report) {
    reported = true;
    EXPECT_EQ(report.connections, 32u);
    EXPECT_EQ(our_handles(), "");
  });
  run_until([&] { return reported; });
}

TEST_F(NineRules, DisconnectReportsLastAndAnIdlePoolOwnsNoHandle) {
  Verbs cached = verbs();
  EXPECT_EQ(our_handles(), "");  // before its first use
  ASSERT_EQ(cached.get("a"), miss);
  EXPECT_NE(our_handles(), "");
  disconnect(engine());
  EXPECT_EQ(our_handles(), "");      // after disconnect
  ASSERT_EQ(cached.get("a"), miss);  // and it works again
  EXPECT_EQ(statistics().connects, 2u);
}

TEST_F(NineRules, DisconnectReportsLastAlsoForAParkedProducer) {
  const Cache cached = cache();
  std::optional<Resolve> resolve;
  Answer<Value> answer;
  engine().cache().get_or_set("a", AsyncProducer([&](Resolve r) { resolve.emplace(std::move(r)); }),
                              answer.callback());
  run_until([&] { return resolve.has_value(); });
  bool reported = false;
  engine().disconnect({.limit = 5s}, [&](DisconnectReport report) {
    reported = true;
    EXPECT_TRUE(answer.come());
    EXPECT_FALSE(report.limit_reached);
    EXPECT_EQ(our_handles(), "");
  });
  runner_.run_for_turns(5);
  EXPECT_FALSE(reported);
  (*resolve)(Value("late but in time"));
  run_until([&] { return reported; });
  EXPECT_EQ(*answer.result, Value("late but in time"));
}

TEST_F(NineRules, DisconnectAlwaysEndsWhenTheServerStandsStill) {
  const Cache cached = cache();
  ASSERT_EQ(wait_for(cached).get("connected"), miss);
  ASSERT_TRUE(server().stop());
  std::vector<Errc> told;
  for (int i = 0; i < 3; ++i) {
    engine().cache().get("a", {.limit = 1h}, [&](auto r) { told.push_back(r.error().code); });
  }
  const DisconnectReport report = disconnect(engine(), drain_10ms);
  EXPECT_TRUE(report.limit_reached);
  EXPECT_EQ(report.aborted, 3u);
  EXPECT_EQ(report.completed, 0u);
  EXPECT_EQ(report.connections, 1u);
  EXPECT_EQ(told, std::vector(3, Errc::disconnected));
  EXPECT_EQ(our_handles(), "");
}

TEST_F(NineRules, DisconnectAlwaysEndsWhenTheServerDrainsInTime) {
  const Cache cached = cache();
  Answer<void> answer;
  engine().cache().set("a", 1, answer.callback());
  const DisconnectReport report = disconnect(engine(), {.limit = 5s});
  EXPECT_FALSE(report.limit_reached);
  EXPECT_EQ(report.completed, 1u);
  EXPECT_EQ(report.aborted, 0u);
  EXPECT_EQ(*answer.result, worked);
  EXPECT_EQ(inspector().raw(":1:a"), "1");
}

TEST_F(NineRules, DisconnectAlwaysEndsDuringConnecting) {
  SilentListener silent;
  ASSERT_TRUE(silent.ok());
  for (const auto& how : {abort_now, drain_10ms}) {
    const Cache cached = cache({.location = {silent.url()}});
    Answer<std::optional<Value>> answer;
    engine().cache().get("a", {.limit = 1h}, answer.callback());
    run_until([&] { return engine().pools().at(0).info().state == PoolState::connecting; });
    runner_.run_for_turns(3);
    const DisconnectReport report = disconnect(engine(), how);
    EXPECT_EQ(report.aborted, 1u);
    EXPECT_EQ(report.limit_reached, how.mode == DisconnectMode::drain);
    EXPECT_EQ(*answer.result, Errc::disconnected);
    EXPECT_EQ(our_handles(), "");
  }
}

TEST_F(NineRules, DisconnectAlwaysEndsDuringTheHandshake) {
  for (const auto& how : {abort_now, drain_10ms}) {
    const Cache cached = scripted(harness::PeerScript{}.hold());
    Answer<std::optional<Value>> answer;
    engine().cache().get("a", {.limit = 1h}, answer.callback());
    run_until([&] { return engine().pools().at(0).info().connections == 1; });
    const DisconnectReport report = disconnect(engine(), how);
    EXPECT_EQ(report.aborted, 1u);
    EXPECT_EQ(report.connections, 1u);
    EXPECT_EQ(*answer.result, Errc::disconnected);
    EXPECT_EQ(our_handles(), "");
  }
}

TEST_F(NineRules, DisconnectAlwaysEndsWhileResolving) {
  BusyResolver busy(runner_.loop());
  for (const auto& how : {abort_now, drain_10ms}) {
    const Cache cached =
        cache({.location = {"redis://localhost:" + std::to_string(server().port())}});
    Answer<std::optional<Value>> answer;
    engine().cache().get("a", {.limit = 1h}, answer.callback());
    run_until([&] { return engine().pools().at(0).info().state == PoolState::connecting; });
    EXPECT_EQ(disconnect(engine(), how).aborted, 1u);
    EXPECT_EQ(*answer.result, Errc::disconnected);
    EXPECT_EQ(our_handles(), "");
  }
  busy.let_go();
  run_until([&] { return busy.ended(); });
}

TEST_F(NineRules, DisconnectAlwaysEndsWhileBackingOff) {
  const auto port = std::to_string(harness::unused_port());
  Verbs cached = verbs({.location = {"redis://127.0.0.1:" + port},
                        .options = {.backoff_min = 1h, .backoff_max = 1h}});
  ASSERT_EQ(cached.get("a"), Errc::connect_failed);
  const DisconnectReport report = disconnect(engine(), {.limit = 1h});
  EXPECT_EQ(report.connections, 0u);
  EXPECT_EQ(our_handles(), "");
}

TEST_F(NineRules, DisconnectAlwaysEndsForEachOfTwoAtOnce) {
  const Cache cached = cache();
  ASSERT_EQ(wait_for(cached).get("connected"), miss);
  ASSERT_TRUE(server().stop());
  Answer<std::optional<Value>> answer;
  engine().cache().get("a", {.limit = 1h}, answer.callback());
  std::vector<std::string> order;
  engine().disconnect({.limit = 1h}, [&](DisconnectReport report) {
    order.push_back("drain");
    EXPECT_EQ(report.aborted, 1u);
    EXPECT_EQ(our_handles(), "");
  });
  runner_.run_for_turns(3);
  EXPECT_TRUE(order.empty());
  engine().disconnect(abort_now, [&](DisconnectReport) { order.push_back("abort"); });
  run_until([&] { return order.size() == 2; });
  EXPECT_EQ(*answer.result, Errc::disconnected);
}

TEST_F(NineRules, DisconnectAlwaysEndsWithNothingToDo) {
  cache();
  for (const auto& how : {abort_now, drain_10ms, DisconnectOptions{.limit = 0ms}}) {
    const DisconnectReport report = disconnect(engine(), how);
    EXPECT_EQ(report.connections + report.completed + report.aborted, 0u);
    EXPECT_FALSE(report.limit_reached);
  }
  engine().disconnect({}, {});  // nobody wants to know
  EXPECT_EQ(our_handles().find("tcp"), std::string::npos);
}

TEST_F(NineRules, DisconnectAlwaysEndsAndTheNextOperationReconnects) {
  Verbs cached = verbs();
  for (int i = 0; i < 5; ++i) {
    ASSERT_EQ(cached.set("a", i), worked);
    disconnect(engine(), i % 2 == 0 ? abort_now : DisconnectOptions{});
    ASSERT_EQ(cached.get("a"), i);
  }
  EXPECT_EQ(statistics().connects, 6u);
}

TEST_F(NineRules, DisconnectAlwaysEndsAndOperationsIssuedMeanwhileReconnect) {
  const Cache cached = cache();
  ASSERT_EQ(wait_for(cached).set("a", 1), worked);
  Answer<std::optional<Value>> during;
  bool reported = false;
  engine().disconnect(abort_now, [&](auto) { reported = true; });
  engine().cache().get("a", during.callback());
  EXPECT_EQ(wait(during), 1);
  EXPECT_TRUE(reported);
}

// A producer that never resolves keeps the drain going to its limit; operations issued since are
// not part of it.
TEST_F(NineRules, DisconnectSparesOperationsIssuedWhileItWaitsForAProducer) {
  const Cache cached = cache();
  ASSERT_EQ(wait_for(cached).set("b", 1), worked);
  std::optional<Resolve> never;
  Answer<Value> produced;
  engine().cache().get_or_set("a", AsyncProducer([&](Resolve r) { never.emplace(std::move(r)); }),
                              {.producer_limit = 1h}, produced.callback());
  run_until([&] { return never.has_value(); });
  ASSERT_TRUE(server().stop());
  Answer<std::optional<Value>> since;
  bool reported = false;
  engine().disconnect(drain_10ms, [&](DisconnectReport) { reported = true; });
  run_until([&] { return engine().pools().at(0).info().connections == 0; });
  engine().cache().get("b", {.limit = 1h}, since.callback());
  run_until([&] { return reported; });
  EXPECT_EQ(*produced.result, Errc::disconnected);
  EXPECT_FALSE(since.come());
  ASSERT_TRUE(server().cont());
  EXPECT_EQ(wait(since), 1);
}

// Its producer resolves in time, but its last commands need a connection that is never established.
TEST_F(NineRules, DisconnectAlwaysEndsWhenAProductNeedsANewConnection) {
  const Cache cached = cache();
  ASSERT_EQ(wait_for(cached).set("b", 1), worked);
  std::optional<Resolve> resolve;
  Answer<Value> produced;
  engine().cache().get_or_set("a", AsyncProducer([&](Resolve r) { resolve.emplace(std::move(r)); }),
                              {.limit = 1h, .producer_limit = 1h}, produced.callback());
  run_until([&] { return resolve.has_value(); });
  ASSERT_TRUE(server().stop());
  bool reported = false;
  engine().disconnect({.limit = 500ms}, [&](DisconnectReport report) {
    reported = true;
    EXPECT_TRUE(report.limit_reached);
  });
  run_until([&] { return engine().pools().at(0).info().connections == 0; });
  (*resolve)(Value(1));
  run_until([&] { return reported; });
  EXPECT_EQ(*produced.result, Errc::disconnected);
  EXPECT_EQ(our_handles(), "");
  EXPECT_TRUE(server().cont());
}

// A refusal is reported on the next turn; a disconnect that needs no longer than that is reported
// after it.
TEST_F(NineRules, DisconnectReportsLastAlsoForWhatHasBeenRefused) {
  cache({.options = {.pending_max = 1}});
  ASSERT_EQ(wait_for(engine().cache()).get("connected"), miss);
  std::vector<std::string> order;
  engine().cache().get("a", [&](auto) { order.push_back("aborted"); });
  engine().cache().get("b", [&](auto) {
    order.push_back("refused");
    engine().cache().get("c", [&](auto) { order.push_back("refused in a callback"); });
    engine().disconnect(abort_now, [&](DisconnectReport) { order.push_back("report"); });
  });
  run_until([&] { return !order.empty() && order.back() == "report"; });
  EXPECT_EQ(order,
            (std::vector<std::string>{"refused", "aborted", "refused in a callback", "report"}));
}

TEST_F(NineRules, DisconnectAlwaysEndsWhenAProducerNeverResolves) {
  cache();
  std::optional<Resolve> never;
  Answer<Value> answer;
  engine().cache().get_or_set("a", AsyncProducer([&](Resolve r) { never.emplace(std::move(r)); }),
                              {.producer_limit = 1h}, answer.callback());
  run_until([&] { return never.has_value(); });
  const DisconnectReport report = disconnect(engine(), drain_10ms);
  EXPECT_TRUE(report.limit_reached);
  EXPECT_EQ(report.aborted, 1u);
  EXPECT_EQ(*answer.result, Errc::disconnected);
  EXPECT_EQ(our_handles(), "");
}

}  // namespace
}  // namespace djcache
