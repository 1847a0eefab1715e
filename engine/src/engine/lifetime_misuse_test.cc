// What programs do outside of the rules: empty or throwing callbacks, moved-from handles, misspelt
// names, other threads.
#include <cstdlib>
#include <functional>
#include <stdexcept>
#include <thread>

#include "engine/engine_fixture.h"

namespace djcache {
namespace {

class Misuse : public EngineTest {};

TEST_F(Misuse, EveryVerbTakesAnEmptyCallbackOfAnyKind) {
  Cache cached = cache();
  Client client = cached.client({});
  Lock lock = cached.lock("lock", {.ttl = 30s});
  const std::function<void(Result<void>)> none;
  void (*const nowhere)(Result<std::optional<int>>) = nullptr;
  cached.get("k", nullptr);
  cached.get<int>("k", nullptr);
  cached.get<int>("k", Callback<std::optional<int>>{});
  cached.get<int>("k", std::function<void(Result<std::optional<int>>)>{});
  cached.get<int>("k", nowhere);
  cached.get<int>("k", ReadOptions{}, nullptr);
  cached.set("k", 1, none);
  cached.add("k", 1, nullptr);
  cached.touch("k", nullptr);
  cached.has_key("k", nullptr);
  cached.get_many({"k"}, nullptr);
  cached.get_many({}, nullptr);
  cached.set_many({{"k", 1}}, nullptr);
  cached.set_many({}, nullptr);
  cached.delete_many({}, nullptr);
  cached.incr("k", nullptr);
  cached.decr("k", nullptr);
  cached.incr_version("k", nullptr);
  cached.decr_version("k", nullptr);
  cached.get_or_set("k", Value(1), nullptr);
  cached.get_or_set(
      "k2", [] { return Value(1); }, nullptr);
  cached.get_or_set(
      "k3", [](Resolve resolve) { resolve(Value(1)); }, nullptr);
  cached.replace("k", 1, nullptr);
  cached.ttl("k", nullptr);
  cached.pttl("k", nullptr);
  cached.expire("k", 1s, nullptr);
  cached.pexpire("k", 1s, nullptr);
  cached.expire_at("k", std::chrono::system_clock::now(), nullptr);
  cached.persist("k", nullptr);
  cached.keys("*", nullptr);
  cached.iter_keys(
      "*", {}, [](std::vector<std::string>&) { return true; }, nullptr);
  cached.delete_pattern("none*", nullptr);
  cached.delete_("k", nullptr);
  cached.delete_many({"k"}, nullptr);
  cached.clear(nullptr);
  client.command({"PING"}, nullptr);
  client.run(Pipeline().add({"PING"}), {}, nullptr);
  client.transaction(Pipeline().add({"PING"}), {}, nullptr);
  client.lease({}, nullptr);
  client.close({}, nullptr);
  lock.acquire(nullptr);
  lock.extend(1s, nullptr);
  lock.reacquire(nullptr);
  lock.owned(nullptr);
  lock.locked(nullptr);
  lock.release(nullptr);
  EXPECT_EQ(wait_for(cached).get("afterwards"), miss);
  cached.disconnect({}, nullptr);
  engine().pools().at(0).disconnect({}, nullptr);
  engine().disconnect({}, nullptr);
  (void)disconnect(engine());
  EXPECT_EQ(our_handles(), "");
}

TEST_F(Misuse, LightHandlesThatWereMovedFromGoOn) {
  Cache cached = cache();
  Client client = cached.client({});
  const Cache other = std::move(cached);
  const Client other_client = std::move(client);
  EXPECT_EQ(wait_for(cached).set("k", 1), worked);
  EXPECT_EQ(wait_for(other).get("k"), 1);
  Answer<Reply> answer;
  client.command({"PING"}, answer.callback());
  EXPECT_TRUE(wait(answer).ok());
  Pool pool = engine().pools().at(0);
  const Pool same = std::move(pool);
  pool.disconnect({}, nullptr);
  EXPECT_EQ(pool.info().connections, 0u);
  EXPECT_EQ(same.info().connections, 1u);
  Poster poster = engine().poster();
  const Poster taken = std::move(poster);
  EXPECT_FALSE(poster.post([] { FAIL() << "it was moved from"; }));
}

TEST_F(Misuse, ALockThatWasMovedFromDestroysItsCallbacksUncalled) {
  Lock lock = cache().lock("lock", {.ttl = 30s});
  Answer<bool> acquired;
  Lock taken = std::move(lock);
  taken.acquire(acquired.callback());
  EXPECT_EQ(wait(acquired), true);
  const auto never = [](Result<bool>) { FAIL() << "it was moved from"; };
  EXPECT_EQ(lock.acquire(never), Ticket());
  EXPECT_EQ(lock.release(never), Ticket());
  EXPECT_EQ(lock.extend(1s, never), Ticket());
  EXPECT_EQ(lock.reacquire(never), Ticket());
  EXPECT_EQ(lock.owned(never), Ticket());
  EXPECT_EQ(lock.locked(never), Ticket());
  EXPECT_FALSE(lock.held());
  EXPECT_EQ(lock.key(), "");
  EXPECT_TRUE(taken.held());
  Answer<bool> released;
  taken.release(released.callback());
  EXPECT_EQ(wait(released), true);
}

TEST_F(Misuse, ACallFromAnotherThreadThanTheLoopsIsReportedOnce) {
  Cache cached = cache();
  Verbs verbs = wait_for(cached);
  ASSERT_TRUE(verbs.set("k", 1).ok());
  for (int i = 0; i < 2; ++i) {
    Answer<void> set;
    std::thread([&] { cached.set("k", 2, set.callback()); }).join();
    EXPECT_TRUE(wait(set).ok());
  }
  ASSERT_EQ(warnings_.size(), 1u);
  EXPECT_THAT(warnings_[0], testing::HasSubstr("Engine::poster"));
  EXPECT_THAT(warnings_[0], testing::HasSubstr("SyncEngine"));
}

TEST_F(Misuse, ALoopMayMoveToAnotherThreadAndBackWithItsCalls) {
  Cache cached = cache();
  Verbs verbs = wait_for(cached);
  const auto set = [&] { EXPECT_TRUE(verbs.set("k", 1).ok()); };
  set();
  for (int i = 0; i < 2; ++i) {
    std::thread(set).join();
    set();
  }
  Answer<void> issued_here;
  cached.set("k", 2, issued_here.callback());
  std::thread([&] { EXPECT_TRUE(wait(issued_here).ok()); }).join();
  EXPECT_THAT(warnings_, testing::IsEmpty());
}

TEST_F(Misuse, AnUnknownAliasThatIsNearlyOneNamesIt) {
  Settings settings;
  settings.caches["default"] = settings.caches["sessions"] = {.location = {server().url()}};
  const Cache cached = start(std::move(settings)).cache("session");
  const auto answer = wait_for(cached).get("k");
  EXPECT_EQ(answer, Errc::unknown_alias);
  EXPECT_THAT(detail_of(answer), HasSubstr("did you mean 'sessions'?"));
}

using MisuseDeathTest = Misuse;

TEST_F(MisuseDeathTest, ACallbackThatThrowsEndsTheProgramWithItsException) {
  testing::FLAGS_gtest_death_test_style = "threadsafe";
  Cache cached = cache();
  const auto run_into_it = [&] {
    for (int i = 0; i < 3; ++i) {
      cached.get("k", [](Result<std::optional<Value>>) { throw std::runtime_error("a bug"); });
    }
    try {
      run_until([] { return false; }, 5s);
    } catch (const std::exception&) {
    }
    std::_Exit(0);
  };
  EXPECT_DEATH(run_into_it(), "a bug");
}

}  // namespace
}  // namespace djcache
