// Django's contract: get_or_set, with a value, a producer, and a producer that answers later.
#include "engine/engine_fixture.h"

namespace djcache {
namespace {

class GetOrSet : public EngineTest {
 protected:
  // A producer that hands its Resolve to the test.
  AsyncProducer keeper() {
    return AsyncProducer([this](Resolve r) {
      ++asked_;
      kept_.emplace(std::move(r));
    });
  }
  void wait_until_asked() {
    run_until([&] { return kept_.has_value(); });
  }
  std::optional<Resolve> kept_;
  int asked_ = 0;
};

TEST_F(GetOrSet, ReturnsTheEntryWhenItIsThere) {
  Verbs cached = verbs();
  ASSERT_EQ(cached.set("a", "there", {.ttl = forever}), worked);
  const auto record = log();
  EXPECT_EQ(cached.get_or_set("a", "fallback"), Value("there"));
  EXPECT_EQ(cached.produce("a", keeper()), Value("there"));
  EXPECT_EQ(asked_, 0);
  EXPECT_EQ(inspector().pttl(":1:a"), -1);
  EXPECT_EQ(record->take(), (Commands{{"GET", ":1:a"}, {"GET", ":1:a"}}));
}

TEST_F(GetOrSet, StoresTheFallbackOnAMiss) {
  Verbs cached = verbs();
  ASSERT_EQ(cached.get("connected"), miss);
  const auto record = log();
  EXPECT_EQ(cached.get_or_set("a", 5, {.ttl = 60s}), Value(5));
  EXPECT_EQ(record->take(),
            (Commands{{"GET", ":1:a"}, {"SET", ":1:a", "5", "EX", "60", "NX"}, {"GET", ":1:a"}}));
  EXPECT_EQ(cached.get("a"), 5);
}

TEST_F(GetOrSet, CallsTheProducerOnlyOnAMissAndNeverInline) {
  Verbs cached = verbs();
  bool inside = true;
  int produced = 0;
  Answer<Value> first, second;
  const auto producer = [&] {
    EXPECT_FALSE(inside);
    ++produced;
    return Value("made");
  };
  cached.cache.get_or_set("a", producer, first.callback());
  inside = false;
  EXPECT_EQ(wait(first), Value("made"));
  inside = true;
  cached.cache.get_or_set("a", producer, second.callback());
  inside = false;
  EXPECT_EQ(wait(second), Value("made"));
  EXPECT_EQ(produced, 1);
}

TEST_F(GetOrSet, AProducerMayResolveLater) {
  Verbs cached = verbs();
  Answer<Value> answer;
  cached.cache.get_or_set("a", keeper(), {.ttl = forever}, answer.callback());
  wait_until_asked();
  EXPECT_EQ(cached.get("a"), miss);  // the connection is free meanwhile
  EXPECT_FALSE(answer.come());
  (*kept_)(Value(Value::list({1, 2})));
  EXPECT_EQ(wait(answer), Value::list({1, 2}));
  EXPECT_EQ(inspector().pttl(":1:a"), -1);
  EXPECT_EQ(asked_, 1);
}

TEST_F(GetOrSet, AProducerMayReject) {
  Verbs cached = verbs();
  Answer<Value> answer;
  cached.cache.get_or_set("a", keeper(), answer.callback());
  wait_until_asked();
  (*kept_)(Error{Errc::server_error, "the database is closed"});
  EXPECT_EQ(wait(answer), Errc::server_error);
  EXPECT_EQ(detail_of(*answer.result), "the database is closed");
  EXPECT_EQ(cached.get("a"), miss);
}

TEST_F(GetOrSet, AProducerThatDropsItsResolveIsCancelled) {
  Verbs cached = verbs();
  Answer<Value> later;
  cached.cache.get_or_set("a", keeper(), later.callback());
  wait_until_asked();
  kept_.reset();
  EXPECT_EQ(wait(later), Errc::cancelled);
  EXPECT_EQ(cached.produce("a", AsyncProducer([](Resolve) {})), Errc::cancelled);
  EXPECT_EQ(inspector().dbsize(), 0);
}

TEST_F(GetOrSet, AProducerThatNeverResolvesHasALimit) {
  Verbs cached = verbs();
  const auto late = cached.produce("a", keeper(), {.producer_limit = 10ms});
  EXPECT_EQ(late, Errc::timeout);
  EXPECT_THAT(detail_of(late), HasSubstr("10 ms"));
  (*kept_)(Value("too late"));
  EXPECT_EQ(cached.get("a"), miss);
}

TEST_F(GetOrSet, AnsweringMayComeAfterACancel) {
  Verbs cached = verbs();
  Answer<Value> answer;
  const Ticket ticket = cached.cache.get_or_set("a", keeper(), answer.callback());
  wait_until_asked();
  EXPECT_TRUE(cached.cache.cancel(ticket));
  EXPECT_EQ(wait(answer), Errc::cancelled);
  (*kept_)(Value(1));
  EXPECT_EQ(cached.get("a"), miss);
  EXPECT_EQ(answer.calls, 1);
}

TEST_F(GetOrSet, ACancelCountsInEachOfItsSteps) {
  // Before the first GET is answered; then while the SET and the second GET are in flight.
  for (const int wanted : {0, 1}) {
    Verbs cached = verbs();
    ASSERT_EQ(cached.clear(), true);
    Answer<Value> answer;
    const auto is_stored = [&] { return asked_ > 0; };
    asked_ = 0;
    const Ticket ticket = cached.cache.get_or_set(
        "a",
        [this] {
          ++asked_;
          return Value("made");
        },
        answer.callback());
    if (wanted == 1) run_until(is_stored);
    EXPECT_TRUE(cached.cache.cancel(ticket));
    EXPECT_EQ(wait(answer), Errc::cancelled);
    EXPECT_EQ(cached.has_key("b"), false);
    EXPECT_EQ(answer.calls, 1);
  }
}

TEST_F(GetOrSet, TheValueOfAnotherWriterWhoWasFasterWins) {
  Verbs cached = verbs();
  Answer<Value> answer;
  cached.cache.get_or_set("a", keeper(), answer.callback());
  wait_until_asked();
  ASSERT_TRUE(inspector().command({"SET", ":1:a", "77"}).is_status("OK"));
  (*kept_)(Value("mine"));
  EXPECT_EQ(wait(answer), Value(77));
  EXPECT_EQ(cached.get("a"), 77);
}

TEST_F(GetOrSet, AFallbackOfNoneIsCached) {
  Verbs cached = verbs();
  EXPECT_EQ(cached.get_or_set("a", Value()), Value());
  EXPECT_EQ(cached.has_key("a"), true);
  EXPECT_EQ(cached.get("a"), Value());
}

TEST_F(GetOrSet, WithZeroTtlReturnsTheFallbackAndStoresNothing) {
  Verbs cached = verbs();
  EXPECT_EQ(cached.get_or_set("a", "fallback", {.ttl = 0s}), Value("fallback"));
  EXPECT_EQ(inspector().dbsize(), 0);
}

TEST_F(GetOrSet, AVersionCountsForAllItsSteps) {
  Verbs cached = verbs();
  EXPECT_EQ(cached.get_or_set("a", 1, {.version = 2}), Value(1));
  EXPECT_EQ(inspector().keys(), std::vector<std::string>{":2:a"});
  EXPECT_EQ(cached.get_or_set("a", 2, {.version = 2}), Value(1));
}

TEST_F(GetOrSet, AProductThatDoesNotEncodeIsAnError) {
  Verbs cached = verbs({.options = {.serializer = Serializer::raw}});
  EXPECT_EQ(cached.get_or_set("a", Value(1.5)), Errc::encode_failed);
  EXPECT_EQ(cached.produce("a", AsyncProducer([](Resolve r) { r(Value(true)); })),
            Errc::encode_failed);
  EXPECT_EQ(inspector().dbsize(), 0);
}

TEST_F(GetOrSet, AnEntryThatDoesNotDecodeIsAnErrorAndIsKept) {
  Verbs cached = verbs();
  ASSERT_TRUE(inspector().command({"SET", ":1:a", "\xc1"}).is_status("OK"));
  EXPECT_EQ(cached.produce("a", keeper()), Errc::decode_failed);
  EXPECT_EQ(asked_, 0);
  EXPECT_EQ(inspector().raw(":1:a"), "\xc1");
}

TEST_F(GetOrSet, AnErrorOfAddIsItsError) {
  Verbs cached = verbs();
  ASSERT_EQ(cached.get("a"), miss);
  ASSERT_EQ(inspector().command({"CONFIG", "SET", "maxmemory", "1"}).text, "OK");
  EXPECT_EQ(cached.get_or_set("a", 1), Errc::out_of_memory);
  EXPECT_EQ(inspector().command({"CONFIG", "SET", "maxmemory", "0"}).text, "OK");
}

TEST_F(GetOrSet, OneProducerMayUseTheCache) {
  Verbs cached = verbs();
  ASSERT_EQ(cached.set("source", 20), worked);
  Cache inner = cached.cache;
  EXPECT_EQ(cached.produce("a", AsyncProducer([inner](Resolve resolve) mutable {
                             inner.get("source", [resolve = std::move(resolve)](auto r) mutable {
                               resolve(Value(*(*r)->as_int() + 1));
                             });
                           })),
            Value(21));
}

// A producer may return anything that a Value is made of, or a Result of it.
TEST_F(GetOrSet, AProducerMayReturnWhateverMakesAValue) {
  Cache cached = cache();
  const auto produced = [&](std::string_view key, auto producer) {
    Answer<Value> answer;
    cached.get_or_set(key, std::move(producer), answer.callback());
    return wait(answer);
  };
  EXPECT_EQ(produced("int", [] { return 1; }), 1);
  EXPECT_EQ(produced("text", [] { return "x"; }), "x");
  EXPECT_EQ(produced("list", [] { return std::vector<int>{1, 2}; }), Value::list({1, 2}));
  EXPECT_EQ(produced("result", [] { return Result<Value>(Value(3)); }), 3);
  EXPECT_EQ(produced("error", [] { return Result<Value>(Errc::no_value, "none"); }),
            Errc::no_value);
}

}  // namespace
}  // namespace djcache
