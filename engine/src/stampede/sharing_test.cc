// Callers of get_or_set that miss the same key share one producer.
#include "stampede/stampede_fixture.h"

namespace djcache {
namespace {

using namespace std::chrono_literals;

struct Sharing : StampedeTest {};

TEST_F(Sharing, ManyCallersCallOneProducer) {
  std::vector<Caller*> callers;
  for (int i = 0; i < 1000; ++i) callers.push_back(&call("k"));
  EXPECT_EQ(callers[0]->produced, 1);
  (*callers[0]->resolve)(Value::list({1, "x"}));
  run();
  for (const Caller* each : callers) {
    EXPECT_EQ(each->told, 1);
    ASSERT_TRUE(each->answer.ok());
    EXPECT_EQ(*each->answer, Value::list({1, "x"}));
    EXPECT_EQ(each->produced, each == callers[0] ? 1 : 0);
  }
  EXPECT_EQ(calls_.waiting(), 0u);
  EXPECT_EQ(counted().produced, 1u);
  EXPECT_EQ(counted().coalesced, 999u);
  EXPECT_EQ(counted().operations, 1000u);
  EXPECT_EQ(counted().sets, 1u);
}

TEST_F(Sharing, AnErrorIsSharedAndNotRemembered) {
  Caller &first = call("k"), &second = call("k");
  (*first.resolve)(Error{Errc::server_error, "the database is closed"});
  EXPECT_EQ(first.told, 0);  // never inside a call
  run();
  for (const Caller* each : {&first, &second}) {
    EXPECT_EQ(each->told, 1);
    EXPECT_EQ(each->answer.error().detail, "the database is closed");
  }
  EXPECT_EQ(call("k").produced, 1);
}

TEST_F(Sharing, CancellingTheFirstLeavesItsProducerToTheOthers) {
  Caller &first = call("k"), &second = call("k");
  EXPECT_TRUE(cache().cancel(first.ticket));
  run();
  EXPECT_EQ(first.answer.error().code, Errc::cancelled);
  EXPECT_EQ(second.told, 0);
  (*first.resolve)(Value(5));
  run();
  EXPECT_EQ(*second.answer, Value(5));
  EXPECT_EQ(first.told, 1);
}

TEST_F(Sharing, ALaterOneMayBeCancelledAlone) {
  Caller &first = call("k"), &second = call("k"), &third = call("k");
  EXPECT_TRUE(cache().cancel(second.ticket));
  run();
  EXPECT_EQ(second.answer.error().code, Errc::cancelled);
  (*first.resolve)(Value(5));
  run();
  EXPECT_EQ(*first.answer, Value(5));
  EXPECT_EQ(*third.answer, Value(5));
}

TEST_F(Sharing, CancelledWhileTheProductIsStoredOneIsToldOnce) {
  Caller &first = call("k"), &second = call("k");
  (*first.resolve)(Value(5));
  EXPECT_TRUE(cache().cancel(second.ticket));
  run();
  EXPECT_EQ(*first.answer, Value(5));
  EXPECT_EQ(second.told, 1);
  EXPECT_EQ(second.answer.error().code, Errc::cancelled);
  EXPECT_EQ(calls_.waiting(), 0u);
}

TEST_F(Sharing, WithEverybodyGoneTheProductionEnds) {
  Caller &first = call("k"), &second = call("k");
  cache().cancel(first.ticket);
  cache().cancel(second.ticket);
  run();
  EXPECT_EQ(calls_.waiting(), 0u);
  EXPECT_EQ(calls_.parked(), 0u);
  (*first.resolve)(Value(5));
  run();
  EXPECT_EQ(store_->entries(), 0u);
  EXPECT_EQ(call("k").produced, 1);
}

TEST_F(Sharing, EachHasItsOwnLimit) {
  Caller& first = call("k", {.producer_limit = 1000ms});
  Caller& second = call("k", {.producer_limit = 10ms});
  pass(10);
  EXPECT_EQ(second.answer.error().code, Errc::timeout);
  EXPECT_EQ(first.told, 0);
  (*first.resolve)(Value(5));
  run();
  EXPECT_EQ(*first.answer, Value(5));
}

TEST_F(Sharing, WhenTheProducerIsLateTheLastWhoCameCallsHis) {
  Caller& first = call("k", {.producer_limit = 100ms});
  pass(50);
  Caller& second = call("k", {.producer_limit = 100ms});
  pass(10);
  Caller& third = call("k", {.producer_limit = 100ms});
  pass(40);
  EXPECT_EQ(first.answer.error().code, Errc::timeout);
  EXPECT_EQ(second.produced + second.told + third.told, 0);
  ASSERT_EQ(third.produced, 1);
  (*first.resolve)(Value("too late"));
  run();
  EXPECT_EQ(third.told, 0);
  pass(50);
  EXPECT_EQ(second.answer.error().code, Errc::timeout);
  (*third.resolve)(Value("in time"));
  run();
  EXPECT_EQ(*third.answer, Value("in time"));
  EXPECT_EQ(calls_.waiting(), 0u);
}

TEST_F(Sharing, ThoseWhoseTimeIsOverAtOnceCallNoProducer) {
  Caller &first = call("k", {.producer_limit = 100ms}),
         &second = call("k", {.producer_limit = 100ms});
  pass(100);
  EXPECT_EQ(first.answer.error().code, Errc::timeout);
  EXPECT_EQ(second.answer.error().code, Errc::timeout);
  EXPECT_EQ(second.produced, 0);
  EXPECT_EQ(calls_.waiting(), 0u);
}

TEST_F(Sharing, OtherKeysVersionsAndAliasesHaveTheirOwn) {
  const auto other = make_alias("other");
  call("k");
  EXPECT_EQ(call("l").produced, 1);
  EXPECT_EQ(call("k", {.version = 2}).produced, 1);
  EXPECT_EQ(call_on(detail::Alias::handle(other), "k").produced, 1);
  EXPECT_EQ(call("k", {.version = 1}).produced, 0);
}

TEST_F(Sharing, AProductThatDoesNotFitIsEverybodysError) {
  store_ = std::make_shared<memory::Store>(
      memory::StoreOptions{.policy = EvictionPolicy::lru, .max_bytes = 100'000});
  memory::MemoryBackend small(store_, {.max_entries = 1000}, calls_, [] { return now_ms; });
  alias_->backend = &small;
  Caller &first = call("k"), &second = call("k");
  (*first.resolve)(Value(std::string(200'000, 'x')));
  run();
  EXPECT_EQ(first.answer.error().code, Errc::value_too_large);
  EXPECT_EQ(second.answer.error().code, Errc::value_too_large);
  EXPECT_EQ(counted().errors_of(Errc::value_too_large), 2u);
}

TEST_F(Sharing, ACallbackMayAskAgainAndFindsTheEntry) {
  Caller& first = call("k");
  std::optional<Value> again;
  cache().get_or_set("k", AsyncProducer([](Resolve) { FAIL(); }), {}, [&](Result<Value> r) {
    ASSERT_TRUE(r.ok());
    cache().get_or_set("k", AsyncProducer([](Resolve) { FAIL(); }), {},
                       [&](Result<Value> second) { again = std::move(*second); });
  });
  run();
  (*first.resolve)(Value(5));
  run();
  EXPECT_EQ(again, Value(5));
}

TEST_F(Sharing, ACallbackMayDestroyTheEngine) {
  Caller& first = call("k");
  Caller& second = call("k");
  cache().get_or_set("l", AsyncProducer([](Resolve r) { r(Value(1)); }), {},
                     [&](Result<Value>) { destroy(); });
  (*first.resolve)(Value(5));
  run();
  EXPECT_EQ(first.told + second.told, 2);  // they were first
  EXPECT_EQ(calls_.waiting(), 0u);
}

TEST_F(Sharing, DestructionTellsNobody) {
  const auto alive = std::make_shared<int>();
  Caller& first = call("k");
  cache().get_or_set("k", AsyncProducer([alive](Resolve) {}), {},
                     [alive](Result<Value>) { FAIL(); });
  run();
  destroy();
  EXPECT_EQ(alive.use_count(), 1);
  (*first.resolve)(Value(5));
  EXPECT_EQ(first.told, 0);
}

TEST_F(Sharing, TooManyWhoWaitAreRefused) {
  for (std::size_t i = 0; i < 100'000; ++i) {
    cache().get_or_set("k", AsyncProducer([](Resolve r) {
                         static std::vector<Resolve> kept;
                         kept.push_back(std::move(r));
                       }),
                       {}, nullptr);
  }
  run();
  EXPECT_EQ(call("k").answer.error().code, Errc::overloaded);
  destroy();
}

// Like a program that keeps a producer's Resolve in an object that its callback owns.
TEST_F(StampedeTest, ACallbackThatOwnsTheResolveOfItsProducerDiesWithTheEngine) {
  auto held = std::make_shared<std::optional<Resolve>>();
  int told = 0;
  cache().get_or_set("a",
                     AsyncProducer([held](Resolve resolve) { held->emplace(std::move(resolve)); }),
                     {}, [held, &told](Result<Value>) { ++told; });
  run();
  held.reset();  // now only the callback owns it
  destroy();
  EXPECT_EQ(told, 0);
  EXPECT_EQ(calls_.waiting(), 0u);
}

}  // namespace
}  // namespace djcache
