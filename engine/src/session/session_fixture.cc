#include "session/session_fixture.h"

namespace djcache {

std::string name_of(const testing::TestParamInfo<Serializer>& serializer) {
  return serializer.param == Serializer::msgpack ? "msgpack" : "other";
}

std::string text(const Result<void>& result) {
  return result.ok() ? "worked" : std::string(to_string(result.error().code));
}
std::string text(const Result<bool>& result) {
  if (!result.ok()) return std::string(to_string(result.error().code));
  return *result ? "True" : "False";
}
std::string text(const Result<SessionLoad>& result) {
  if (!result.ok()) return std::string(to_string(result.error().code));
  constexpr const char* names[] = {"no_key", "missing", "unreadable", "found"};
  return names[static_cast<int>(*result)];
}

void SessionTest::SetUp() {
  const auto shared = harness::SharedRedisServer::get();
  ASSERT_TRUE(shared) << shared.problem;
  server_ = shared.server;
  inspector_ = harness::Inspector::open(server_->endpoint());
  ASSERT_TRUE(inspector_) << inspector_.problem;
}

void SessionTest::TearDown() {
  if (server_ == nullptr) return;
  EXPECT_TRUE(server_->cont());
  const auto report = runner_.teardown([&](std::function<void()> done) {
    if (!engine_) return done();
    engine_->disconnect({.mode = DisconnectMode::abort},
                        [done = std::move(done)](DisconnectReport) { done(); });
  });
  EXPECT_TRUE(report.ok) << report.problem;
  EXPECT_EQ(report.uv_loop_close_result, 0);
  engine_.reset();
  const auto gone = inspector_->wait_for_clients(0);
  EXPECT_TRUE(gone) << gone.problem;
}

Cache SessionTest::cache(std::string location) {
  if (location.empty()) location = server_->url();
  CacheSettings settings{
      .location = {std::move(location)},
      .options = {.serializer = GetParam(), .command_limit = 10s, .backoff_min = 1ms}};
  engine_ = std::make_unique<Engine>(runner_.loop(), Settings{.caches = {{"default", settings}}});
  return engine_->cache();
}

std::string SessionTest::load(SessionStore& store) {
  return text(ask<SessionLoad>([&](auto done) { store.load(std::move(done)); }));
}
std::string SessionTest::save(SessionStore& store, bool must_create) {
  return text(ask<void>([&](auto done) { store.save(must_create, std::move(done)); }));
}
std::string SessionTest::create(SessionStore& store) {
  return text(ask<void>([&](auto done) { store.create(std::move(done)); }));
}
std::string SessionTest::exists(SessionStore& store, std::string_view session_key) {
  return text(ask<bool>([&](auto done) { store.exists(session_key, std::move(done)); }));
}
std::string SessionTest::delete_(SessionStore& store) {
  return text(ask<void>([&](auto done) { store.delete_(std::move(done)); }));
}
std::string SessionTest::flush(SessionStore& store) {
  return text(ask<void>([&](auto done) { store.flush(std::move(done)); }));
}
std::string SessionTest::cycle_key(SessionStore& store) {
  return text(ask<void>([&](auto done) { store.cycle_key(std::move(done)); }));
}

void SessionTest::put(std::string_view name, const Value& value) {
  const auto stored =
      ask<void>([&](auto done) { cache_or_new().set(name, value, std::move(done)); });
  EXPECT_EQ(text(stored), "worked");
}

std::optional<Value> SessionTest::look(std::string_view name) {
  auto found =
      ask<std::optional<Value>>([&](auto done) { cache_or_new().get(name, std::move(done)); });
  EXPECT_TRUE(found.ok()) << to_string(found.error());
  return found.ok() ? *found : std::nullopt;
}

bool SessionTest::run_until(const std::function<bool()>& predicate) {
  const bool held = runner_.run_until(predicate, 10s);
  EXPECT_TRUE(held) << runner_.problem();
  return held;
}

}  // namespace djcache
