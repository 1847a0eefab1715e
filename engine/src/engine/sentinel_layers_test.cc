// Leases, subscribers, locks and the blocking API on a service whose primary changes.
#include <djcache/lock.h>
#include <djcache/sync_cache.h>

#include "engine/sentinel_fixture.h"

namespace djcache {
namespace {

class SentinelLayers : public Sentinels {
 protected:
  void kill_primary(harness::SentinelGroup& group) {
    harness::RedisServer* const primary = group.primary();
    ASSERT_NE(primary, nullptr);
    primary->kill9();
    ASSERT_TRUE(group.wait_for_switch(primary->port()));
  }
  std::unique_ptr<harness::Inspector> inspect_primary(harness::SentinelGroup& group) {
    return inspect(group.primary()->endpoint());
  }
};

TEST_F(SentinelLayers, ASubscriberHearsTheNewPrimary) {
  auto& group = this->group({.down_after = 500ms});
  std::vector<std::string> heard;
  int subscribed = 0;
  Subscriber subscriber =
      cache(settings(group))
          .client({})
          .subscribe({.channels = {"news"},
                      .on_message = [&](const Message& m) { heard.push_back(m.payload); },
                      .on_event =
                          [&](const SubscriberEvent& e) {
                            subscribed += e.kind == SubscriberEvent::Kind::subscribed;
                          }});
  ASSERT_TRUE(run_until([&] { return subscribed == 1; }));
  kill_primary(group);
  ASSERT_TRUE(run_until([&] { return subscribed == 2; }, 60s));
  EXPECT_EQ(inspect_primary(group)->command({"PUBLISH", "news", "again"}).integer, 1);
  EXPECT_TRUE(run_until([&] { return heard == std::vector<std::string>{"again"}; }));
}

TEST_F(SentinelLayers, ALeaseEndsWithItsPrimaryAndTheNextIsOfTheNewOne) {
  auto& group = this->group({.down_after = 500ms});
  Verbs verbs = this->verbs(settings(group));
  Client client = verbs.cache.client({});
  auto held = lease(client);
  ASSERT_NE(held, nullptr) << to_string(problem);
  ASSERT_TRUE(ask(*held, {"WATCH", "k"}).ok());
  kill_primary(group);
  Answer<std::optional<std::vector<Reply>>> transacted;
  held->transaction(Pipeline().add({"SET", "k", "1"}), {}, transacted.callback());
  EXPECT_EQ(wait(transacted), Errc::connection_lost) << "what it watched is not watched any more";
  held.reset();
  ASSERT_TRUE(in_time([&] { return (held = lease(client)) != nullptr; }));
  ASSERT_TRUE(ask(*held, {"SET", "k", "2"}).ok());
  EXPECT_EQ(inspect_primary(group)->raw("k"), "2");
}

TEST_F(SentinelLayers, ALockIsHeldOnTheNewPrimary) {
  auto& group = this->group({.down_after = 500ms});
  Cache cached = cache(settings(group));
  Lock lock = cached.lock("job", {.ttl = 600s});
  const auto acquire = [&] {
    Answer<bool> answer;
    lock.acquire({.blocking = false}, answer.callback());
    return wait(answer);
  };
  ASSERT_EQ(acquire(), true);
  ASSERT_EQ(inspect_primary(group)->command({"WAIT", "1", "5000"}).integer, 1);
  kill_primary(group);
  EXPECT_TRUE(in_time([&] {
    Answer<bool> answer;
    lock.owned(answer.callback());
    return wait(answer) == true;
  }));
  Lock other = cached.lock("job", {.ttl = 600s});
  Answer<bool> refused;
  other.acquire({.blocking = false}, refused.callback());
  EXPECT_EQ(wait(refused), false);
  Answer<bool> released;
  lock.release(released.callback());
  EXPECT_EQ(wait(released), true);
}

TEST_F(SentinelLayers, ABlockedThreadContinuesOnTheNewPrimary) {
  auto& group = this->group({.down_after = 500ms});
  Settings all{.caches = {{"default", settings(group)}}};
  SyncEngine engine(std::move(all));
  ASSERT_TRUE(engine.start().ok());
  SyncCache cached = engine.cache();
  ASSERT_EQ(cached.set("k", 1), worked);
  kill_primary(group);
  EXPECT_TRUE(in_time([&] { return cached.set("k", 2) == worked; }));
  EXPECT_EQ(inspect_primary(group)->type(":1:k"), "string");
}

}  // namespace
}  // namespace djcache
