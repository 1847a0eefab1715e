// Shared by the tests of sessions on a real server: a loop, the server, an engine, blocking
// operations, and a teardown that proves nothing is left. Uses only the public API and the harness.
//
// Each test runs once per serializer of session_serializers.
#pragma once

#include <djcache/djcache.h>
#include <djcache/harness/command_log.h>
#include <djcache/harness/inspector.h>
#include <djcache/harness/loop_runner.h>
#include <djcache/harness/redis_server.h>
#include <djcache/session.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <ostream>
#include <string>
#include <utility>

namespace djcache {

using namespace std::chrono_literals;
using namespace std::string_literals;
using testing::HasSubstr;
using testing::Not;

inline const auto session_serializers = testing::Values(Serializer::pickle, Serializer::msgpack);
std::string name_of(const testing::TestParamInfo<Serializer>& serializer);

// "worked", "found", "True", or the error: one text to compare and to print.
std::string text(const Result<void>& result);
std::string text(const Result<bool>& result);
std::string text(const Result<SessionLoad>& result);

class SessionTest : public testing::TestWithParam<Serializer> {
 protected:
  static constexpr std::string_view key = "0123456789abcdefghijklmnopqrstuv";
  static constexpr std::string_view prefix = "django.contrib.sessions.cache";

  void SetUp() override;
  void TearDown() override;

  harness::RedisServer& server() { return *server_; }
  harness::Inspector& inspector() { return *inspector_.value; }
  // The alias of a new engine, on the shared server unless `location` is given.
  Cache cache(std::string location = {});
  std::unique_ptr<Engine>& engine() { return engine_; }
  SessionStore store(std::string_view session_key = {}, SessionOptions options = {}) {
    return SessionStore(cache_or_new(), session_key, std::move(options));
  }

  // Runs the loop until the callback that `start` is given has been called.
  template <class T, class Start>
  Result<T> ask(Start start) {
    const auto answer = std::make_shared<std::optional<Result<T>>>();
    start(Callback<T>([answer](Result<T> r) { *answer = std::move(r); }));
    if (runner_.run_until([&] { return answer->has_value(); }, 10s)) return std::move(**answer);
    return {Errc::timeout, "the test: no callback: " + runner_.problem()};
  }
  std::string load(SessionStore& store);
  std::string save(SessionStore& store, bool must_create = false);
  std::string create(SessionStore& store);
  std::string exists(SessionStore& store, std::string_view session_key);
  std::string delete_(SessionStore& store);
  std::string flush(SessionStore& store);
  std::string cycle_key(SessionStore& store);

  // The cache as another user of it sees it.
  void put(std::string_view name, const Value& value);
  std::optional<Value> look(std::string_view name);
  bool run_until(const std::function<bool()>& predicate);
  void turns(int n) { runner_.run_for_turns(n); }
  uv_loop_t& loop() { return runner_.loop(); }

 private:
  Cache cache_or_new() { return engine_ ? engine_->cache() : cache(); }

  harness::RedisServer* server_ = nullptr;
  harness::Opened<harness::Inspector> inspector_;
  harness::LoopRunner runner_;
  std::unique_ptr<Engine> engine_;
};

}  // namespace djcache
