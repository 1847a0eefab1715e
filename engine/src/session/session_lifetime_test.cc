// The rules of callbacks, and operations whose store or engine is destroyed.
#include "session/session_fixture.h"

namespace djcache {
namespace {

class SessionLifetime : public SessionTest {
 protected:
  static std::string entry() { return std::string(prefix) + std::string(key); }
  // A callback that must not be called, and whose destruction can be observed.
  template <class T>
  Callback<T> never(const std::shared_ptr<int>& token) {
    return [token](Result<T> r) { ADD_FAILURE() << "called: " << text(r); };
  }
};

TEST_P(SessionLifetime, NothingIsCalledInsideACall) {
  SessionStore none = store(), one = store(key);
  int calls = 0;
  const auto count = [&](auto) { ++calls; };
  none.load(count);
  none.delete_(count);
  none.exists("x", count);
  none.flush(count);
  one.load(count);
  one.save(count);
  EXPECT_EQ(calls, 0);
  run_until([&] { return calls == 6; });
  turns(3);
  EXPECT_EQ(calls, 6);
}

TEST_P(SessionLifetime, OperationsOfOneStoreRunInTheOrderOfTheCalls) {
  SessionStore store = this->store();
  std::string order;
  store.save([&](Result<void> r) { order += "save " + text(r); });
  store.load([&](Result<SessionLoad> r) { order += ", load " + text(r); });
  store.cycle_key([&](Result<void> r) { order += ", cycle " + text(r); });
  store.load([&](Result<SessionLoad> r) { order += ", load " + text(r); });
  store.flush([&](Result<void> r) { order += ", flush " + text(r); });
  store.load([&](Result<SessionLoad> r) { order += ", load " + text(r) + "."; });
  run_until([&] { return order.ends_with('.'); });
  EXPECT_EQ(order, "save worked, load found, cycle worked, load found, flush worked, load no_key.");
}

TEST_P(SessionLifetime, ACallbackMayChangeAndSaveItsSession) {
  put(entry(), Value::dict({{"visits", 1}}));
  SessionStore store = this->store(key);
  bool saved = false;
  store.load([&](Result<SessionLoad>) {
    store.session().set("visits", 2);
    store.save([&](Result<void> r) { saved = r.ok(); });
  });
  run_until([&] { return saved; });
  EXPECT_EQ(look(entry()), Value::dict({{"visits", 2}}));
}

TEST_P(SessionLifetime, WhatIsOverSixtyFourIsOverloaded) {
  SessionStore store = this->store(key);
  int worked = 0, overloaded = 0;
  for (int i = 0; i < 70; ++i) {
    store.exists(key, [&](Result<bool> r) { ++(text(r) == "overloaded" ? overloaded : worked); });
  }
  run_until([&] { return worked + overloaded == 70; });
  EXPECT_EQ(worked, 64);
  EXPECT_EQ(overloaded, 6);
}

TEST_P(SessionLifetime, WhatAsksNothingOfTheServerIsNoOperationToTheStatistics) {
  SessionStore store = this->store("not acceptable");
  EXPECT_EQ(load(store), "no_key");
  for (const CacheStatistics& alias : engine()->statistics()) EXPECT_EQ(alias.operations, 0u);
}

TEST_P(SessionLifetime, AnEmptyCallbackIsAllowed) {
  put(entry(), Value::dict());
  SessionStore store = this->store(key);
  store.load(nullptr);
  store.flush(nullptr);
  EXPECT_EQ(load(store), "no_key");
  EXPECT_EQ(inspector().dbsize(), 0);
}

TEST_P(SessionLifetime, DestroyingTheStoreDestroysItsCallbacksUncalled) {
  const auto token = std::make_shared<int>();
  {
    SessionStore store = this->store(key);
    store.load(never<SessionLoad>(token));
    store.save(never<void>(token));
    store.exists(key, never<bool>(token));
    EXPECT_EQ(token.use_count(), 4);
  }
  EXPECT_EQ(token.use_count(), 1);
  EXPECT_EQ(look("something else"), std::nullopt);  // the reply that nothing waits for has arrived
}

TEST_P(SessionLifetime, ACommandThatWasIssuedIsCarriedOutWithoutItsStore) {
  put(entry(), Value::dict());
  store(key).delete_(nullptr);
  EXPECT_EQ(look(entry()), std::nullopt);
  EXPECT_EQ(inspector().dbsize(), 0);
}

TEST_P(SessionLifetime, TheStepsThatWouldFollowAreNotCarriedOut) {
  put(entry(), Value::dict({{"a", 1}}));
  {
    SessionStore store = this->store(key);
    EXPECT_EQ(load(store), "found");
    store.cycle_key(nullptr);
  }
  EXPECT_EQ(look(entry()), Value::dict({{"a", 1}}));
  EXPECT_EQ(inspector().dbsize(), 2);
}

TEST_P(SessionLifetime, ACallbackMayDestroyItsStore) {
  auto store = std::make_unique<SessionStore>(this->store(key));
  const auto token = std::make_shared<int>();
  bool called = false;
  store->load([&](Result<SessionLoad>) {
    store.reset();
    called = true;
  });
  store->save(never<void>(token));
  run_until([&] { return called; });
  EXPECT_EQ(token.use_count(), 1);
}

TEST_P(SessionLifetime, ACallbackMayOwnItsStore) {
  auto store = std::make_shared<SessionStore>(this->store(key));
  const std::weak_ptr<SessionStore> seen = store;
  bool called = false;
  store->load([store, &called](Result<SessionLoad>) { called = true; });
  store.reset();
  EXPECT_FALSE(seen.expired());
  run_until([&] { return called; });
  EXPECT_TRUE(seen.expired());
}

TEST_P(SessionLifetime, DestroyingTheEngineDestroysCallbacksUncalled) {
  const auto token = std::make_shared<int>();
  SessionStore store = this->store(key);
  store.load(never<SessionLoad>(token));
  store.save(never<void>(token));
  engine().reset();
  EXPECT_EQ(token.use_count(), 1);
  store.load(never<SessionLoad>(token));  // inert from now on
  store.exists("x", never<bool>(token));
  EXPECT_EQ(token.use_count(), 1);
}

TEST_P(SessionLifetime, DestroyingTheEngineDestroysAStoreThatItsCallbackOwns) {
  auto store = std::make_shared<SessionStore>(this->store(key));
  const std::weak_ptr<SessionStore> seen = store;
  store->load([store](Result<SessionLoad>) { ADD_FAILURE() << "called"; });
  store.reset();
  engine().reset();
  EXPECT_TRUE(seen.expired());
}

TEST_P(SessionLifetime, AStoreThatOnlyItsCallbackOwnsMayMeetADeadEngine) {
  auto store = std::make_shared<SessionStore>(this->store(key));
  engine().reset();
  SessionStore* bare = store.get();
  bare->load([store = std::move(store)](Result<SessionLoad>) { ADD_FAILURE() << "called"; });
}

TEST_P(SessionLifetime, ACallbackMayDestroyTheEngine) {
  const auto token = std::make_shared<int>();
  SessionStore store = this->store(key);
  bool called = false;
  store.load([&](Result<SessionLoad>) {
    engine().reset();
    called = true;
  });
  store.save(never<void>(token));
  run_until([&] { return called; });
  EXPECT_EQ(token.use_count(), 1);
}

TEST_P(SessionLifetime, DisconnectEndsWhatIsPending) {
  SessionStore store = this->store(key);
  EXPECT_EQ(load(store), "missing");
  store = this->store(key);
  std::vector<std::string> order;
  store.load([&](Result<SessionLoad> r) { order.push_back(text(r)); });
  engine()->disconnect({.mode = DisconnectMode::abort},
                       [&](DisconnectReport) { order.push_back("reported"); });
  run_until([&] { return order.size() == 2; });
  EXPECT_EQ(order, (std::vector<std::string>{"disconnected", "reported"}));
  EXPECT_EQ(store.session().session_key(), key);
}

TEST_P(SessionLifetime, AStoreMayBeMovedWhileItWorks) {
  put(entry(), Value::dict({{"a", 1}}));
  SessionStore first = this->store(key);
  std::string answer;
  first.load([&](Result<SessionLoad> r) { answer = text(r); });
  SessionStore second = std::move(first);
  run_until([&] { return !answer.empty(); });
  EXPECT_EQ(answer, "found");
  EXPECT_EQ(second.session().data(), Value::dict({{"a", 1}}));
}

TEST_P(SessionLifetime, AssigningAStoreEndsTheOneThatWas) {
  const auto token = std::make_shared<int>();
  SessionStore store = this->store(key);
  store.load(never<SessionLoad>(token));
  store = this->store();
  EXPECT_EQ(token.use_count(), 1);
  EXPECT_EQ(load(store), "no_key");
}

INSTANTIATE_TEST_SUITE_P(With, SessionLifetime, session_serializers, name_of);

}  // namespace
}  // namespace djcache
