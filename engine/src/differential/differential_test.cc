// The same random operations on memory and on a real redis-server give the same results.
//
// DJCACHE_DIFFERENTIAL_OPERATIONS=1000000 makes the run longer (50,000 by default), and
// DJCACHE_DIFFERENTIAL_SEED changes the seed. The first difference ends the run and is shown with
// everything needed to repeat it.
#include <djcache/djcache.h>
#include <djcache/harness/engine_teardown.h>
#include <djcache/harness/loop_runner.h>
#include <djcache/harness/redis_server.h>
#include <gtest/gtest.h>

#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <vector>

#include "differential/script.h"

namespace djcache::differential {
namespace {

using namespace std::chrono_literals;

// How many are in flight at once: a million ends within minutes, and operations interleave.
constexpr std::size_t batch_size = 200;

std::uint64_t parameter(const char* name, std::uint64_t otherwise) {
  const char* text = std::getenv(name);
  return text == nullptr ? otherwise : std::strtoull(text, nullptr, 10);
}

struct Differential : testing::Test {
  void SetUp() override {
    auto started = harness::RedisServer::start();
    ASSERT_TRUE(started) << started.problem;
    server_ = std::move(started.value);
    const Options of_redis{.command_limit = 60s};
    // Not `cull`, where an expired entry can still be deleted, as in Django.
    const Options of_memory{.max_entries = 1'000'000, .policy = EvictionPolicy::lru};
    engine_ = std::make_unique<Engine>(
        runner_.loop(),
        Settings{.caches = {{"default", {.location = {server_->url()}, .options = of_redis}},
                            {"memory", {.backend = "memory", .options = of_memory}}}});
    ASSERT_TRUE(engine_->check().ok());
  }
  void TearDown() override {
    if (engine_ == nullptr) return;
    const auto report = harness::teardown(runner_, *engine_);
    EXPECT_TRUE(report.ok) << report.problem;
    EXPECT_EQ(report.uv_loop_close_result, 0);
  }

  // The outcome of each operation. Later operations do not wait for earlier ones.
  std::vector<std::string> play_all(const std::string& alias,
                                    const std::vector<Operation>& operations) {
    Cache cache = engine_->cache(alias);
    std::vector<std::string> results(operations.size());
    std::size_t told = 0;
    for (std::size_t i = 0; i < operations.size(); ++i) {
      play(cache, operations[i], [&, i](std::string result) {
        results[i] = std::move(result);
        ++told;
      });
    }
    EXPECT_TRUE(runner_.run_until([&] { return told >= operations.size(); }, 60s))
        << runner_.problem();
    return results;
  }

  // Reports the first difference.
  bool agree(const std::vector<Operation>& operations, std::uint64_t first) {
    const auto on_redis = play_all("default", operations);
    const auto on_memory = play_all("memory", operations);
    for (std::size_t i = 0; i < operations.size(); ++i) {
      if (on_redis[i] == on_memory[i]) continue;
      ADD_FAILURE() << "operation " << first + i << ": " << to_string(operations[i])
                    << "\n  redis:  " << on_redis[i] << "\n  memory: " << on_memory[i];
      return false;
    }
    return true;
  }

  bool all_entries_agree() {
    std::vector<Operation> looks;
    for (std::int64_t version = -20; version <= 20; ++version) {
      Operation look{.verb = Verb::get_many, .version = version};
      for (int i = 0; i < 64; ++i) look.keys.push_back("k" + std::to_string(i));
      looks.push_back(std::move(look));
    }
    return agree(looks, 0);
  }

  harness::LoopRunner runner_;
  std::unique_ptr<harness::RedisServer> server_;
  std::unique_ptr<Engine> engine_;
};

TEST_F(Differential, MemoryAndRedisGiveEqualResults) {
  const std::uint64_t wanted = parameter("DJCACHE_DIFFERENTIAL_OPERATIONS", 50'000);
  const std::uint64_t seed = parameter("DJCACHE_DIFFERENTIAL_SEED", 1);
  SCOPED_TRACE("DJCACHE_DIFFERENTIAL_SEED=" + std::to_string(seed));
  Script script(seed);
  for (std::uint64_t played = 0; played < wanted; played += batch_size) {
    std::vector<Operation> batch;
    while (batch.size() < batch_size && played + batch.size() < wanted) {
      batch.push_back(script.next());
    }
    ASSERT_TRUE(agree(batch, played));
  }
  EXPECT_TRUE(all_entries_agree());
  // The statistics are equal, too.
  const CacheStatistics redis = engine_->cache().statistics();
  const CacheStatistics memory = engine_->cache("memory").statistics();
  EXPECT_EQ(redis.operations, memory.operations);
  EXPECT_EQ(redis.hits, memory.hits);
  EXPECT_EQ(redis.misses, memory.misses);
  EXPECT_EQ(redis.sets, memory.sets);
  EXPECT_EQ(redis.produced, memory.produced);
  EXPECT_EQ(redis.coalesced, memory.coalesced);
  EXPECT_EQ(redis.errors, memory.errors);
  std::printf(
      "%llu operations agree; hits %llu, misses %llu, errors key_not_found %llu, "
      "not_an_integer %llu, integer_overflow %llu\n",
      static_cast<unsigned long long>(wanted), static_cast<unsigned long long>(memory.hits),
      static_cast<unsigned long long>(memory.misses),
      static_cast<unsigned long long>(memory.errors_of(Errc::key_not_found)),
      static_cast<unsigned long long>(memory.errors_of(Errc::not_an_integer)),
      static_cast<unsigned long long>(memory.errors_of(Errc::integer_overflow)));
}

}  // namespace
}  // namespace djcache::differential
