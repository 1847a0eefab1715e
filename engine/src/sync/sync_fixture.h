// What the tests of the blocking API share: a real server, an engine with its loop thread, and an
// end that proves that no client of ours is left on the server.
#pragma once

#include <djcache/harness/inspector.h>
#include <djcache/harness/redis_server.h>
#include <djcache/sync_cache.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <thread>
#include <vector>

namespace djcache {

using namespace std::chrono_literals;

class SyncTest : public testing::Test {
 protected:
  void SetUp() override {
    auto shared = harness::SharedRedisServer::get();
    ASSERT_TRUE(shared) << shared.problem;
    server_ = shared.server;
    engine_ = started(settings());
  }
  void TearDown() override {
    engine_.reset();
    auto inspector = harness::Inspector::open(server_->endpoint());
    ASSERT_TRUE(inspector) << inspector.problem;
    const auto left = inspector->wait_for_clients(0);
    EXPECT_TRUE(left) << left.problem;
  }

  harness::RedisServer& server() { return *server_; }
  Settings settings(std::string url = {}) {
    Settings settings;
    settings.caches["default"].location = {url.empty() ? server_->url() : url};
    return settings;
  }
  static std::unique_ptr<SyncEngine> started(Settings settings) {
    auto engine = std::make_unique<SyncEngine>(std::move(settings));
    const Result<void> result = engine->start();
    EXPECT_TRUE(result.ok()) << (result.ok() ? "" : to_string(result.error()));
    return engine;
  }
  SyncEngine& engine() { return *engine_; }
  SyncCache cache() { return engine_->cache(); }

  // Waits until `condition`; false after ten seconds.
  template <class Condition>
  static bool eventually(Condition condition) {
    const auto deadline = std::chrono::steady_clock::now() + 10s;
    while (!condition()) {
      if (std::chrono::steady_clock::now() > deadline) return false;
      std::this_thread::yield();
    }
    return true;
  }
  // Runs work(i) on a thread of its own for each i below the count.
  template <class Work>
  static std::vector<std::thread> crew(int size, Work work) {
    std::vector<std::thread> threads;
    for (int i = 0; i < size; ++i) threads.emplace_back([work, i] { work(i); });
    return threads;
  }
  static void join(std::vector<std::thread>& threads) {
    for (auto& thread : threads) thread.join();
  }

  std::unique_ptr<SyncEngine> engine_;

 private:
  harness::RedisServer* server_ = nullptr;
};

}  // namespace djcache
