#include "engine/engine_fixture.h"

namespace djcache {

using harness::LoopRunner;

namespace {

// Starts an operation and runs the loop until it has ended.
template <class T, class Start>
Result<T> run(LoopRunner& runner, Start start) {
  // Shared: after a failed wait the callback may still come.
  auto answer = std::make_shared<Answer<T>>();
  start([answer](Result<T> r) { answer->callback()(std::move(r)); });
  if (!runner.run_until([&] { return answer->come(); }, 10s)) {
    ADD_FAILURE() << "no callback: " << runner.problem();
    return {Errc::timeout, "the test: no callback"};
  }
  return *answer->result;
}

}  // namespace

Result<std::optional<Value>> Verbs::get(std::string_view key, const ReadOptions& options) {
  return run<std::optional<Value>>(*runner_,
                                   [&](auto done) { cache.get(key, options, std::move(done)); });
}
Result<void> Verbs::set(std::string_view key, const Value& value, const WriteOptions& options) {
  return run<void>(*runner_, [&](auto done) { cache.set(key, value, options, std::move(done)); });
}
Result<bool> Verbs::add(std::string_view key, const Value& value, const WriteOptions& options) {
  return run<bool>(*runner_, [&](auto done) { cache.add(key, value, options, std::move(done)); });
}
Result<bool> Verbs::touch(std::string_view key, const WriteOptions& options) {
  return run<bool>(*runner_, [&](auto done) { cache.touch(key, options, std::move(done)); });
}
Result<bool> Verbs::delete_(std::string_view key, const ReadOptions& options) {
  return run<bool>(*runner_, [&](auto done) { cache.delete_(key, options, std::move(done)); });
}
Result<bool> Verbs::has_key(std::string_view key, const ReadOptions& options) {
  return run<bool>(*runner_, [&](auto done) { cache.has_key(key, options, std::move(done)); });
}
Result<Found> Verbs::get_many(KeyList keys, const ReadOptions& options) {
  return run<Found>(*runner_, [&](auto done) { cache.get_many(keys, options, std::move(done)); });
}
Result<std::vector<std::string>> Verbs::set_many(const Entries& entries,
                                                 const WriteOptions& options) {
  return run<std::vector<std::string>>(
      *runner_, [&](auto done) { cache.set_many(entries, options, std::move(done)); });
}
Result<void> Verbs::delete_many(KeyList keys, const ReadOptions& options) {
  return run<void>(*runner_, [&](auto done) { cache.delete_many(keys, options, std::move(done)); });
}
Result<std::int64_t> Verbs::incr(std::string_view key, const DeltaOptions& options) {
  return run<std::int64_t>(*runner_, [&](auto done) { cache.incr(key, options, std::move(done)); });
}
Result<std::int64_t> Verbs::decr(std::string_view key, const DeltaOptions& options) {
  return run<std::int64_t>(*runner_, [&](auto done) { cache.decr(key, options, std::move(done)); });
}
Result<std::int64_t> Verbs::incr_version(std::string_view key, const DeltaOptions& options) {
  return run<std::int64_t>(*runner_,
                           [&](auto done) { cache.incr_version(key, options, std::move(done)); });
}
Result<std::int64_t> Verbs::decr_version(std::string_view key, const DeltaOptions& options) {
  return run<std::int64_t>(*runner_,
                           [&](auto done) { cache.decr_version(key, options, std::move(done)); });
}
Result<Value> Verbs::get_or_set(std::string_view key, Value fallback,
                                const GetOrSetOptions& options) {
  return run<Value>(*runner_, [&](auto done) {
    cache.get_or_set(key, std::move(fallback), options, std::move(done));
  });
}
Result<Value> Verbs::produce(std::string_view key, AsyncProducer producer,
                             const GetOrSetOptions& options) {
  return run<Value>(*runner_, [&](auto done) {
    cache.get_or_set(key, std::move(producer), options, std::move(done));
  });
}
Result<bool> Verbs::clear() {
  return run<bool>(*runner_, [&](auto done) { cache.clear(std::move(done)); });
}

int call_every_verb(Cache cache, const Ended& ended,
                    std::optional<std::chrono::milliseconds> limit) {
  int verbs = 0;
  const auto tell = [&](const char* verb) {
    ++verbs;
    return [ended, verb](auto result) { ended(verb, result.ok() ? nullptr : &result.error()); };
  };
  const ReadOptions read{.limit = limit};
  const WriteOptions write{.limit = limit};
  const DeltaOptions delta{.limit = limit};
  const GetOrSetOptions compute{.limit = limit};
  cache.get("verb:get", read, tell("get"));
  cache.get<std::int64_t>("verb:number", read, tell("get<int>"));
  cache.set("verb:number", 5, write, tell("set"));
  cache.add("verb:add", "new", write, tell("add"));
  cache.touch("verb:number", write, tell("touch"));
  cache.delete_("verb:add", read, tell("delete_"));
  cache.has_key("verb:number", read, tell("has_key"));
  cache.get_many({"verb:number", "verb:get"}, read, tell("get_many"));
  cache.set_many({{"verb:x", 1}, {"verb:y", 2}}, write, tell("set_many"));
  cache.delete_many({"verb:x", "verb:y"}, read, tell("delete_many"));
  cache.get_many({}, read, tell("get_many of nothing"));
  cache.set_many({}, write, tell("set_many of nothing"));
  cache.delete_many({}, read, tell("delete_many of nothing"));
  cache.incr("verb:number", delta, tell("incr"));
  cache.decr("verb:number", delta, tell("decr"));
  cache.incr_version("verb:number", delta, tell("incr_version"));
  cache.decr_version("verb:missing", delta, tell("decr_version"));
  cache.get_or_set("verb:value", Value("fallback"), compute, tell("get_or_set"));
  cache.get_or_set(
      "verb:produced", [] { return Value(1); }, compute, tell("get_or_set(producer)"));
  cache.get_or_set("verb:resolved", AsyncProducer([](Resolve resolve) { resolve(Value(2)); }),
                   compute, tell("get_or_set(async)"));
  const PatternOptions pattern{.limit = limit};
  cache.replace("verb:value", "again", write, tell("replace"));
  cache.ttl("verb:value", read, tell("ttl"));
  cache.pttl("verb:value", read, tell("pttl"));
  cache.expire("verb:value", 100s, read, tell("expire"));
  cache.pexpire("verb:value", 100s, read, tell("pexpire"));
  cache.expire_at("verb:value", std::chrono::system_clock::now() + 100s, read, tell("expire_at"));
  cache.persist("verb:value", read, tell("persist"));
  cache.keys("verb:*", pattern, tell("keys"));
  cache.iter_keys(
      "verb:*", pattern, [](std::vector<std::string>&) { return true; }, tell("iter_keys"));
  cache.delete_pattern("verb:none*", pattern, tell("delete_pattern"));
  cache.lock("verb:lock", {.limit = limit}).locked(tell("locked"));
  Client client = cache.client({});
  client.command({"PING"}, {.limit = limit}, tell("command"));
  client.run(Pipeline().add({"PING"}).add({"TIME"}), {.limit = limit}, tell("run"));
  client.transaction(Pipeline().add({"PING"}), {.limit = limit}, tell("transaction"));
  client.lease({.limit = limit}, tell("lease"));
  cache.clear(read, tell("clear"));
  return verbs;
}

void EngineTest::SetUp() {
  const auto shared = harness::SharedRedisServer::get();
  ASSERT_TRUE(shared) << shared.problem;
  server_ = shared.server;
  inspector_ = inspect(server_->endpoint());
  ASSERT_NE(inspector_, nullptr);
}

void EngineTest::TearDown() {
  if (server_ == nullptr) return;
  EXPECT_TRUE(server_->cont());
  for (auto& own : own_servers_) {
    if (own->running()) {
      EXPECT_TRUE(own->cont());
    }
  }
  std::size_t waiting = 0;
  for (auto& each : engines_) {
    if (each == nullptr) continue;
    ++waiting;
    each->disconnect({.mode = DisconnectMode::abort}, [&](DisconnectReport) { --waiting; });
  }
  run_until([&] { return waiting == 0; });
  EXPECT_EQ(waiting, 0u);
  std::size_t open = peers_.size();
  for (auto& each : peers_) each->close([&] { --open; });
  run_until([&] { return open == 0; });
  const auto report = runner_.teardown();
  EXPECT_TRUE(report.ok) << report.problem;
  EXPECT_EQ(report.uv_loop_close_result, 0);
  engines_.clear();
  const auto gone = inspector_->wait_for_clients(0);
  EXPECT_TRUE(gone) << gone.problem;
  for (auto& own : own_servers_) {
    if (!own->running()) continue;
    if (auto second = inspect(own->endpoint())) {
      const auto left = second->wait_for_clients(0);
      EXPECT_TRUE(left) << left.problem;
    }
  }
}

harness::RedisServer& EngineTest::own_server(harness::RedisServerOptions options) {
  auto started = harness::RedisServer::start(std::move(options));
  if (!started) throw std::runtime_error(started.problem);  // gtest reports it as a failure
  own_servers_.push_back(std::move(started.value));
  return *own_servers_.back();
}

std::unique_ptr<harness::Inspector> EngineTest::inspect(const harness::Endpoint& endpoint) {
  auto opened = harness::Inspector::open(endpoint);
  EXPECT_TRUE(opened) << opened.problem;
  return std::move(opened.value);
}

std::unique_ptr<harness::CommandLog> EngineTest::log(const harness::RedisServer* server) {
  auto opened = harness::CommandLog::open((server ? server : server_)->endpoint());
  EXPECT_TRUE(opened) << opened.problem;
  return std::move(opened.value);
}

harness::ScriptedPeer& EngineTest::peer() {
  auto listening = harness::ScriptedPeer::listen(runner_.loop());
  if (!listening) throw std::runtime_error(listening.problem);
  peers_.push_back(std::move(listening.value));
  return *peers_.back();
}

Cache EngineTest::scripted(const harness::PeerScript& script, CacheSettings settings) {
  harness::ScriptedPeer& fake = peer();
  fake.script() = script;
  settings.location = {fake.url()};
  return cache(std::move(settings));
}

Engine& EngineTest::start(Settings settings) {
  if (!settings.on_warning) {
    settings.on_warning = [this](std::string_view alias, std::string_view text) {
      warned_aliases_.emplace_back(alias);
      warnings_.emplace_back(text);
    };
  }
  if (!settings.on_event) {
    settings.on_event = [this](const PoolEvent& event) { events_.push_back(event); };
  }
  engines_.push_back(std::make_unique<Engine>(runner_.loop(), std::move(settings)));
  return *engines_.back();
}

Cache EngineTest::cache(CacheSettings settings) {
  if (settings.location.empty()) settings.location = {server().url()};
  Settings all;
  all.caches.emplace("default", std::move(settings));
  Engine& fresh = start(std::move(all));
  EXPECT_TRUE(fresh.check().ok()) << detail_of(fresh.check());
  return fresh.cache();
}

bool EngineTest::run_until(const std::function<bool()>& predicate,
                           std::chrono::milliseconds limit) {
  const bool held = runner_.run_until(predicate, limit);
  EXPECT_TRUE(held) << runner_.problem();
  return held;
}

std::string EngineTest::our_handles() {
  const auto handles = runner_.handles_under_test();
  return handles.empty() ? "" : harness::format(handles);
}

std::string bulk(std::string_view text) {
  return "$" + std::to_string(text.size()) + "\r\n" + std::string(text) + "\r\n";
}

harness::PeerScript after_handshake() {
  return harness::PeerScript{}.expect_handshake({.name = true});
}

}  // namespace djcache
