// Shared by the tests of a whole engine: a loop, a real server, engines, blocking verbs, and a
// teardown that proves that nothing is left: no handle on the loop, no client on any server. Uses
// only the public API and the harness.
#pragma once

#include <djcache/djcache.h>
#include <djcache/harness/command_log.h>
#include <djcache/harness/inspector.h>
#include <djcache/harness/loop_runner.h>
#include <djcache/harness/redis_server.h>
#include <djcache/harness/scripted_peer.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "engine/result_printing.h"

namespace djcache {

using namespace std::chrono_literals;
using namespace std::string_literals;
using harness::Commands;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

// The verbs of a cache, each run until its callback has come.
class Verbs {
 public:
  Verbs(harness::LoopRunner& runner, Cache cache) : runner_(&runner), cache(std::move(cache)) {}

  Result<std::optional<Value>> get(std::string_view key, const ReadOptions& options = {});
  Result<void> set(std::string_view key, const Value& value, const WriteOptions& options = {});
  Result<bool> add(std::string_view key, const Value& value, const WriteOptions& options = {});
  Result<bool> touch(std::string_view key, const WriteOptions& options = {});
  Result<bool> delete_(std::string_view key, const ReadOptions& options = {});
  Result<bool> has_key(std::string_view key, const ReadOptions& options = {});
  Result<Found> get_many(KeyList keys, const ReadOptions& options = {});
  Result<std::vector<std::string>> set_many(const Entries& entries,
                                            const WriteOptions& options = {});
  Result<void> delete_many(KeyList keys, const ReadOptions& options = {});
  Result<std::int64_t> incr(std::string_view key, const DeltaOptions& options = {});
  Result<std::int64_t> decr(std::string_view key, const DeltaOptions& options = {});
  Result<std::int64_t> incr_version(std::string_view key, const DeltaOptions& options = {});
  Result<std::int64_t> decr_version(std::string_view key, const DeltaOptions& options = {});
  Result<Value> get_or_set(std::string_view key, Value fallback,
                           const GetOrSetOptions& options = {});
  Result<Value> produce(std::string_view key, AsyncProducer producer,
                        const GetOrSetOptions& options = {});
  Result<bool> clear();

 private:
  harness::LoopRunner* runner_;

 public:
  Cache cache;
};

// A callback that records its result, and how often it ran.
template <class T>
struct Answer {
  std::optional<Result<T>> result{};
  int calls = 0;

  auto callback() {
    return [this](Result<T> r) {
      ++calls;
      result.emplace(std::move(r));
    };
  }
  bool come() const { return calls > 0; }
};

// `error` is null if the verb succeeded.
using Ended = std::function<void(std::string_view verb, const Error* error)>;
// Calls every verb once, in all forms, each with a callback that calls `ended`. Returns how many.
int call_every_verb(Cache cache, const Ended& ended,
                    std::optional<std::chrono::milliseconds> limit = {});

class EngineTest : public testing::Test {
 protected:
  void SetUp() override;
  void TearDown() override;

  harness::RedisServer& server() { return *server_; }
  harness::Inspector& inspector() { return *inspector_; }
  harness::RedisServer& own_server(harness::RedisServerOptions options = {});
  std::unique_ptr<harness::Inspector> inspect(const harness::Endpoint& endpoint);
  // Records the commands that `server` (the shared one if null) receives from now on.
  std::unique_ptr<harness::CommandLog> log(const harness::RedisServer* server = nullptr);
  harness::ScriptedPeer& peer();  // a new one; see peer_cache() for the handshake

  // The alias "default" of a new engine; without a location, on the shared server.
  Cache cache(CacheSettings settings = {});
  Verbs verbs(CacheSettings settings = {}) { return wait_for(cache(std::move(settings))); }
  Verbs wait_for(Cache cache) { return Verbs(runner_, std::move(cache)); }
  // Plays `script` after the handshake, on every connection.
  Cache scripted(const harness::PeerScript& after_handshake, CacheSettings settings = {});

  // A new engine that records warnings and events; ended by TearDown unless destroy() was called.
  Engine& start(Settings settings);
  Engine& engine() { return *engines_.back(); }
  void destroy(std::size_t index = 0) { engines_[index].reset(); }
  std::unique_ptr<Engine>& owner_of_engine() { return engines_.back(); }

  bool run_until(const std::function<bool()>& predicate,
                 std::chrono::milliseconds limit = std::chrono::seconds(10));
  template <class T>
  Result<T> wait(Answer<T>& answer) {
    if (!run_until([&] { return answer.come(); })) return {Errc::timeout, "the test: no callback"};
    return *answer.result;
  }
  template <class Who>
  DisconnectReport disconnect(Who& who, const DisconnectOptions& options = {}) {
    std::optional<DisconnectReport> report;
    who.disconnect(options, [&](DisconnectReport r) { report = r; });
    run_until([&] { return report.has_value(); });
    return report.value_or(DisconnectReport{});
  }
  // The engine's handles on the loop, readable; empty if there are none.
  std::string our_handles();
  PoolStatistics statistics(std::size_t pool = 0) {
    return engine().pools().at(pool).info().statistics;
  }

  harness::LoopRunner runner_;
  std::vector<PoolEvent> events_;
  std::vector<std::string> warnings_;
  std::vector<std::string> warned_aliases_;

 private:
  harness::RedisServer* server_ = nullptr;
  std::unique_ptr<harness::Inspector> inspector_;
  std::vector<std::unique_ptr<harness::RedisServer>> own_servers_;
  std::vector<std::unique_ptr<harness::ScriptedPeer>> peers_;
  std::deque<std::unique_ptr<Engine>> engines_;  // references to its elements stay valid
};

// The bytes of a bulk string reply.
std::string bulk(std::string_view text);
// A redis-server's answer to a command with the default settings, whose handshake is CLIENT
// SETNAME.
harness::PeerScript after_handshake();

}  // namespace djcache
