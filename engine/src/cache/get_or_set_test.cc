// get_or_set, command by command: when each is sent, and when callbacks run.
#include "cache/production.h"
#include "cache/rig_fixture.h"

namespace djcache::cache::test {
namespace {

using namespace std::chrono_literals;

struct GetOrSetSteps : Rig {
  Told<Value> told;
  int produced = 0;
  std::optional<Resolve> resolve;

  AsyncProducer producer() {
    return [this](Resolve to) {
      ++produced;
      resolve.emplace(std::move(to));
    };
  }
  Ticket ask(const GetOrSetOptions& options = {}) {
    return cache().get_or_set("k", producer(), options, told.callback());
  }
};

TEST_F(GetOrSetSteps, AMissAddsAndLooksAgainOnThePrimaryByTheCallersKey) {
  cache().get_or_set("k", Value(5), {.ttl = 7s, .limit = 90ms}, told.callback());
  const Asked get = next("get :1:k");
  EXPECT_EQ(get.affinity, "k");
  EXPECT_EQ(get.options.limit_ms, 90u);
  EXPECT_FALSE(get.options.continuation);
  EXPECT_FALSE(get.options.primary);
  missing(get);
  const Asked add = next("add :1:k"), again = next("get :1:k");
  for (const Asked& each : {add, again}) {
    EXPECT_EQ(each.affinity, "k");
    EXPECT_EQ(each.options.limit_ms, 90u);
    EXPECT_TRUE(each.options.continuation);
    EXPECT_TRUE(each.options.primary);
  }
  EXPECT_EQ(add.expiry.milliseconds, 7000);
  flag(add, true);
  EXPECT_EQ(told.calls, 0);
  value(again, Value(6));
  EXPECT_EQ(**told.result, Value(6));
  EXPECT_EQ(counted().sets, 1u);
}

TEST_F(GetOrSetSteps, AnEntryThatIsGoneAgainIsTheProduct) {
  cache().get_or_set("k", Value(5), {}, told.callback());
  missing(next("get :1:k"));
  flag(next("add :1:k"), false);
  missing(next("get :1:k"));
  EXPECT_EQ(**told.result, Value(5));
  EXPECT_EQ(counted().sets, 0u);
}

TEST_F(GetOrSetSteps, TheFirstLookIsWhatIsCounted) {
  ask();
  EXPECT_EQ(counted().operations, 0u);
  missing(next("get :1:k"));
  EXPECT_EQ(counted().operations, 1u);
  EXPECT_EQ(counted().misses, 1u);
  EXPECT_EQ(counted().hits, 0u);
  cache().get_or_set("l", Value(1), {}, told.callback());
  value(next("get :1:l"), Value(2));
  EXPECT_EQ(counted().operations, 2u);
  EXPECT_EQ(counted().hits, 1u);
}

TEST_F(GetOrSetSteps, ACancelBeforeTheFirstAnswerIsCountedAsItsEnd) {
  cache().cancel(ask());
  run();
  EXPECT_EQ(told.error(), Errc::cancelled);
  EXPECT_EQ(counted().operations, 1u);
  EXPECT_EQ(counted().errors_of(Errc::cancelled), 1u);
  missing(next("get :1:k"));
  EXPECT_EQ(told.calls, 1);
  EXPECT_EQ(produced, 0);
}

TEST_F(GetOrSetSteps, AnErrorThatCameBeforeTheCancelIsTold) {
  const Ticket ticket = ask();
  missing(next("get :1:k"));
  (*resolve)(Error{Errc::server_error, "no"});
  EXPECT_TRUE(cache().cancel(ticket));
  run();
  EXPECT_EQ(told.error(), Errc::server_error);
}

TEST_F(GetOrSetSteps, CancelledInAnyStepItLeavesItsPlace) {
  for (int i = 0; i < 100; ++i) {
    cache().cancel(cache().get_or_set("k", Value(1), {}, told.callback()));
    run();
    missing(next("get :1:k"));
    const Ticket second = cache().get_or_set("k", Value(1), {}, told.callback());
    missing(next("get :1:k"));
    cache().cancel(second);
    run();
    flag(next("add :1:k"), true);
    missing(next("get :1:k"));
  }
  EXPECT_EQ(told.calls, 200);
  EXPECT_TRUE(nothing_asked());
  EXPECT_TRUE(places_are_free());
}

TEST_F(GetOrSetSteps, DjangosWarningsComeForEachOfItsCommands) {
  cache().get_or_set("k k", Value(1), {}, told.callback());
  EXPECT_EQ(warnings_.size(), 1u);
  missing(next("get :1:k k"));
  EXPECT_EQ(warnings_.size(), 3u);
  flag(next("add :1:k k"), true);
  missing(next("get :1:k k"));
  EXPECT_EQ(warnings_.size(), 3u);
}

TEST_F(GetOrSetSteps, AProductionThatHasEndedIsForgotten) {
  ask();
  missing(next("get :1:k"));
  EXPECT_NE(alias_->stampede.production(":1:k").generation, 0u);
  (*resolve)(Value(1));
  run();
  flag(next("add :1:k"), true);
  missing(next("get :1:k"));
  EXPECT_EQ(alias_->stampede.production(":1:k").generation, 0u);
}

TEST_F(GetOrSetSteps, OfManyWhoCameAndWentThoseWhoStayAreTold) {
  ask();
  missing(next("get :1:k"));
  for (int i = 0; i < 300; ++i) {
    const Ticket ticket = cache().get_or_set("k", producer(), {}, nullptr);
    missing(next("get :1:k"));
    cache().cancel(ticket);
    run();
  }
  (*resolve)(Value(1));
  run();
  flag(next("add :1:k"), true);
  value(next("get :1:k"), Value(1));
  EXPECT_EQ(**told.result, Value(1));
  EXPECT_EQ(produced, 1);
}

TEST_F(GetOrSetSteps, OnceProducedTheLimitsOfTheCommandsCount) {
  ask({.producer_limit = 100ms});
  missing(next("get :1:k"));
  (*resolve)(Value(1));
  run();
  pass(60'000);
  EXPECT_EQ(told.calls, 0);
  flag(next("add :1:k"), true);
  value(next("get :1:k"), Value(1));
  EXPECT_EQ(**told.result, Value(1));
}

TEST_F(GetOrSetSteps, WhatIsBeingStoredIsStoredAlsoWhenNobodyWaits) {
  const Ticket ticket = ask();
  missing(next("get :1:k"));
  (*resolve)(Value(1));
  run();
  cache().cancel(ticket);
  run();
  EXPECT_EQ(told.error(), Errc::cancelled);
  flag(next("add :1:k"), true);
  EXPECT_EQ(counted().sets, 1u);
  missing(next("get :1:k"));
  EXPECT_TRUE(places_are_free());
}

TEST_F(GetOrSetSteps, ADurationIsThatOfItsOwnKey) {
  const auto slot = [](const std::string& key) {
    return std::hash<std::string_view>()(key) % Stampede::slots;
  };
  int other = 0;
  while (slot("key" + std::to_string(other)) != slot("k")) ++other;
  alias_->stampede.remember_duration("k", 7);
  EXPECT_EQ(alias_->stampede.duration("k"), 7u);
  EXPECT_EQ(alias_->stampede.duration("key" + std::to_string(other)), std::nullopt);
  EXPECT_TRUE(alias_->stampede.due_early(1, 1000, 0)) << "no life is left";
}

TEST_F(GetOrSetSteps, OnlyThatThereIsNothingIsRemembered) {
  const GetOrSetOptions options{.negative_ttl = 500ms};
  ask(options);
  missing(next("get :1:k"));
  (*resolve)(Error{Errc::server_error, "no"});
  run();
  ask(options);
  missing(next("get :1:k"));
  EXPECT_EQ(produced, 2);
}

TEST_F(GetOrSetSteps, TheLongestKeyThatIsRememberedIsNamed) {
  const std::string longest(Stampede::remembered_key_max, 'k');
  alias_->stampede.remember_missing(longest, 1000);
  EXPECT_TRUE(alias_->stampede.known_missing(longest));
}

TEST_F(GetOrSetSteps, AsManyWaitAsMayAndNoMore) {
  alias_->stampede.remember_duration(":1:l", 1000);
  chance_ = 1e-9;
  Call* parked = nullptr;
  for (std::size_t i = 0; i < parked_max; ++i) {
    parked = calls_.make<ResultCall<bool, ToFlag>>(Callback<bool>(), ToFlag{});
    calls_.park(parked, 1'000'000);
  }
  const auto find_refreshable = [&] {
    cache().get_or_set("l", producer(), {.early_refresh_beta = 1}, nullptr);
    number(next("remaining :1:l"), 10);
    value(next("get :1:l"), Value(1));
  };
  ask();
  missing(next("get :1:k"));
  EXPECT_EQ(told.error(), Errc::overloaded);
  find_refreshable();
  EXPECT_EQ(produced, 0);
  calls_.unpark(parked);
  find_refreshable();
  EXPECT_EQ(produced, 1) << "which is parked now";
  EXPECT_EQ(calls_.parked(), parked_max);
  (*resolve)(Error{Errc::server_error, "no"});
  run();
  ask();
  missing(next("get :1:k"));
  EXPECT_EQ(produced, 2);
}

// --- Early refresh.

TEST_F(GetOrSetSteps, WhoWantsNoEarlyRefreshAsksForNoRemainingLife) {
  alias_->stampede.remember_duration(":1:k", 1000);
  ask();
  value(next("get :1:k"), Value(1));
  EXPECT_TRUE(nothing_asked());
  cache().get_or_set("k", Value(2), {.early_refresh_beta = 1}, told.callback());  // no producer
  value(next("get :1:k"), Value(1));
  EXPECT_TRUE(nothing_asked());
  EXPECT_EQ(told.calls, 2);
}

TEST_F(GetOrSetSteps, WithoutAKnownDurationNobodyAsksForTheRemainingLife) {
  ask({.early_refresh_beta = 1});
  value(next("get :1:k"), Value(1));
  EXPECT_TRUE(nothing_asked());
  EXPECT_EQ(told.calls, 1);
}

TEST_F(GetOrSetSteps, WhileItIsProducedNobodyAsksForTheRemainingLife) {
  alias_->stampede.remember_duration(":1:k", 1000);
  ask();
  missing(next("get :1:k"));
  ASSERT_EQ(produced, 1);
  ask({.early_refresh_beta = 1});
  missing(next("get :1:k"));
  EXPECT_TRUE(nothing_asked());
  EXPECT_EQ(produced, 1);
}

struct EarlyRefreshSteps : GetOrSetSteps {
  Asked remaining, get;

  void begin(std::string key = "k") {
    alias_->stampede.remember_duration(alias_->keys.make(key), 1000);
    chance_ = 1e-9;
    cache().get_or_set(key, producer(), {.early_refresh_beta = 1}, told.callback());
    remaining = next("remaining :1:" + key);
    get = next("get :1:" + key);
  }
};

TEST_F(EarlyRefreshSteps, TheAnswersMayComeInAnyOrder) {
  begin();
  value(get, Value(1));
  EXPECT_EQ(told.calls, 0);
  number(remaining, 10);
  EXPECT_EQ(**told.result, Value(1));
  EXPECT_EQ(produced, 1);
}

TEST_F(EarlyRefreshSteps, AnEntryWithoutAnExpiryIsNotRefreshed) {
  begin();
  number(remaining, Backend::no_expiry, false);
  value(get, Value(1));
  EXPECT_EQ(told.calls, 1);
  EXPECT_EQ(produced, 0);
}

TEST_F(EarlyRefreshSteps, ACallbackThatDestroysTheEngineLeavesNothingToRefresh) {
  alias_->stampede.remember_duration(":1:k", 1000);
  chance_ = 1e-9;
  cache().get_or_set("k", producer(), {.early_refresh_beta = 1},
                     [this](Result<Value>) { destroy(); });
  number(next("remaining :1:k"), 10);
  value(next("get :1:k"), Value(1));
  EXPECT_EQ(produced, 0);
}

TEST_F(EarlyRefreshSteps, TheProductReplacesTheEntryAndIsCounted) {
  begin("k k");
  number(remaining, 10);
  value(get, Value(1));
  EXPECT_EQ(calls_.enrolled().size(), 1u) << "a disconnect waits for it";
  warnings_.clear();
  (*resolve)(Value(2));
  run();
  const Asked set = next("set :1:k k");
  EXPECT_TRUE(set.options.continuation);
  EXPECT_EQ(warnings_.size(), 1u);
  EXPECT_EQ(counted().sets, 0u);
  flag(set, false);
  EXPECT_EQ(counted().sets, 1u);
  EXPECT_TRUE(places_are_free());
}

TEST_F(EarlyRefreshSteps, OneWhoWaitedForItAndLeftDoesNotEndIt) {
  begin();
  number(remaining, 10);
  value(get, Value(1));
  const Ticket ticket = ask();
  missing(next("get :1:k"));
  cache().cancel(ticket);
  run();
  (*resolve)(Value(2));
  run();
  next("set :1:k");
}

TEST_F(EarlyRefreshSteps, ALateOneThatNobodyWaitsForEnds) {
  begin();
  number(remaining, 10);
  value(get, Value(1));
  pass(30'000);
  EXPECT_EQ(Production::find(*alias_, ":1:k"), nullptr);
  EXPECT_EQ(counted().errors_of(Errc::timeout), 1u);
  EXPECT_EQ(produced, 1);
}

TEST_F(EarlyRefreshSteps, ALateOneThatSomebodyWaitsForIsHisOwnProduction) {
  begin();
  number(remaining, 10);
  value(get, Value(1));
  pass(20'000);
  ask();
  missing(next("get :1:k"));
  pass(10'000);
  ASSERT_EQ(produced, 2);
  (*resolve)(Value(2));
  run();
  flag(next("add :1:k"), true);
}

TEST_F(EarlyRefreshSteps, AFailureToReplaceIsCountedAndEndsIt) {
  begin();
  number(remaining, 10);
  value(get, Value(1));
  (*resolve)(Value(2));
  run();
  fail(next("set :1:k"), Errc::out_of_memory);
  EXPECT_EQ(counted().errors_of(Errc::out_of_memory), 1u);
  EXPECT_EQ(counted().sets, 0u);
  EXPECT_EQ(Production::find(*alias_, ":1:k"), nullptr);
}

}  // namespace
}  // namespace djcache::cache::test
