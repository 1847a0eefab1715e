// A GoogleTest fixture for code that uses a cache: the example to copy from.
//
// The important part is TearDown: it disconnects the engine and checks that nothing is left, no
// handle on the loop and no client on the server. Django tests of an asynchronous cache disconnect
// its pools in `tearDown` for the same reason: otherwise connections pile up, and the loop cannot
// be closed.
#include <djcache/djcache.h>
#include <djcache/harness/engine_teardown.h>
#include <djcache/harness/inspector.h>
#include <djcache/harness/redis_server.h>
#include <gtest/gtest.h>

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace {

using namespace djcache::harness;
using namespace std::chrono_literals;

// The code under test: counts the visits of each visitor.
class Visits {
 public:
  explicit Visits(djcache::Cache cache) : cache_(std::move(cache)) {}

  void count(const std::string& visitor, djcache::Callback<std::int64_t> done) {
    cache_.add(visitor, 0, {.ttl = 1h}, nullptr);  // does nothing from the second visit on
    cache_.incr(visitor, std::move(done));
  }

 private:
  djcache::Cache cache_;
};

class VisitsTest : public testing::Test {
 protected:
  void SetUp() override {
    const auto server = SharedRedisServer::get();  // one for all tests, emptied before each
    ASSERT_TRUE(server) << server.problem;
    inspector_ = Inspector::open(server->endpoint());
    ASSERT_TRUE(inspector_) << inspector_.problem;
    engine_.emplace(runner_.loop(),
                    djcache::Settings{.caches = {{"default", {.location = {server->url()}}}}});
  }

  void TearDown() override {
    if (!engine_) return;
    const TeardownReport report = teardown(runner_, *engine_);  // also closes the loop
    EXPECT_TRUE(report.ok) << report.problem;
    const Outcome left = inspector_->wait_for_clients(0);
    EXPECT_TRUE(left.ok()) << left.problem;
  }

  // Runs the loop until the callback passed to `start` has been called.
  template <class T>
  djcache::Result<T> result_of(std::function<void(djcache::Callback<T>)> start) {
    const auto answer = std::make_shared<std::optional<djcache::Result<T>>>();
    start([answer](djcache::Result<T> result) { *answer = std::move(result); });
    if (runner_.run_until([&] { return answer->has_value(); })) return std::move(**answer);
    return {djcache::Errc::timeout, runner_.problem()};
  }

  djcache::Result<std::int64_t> count(const std::string& visitor) {
    return result_of<std::int64_t>([&](auto done) { visits().count(visitor, std::move(done)); });
  }
  Visits visits() { return Visits(engine_->cache()); }

  LoopRunner runner_;
  Opened<Inspector> inspector_;
  std::optional<djcache::Engine> engine_;
};

TEST_F(VisitsTest, TheFirstVisitIsNumberOne) {
  const auto visits = count("ana");
  ASSERT_TRUE(visits.ok()) << to_string(visits.error());
  EXPECT_EQ(*visits, 1);
  EXPECT_EQ(inspector_->raw(":1:ana"), "1");
}

TEST_F(VisitsTest, EachVisitorIsCountedAlone) {
  ASSERT_TRUE(count("ana").ok());
  ASSERT_TRUE(count("bo").ok());
  const auto visits = count("ana");
  ASSERT_TRUE(visits.ok()) << to_string(visits.error());
  EXPECT_EQ(*visits, 2);
}

// TearDown ends operations that are still pending: their callbacks get the error `disconnected`.
TEST_F(VisitsTest, ATestMayEndWithVisitsUnanswered) {
  visits().count("ana", [](djcache::Result<std::int64_t> visits) {
    ASSERT_FALSE(visits.ok());
    EXPECT_EQ(visits.error().code, djcache::Errc::disconnected);
  });
}

}  // namespace
