#include <gtest/gtest.h>

#include <djcache/harness/inspector.h>
#include <djcache/harness/redis_server.h>

namespace djcache::harness {
namespace {

TEST(SharedRedisServer, IsOnePerProcessAndEmptyEachTime) {
  auto first = SharedRedisServer::get();
  ASSERT_TRUE(first) << first.problem;
  auto inspector = Inspector::open(first->endpoint(1));
  ASSERT_TRUE(inspector) << inspector.problem;
  inspector->command({"SET", "a", "1"});
  EXPECT_EQ(inspector->commandstats("set"), 1);
  auto second = SharedRedisServer::get();
  ASSERT_TRUE(second) << second.problem;
  EXPECT_EQ(second->pid(), first->pid());
  EXPECT_EQ(inspector->dbsize(), 0);
  EXPECT_EQ(inspector->commandstats("set"), 0);
}

TEST(SharedRedisServer, ComesBackFromWhatATestDidToIt) {
  auto server = SharedRedisServer::get();
  ASSERT_TRUE(server) << server.problem;
  ASSERT_TRUE(server->stop());
  auto continued = SharedRedisServer::get();
  ASSERT_TRUE(continued) << continued.problem;
  continued->kill9();
  auto restarted = SharedRedisServer::get();
  ASSERT_TRUE(restarted) << restarted.problem;
  EXPECT_TRUE(restarted->running());
}

}  // namespace
}  // namespace djcache::harness
