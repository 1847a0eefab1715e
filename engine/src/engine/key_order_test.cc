// Operations on one key are executed in the order in which they are issued, whatever happens to a
// connection.
#include "engine/raw_fixture.h"

namespace djcache {
namespace {

using KeyOrder = EngineTest;

// An increment that expired unsent leaves nothing behind that would affect the next one.
TEST_F(KeyOrder, IsKeptBehindAnIncrementThatWasNeverSent) {
  harness::RedisServer& own = own_server();
  Cache cached = cache({.location = {own.url()}, .options = {.command_limit = 10s}});
  ASSERT_TRUE(own.stop());
  Answer<void> stored;
  Answer<std::int64_t> expired, counted;
  Answer<std::optional<Value>> found;
  cached.set("b", 10, stored.callback());
  cached.incr("a", {.limit = 20ms}, expired.callback());
  cached.incr("b", counted.callback());
  cached.get("b", found.callback());
  EXPECT_EQ(wait(expired), Errc::timeout);
  ASSERT_TRUE(own.cont());
  EXPECT_EQ(wait(stored), worked);
  EXPECT_EQ(wait(counted), 11);
  EXPECT_EQ(wait(found), 11);
}

TEST_F(KeyOrder, IsKeptByWhatIsIssuedInTheEventOfALoss) {
  harness::RedisServer& own = own_server();
  Answer<void> stored;
  Answer<std::int64_t> counted;
  Answer<std::optional<Value>> found;
  std::optional<Cache> cached;
  bool issued = false;
  Settings settings{
      .caches = {{"default", {.location = {own.url()}, .options = {.command_limit = 10s}}}}};
  settings.on_event = [&](const PoolEvent& event) {
    if (event.kind != PoolEvent::Kind::disconnected || std::exchange(issued, true)) return;
    cached->set("b", 10, stored.callback());
    cached->incr("b", counted.callback());
    cached->get("b", found.callback());
  };
  cached = start(std::move(settings)).cache();
  Verbs verbs = wait_for(*cached);
  ASSERT_EQ(verbs.set("b", 1), worked);
  ASSERT_EQ(verbs.incr("b"), 2);  // the server has the script by now
  ASSERT_TRUE(own.restart());
  EXPECT_EQ(wait(stored), worked);
  EXPECT_EQ(wait(counted), 11);
  EXPECT_EQ(wait(found), 11);
  disconnect(engine());  // reported for the last time by this
  destroy();
}

}  // namespace
}  // namespace djcache
