// Callbacks of every form, passed to every verb and called with every type of result: compiled as
// embedders do, with warnings as errors and at each level of optimization. Only compiled, never
// run.
#include <djcache/cookie.h>
#include <djcache/coro.h>
#include <djcache/djcache.h>
#include <djcache/session.h>
#include <djcache/sync_cache.h>

#include <array>
#include <chrono>
#include <cstdlib>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace {

using djcache::Result;

template <class T>
void function_of(Result<T> result) {
  if (!result.ok()) std::abort();
}
void function_of_report(djcache::DisconnectReport report) {
  if (report.aborted != 0) std::abort();
}

template <class T>
struct Counting {
  void operator()(Result<T> result) { count += result.ok() ? 1 : 0; }
  int count = 0;
};

template <class T>
struct MovesOnly {
  explicit MovesOnly(int n) : held(std::make_unique<int>(n)) {}
  void operator()(Result<T>&& result) {
    if (!result.ok()) *held += static_cast<int>(result.error().detail.size());
  }
  std::unique_ptr<int> held;
};

// `verb` passes its argument to a verb whose callback takes a Result<T>.
template <class T, class Verb>
void each_shape(int& counter, Verb verb) {
  verb([](Result<T>) {});
  verb([](Result<T> result) {
    if (!result.ok()) std::abort();
  });
  verb([](const Result<T>& result) {
    if (!result) std::abort();
  });
  verb([](auto&& result) { (void)result.ok(); });
  verb([&counter](Result<T> result) { counter += result.ok() ? 1 : 0; });
  verb([&counter, text = std::string("captured")](Result<T> result) mutable {
    text += result.ok() ? "" : result.error().detail;
    counter += static_cast<int>(text.size());
  });
  verb([&counter, large = std::array<char, 200>{}](Result<T> result) {
    counter += result.ok() ? large[0] : 0;
  });
  verb([byte = 'b', &counter](Result<T>) { counter += byte; });
  verb(&function_of<T>);
  verb(function_of<T>);
  verb(Counting<T>{});
  verb(MovesOnly<T>(3));
  verb(djcache::Callback<T>{});
  verb(std::function<void(Result<T>)>(function_of<T>));
  verb(nullptr);
}

// Uses of results and callbacks in a program itself.
template <class T>
void each_use(Result<T> given) {
  Result<T> copied = given;
  Result<T> moved = std::move(copied);
  copied = moved;
  copied = Result<T>(djcache::Errc::timeout, "x");
  moved = std::move(copied);
  djcache::Callback<T> done = [](Result<T>) {};
  djcache::Callback<T> other = std::move(done);
  done = std::move(other);
  done(std::move(moved));
  djcache::Callback<T> counting = Counting<T>{};
  counting(std::move(given));
  counting = nullptr;
}

}  // namespace

void use_results() {
  each_use<void>({});
  each_use<bool>(true);
  each_use<std::int64_t>(std::int64_t{1});
  each_use<djcache::Value>(djcache::Value(1));
  each_use<std::optional<djcache::Value>>(std::optional<djcache::Value>(std::nullopt));
  each_use<std::optional<int>>(std::optional<int>(1));
  each_use<std::optional<std::string>>(std::optional<std::string>(std::nullopt));
  each_use<std::optional<std::chrono::seconds>>(std::optional<std::chrono::seconds>(std::nullopt));
  each_use<std::optional<std::chrono::milliseconds>>(
      std::optional<std::chrono::milliseconds>(std::chrono::milliseconds(1)));
  each_use<djcache::Found>(djcache::Found{});
  each_use<std::vector<std::string>>(std::vector<std::string>{});
  each_use<djcache::Reply>(djcache::Reply{});
  each_use<std::vector<djcache::Reply>>(std::vector<djcache::Reply>{});
  each_use<std::optional<std::vector<djcache::Reply>>>(
      std::optional<std::vector<djcache::Reply>>(std::nullopt));
  each_use<djcache::SessionLoad>(djcache::SessionLoad::missing);
}

void use_cache(djcache::Cache& cache, int& n) {
  using namespace std::chrono_literals;
  using Value = djcache::Value;
  using Strings = std::vector<std::string>;
  each_shape<std::optional<Value>>(n, [&](auto done) { cache.get("k", std::move(done)); });
  each_shape<void>(n, [&](auto done) { cache.set("k", 1, {.ttl = 1s}, std::move(done)); });
  each_shape<bool>(n, [&](auto done) { cache.add("k", 1, std::move(done)); });
  each_shape<bool>(n, [&](auto done) { cache.touch("k", std::move(done)); });
  each_shape<bool>(n, [&](auto done) { cache.delete_("k", std::move(done)); });
  each_shape<bool>(n, [&](auto done) { cache.has_key("k", std::move(done)); });
  each_shape<djcache::Found>(n, [&](auto done) { cache.get_many({"k"}, std::move(done)); });
  each_shape<Strings>(n, [&](auto done) { cache.set_many({{"k", 1}}, std::move(done)); });
  each_shape<void>(n, [&](auto done) { cache.delete_many({"k"}, std::move(done)); });
  each_shape<std::int64_t>(n, [&](auto done) { cache.incr("k", std::move(done)); });
  each_shape<std::int64_t>(n, [&](auto done) { cache.decr_version("k", std::move(done)); });
  each_shape<Value>(n, [&](auto done) { cache.get_or_set("k", Value(1), std::move(done)); });
  each_shape<Value>(n, [&](auto done) {
    cache.get_or_set(
        "k", [] { return Value(1); }, std::move(done));
  });
  each_shape<Value>(n, [&](auto done) {
    cache.get_or_set(
        "k", [](djcache::Resolve resolve) { resolve(Value(1)); }, std::move(done));
  });
  each_shape<bool>(n, [&](auto done) { cache.replace("k", 1, std::move(done)); });
  each_shape<std::optional<std::chrono::seconds>>(
      n, [&](auto done) { cache.ttl("k", std::move(done)); });
  each_shape<std::optional<std::chrono::milliseconds>>(
      n, [&](auto done) { cache.pttl("k", std::move(done)); });
  each_shape<bool>(n, [&](auto done) { cache.expire("k", 1s, std::move(done)); });
  each_shape<Strings>(n, [&](auto done) { cache.keys("*", std::move(done)); });
  each_shape<std::int64_t>(n, [&](auto done) {
    cache.iter_keys(
        "*", {}, [](Strings&) { return true; }, std::move(done));
  });
  each_shape<bool>(n, [&](auto done) { cache.clear(std::move(done)); });
}

void use_typed_get(djcache::Cache& cache, int& n) {
  each_shape<std::optional<int>>(n, [&](auto done) { cache.get<int>("k", std::move(done)); });
  each_shape<std::optional<std::string>>(
      n, [&](auto done) { cache.get<std::string>("k", {}, std::move(done)); });
}

void use_client(djcache::Client& client, djcache::Lease& lease, int& n) {
  using Replies = std::vector<djcache::Reply>;
  djcache::Pipeline pipeline;
  each_shape<djcache::Reply>(n, [&](auto done) { client.command({"PING"}, std::move(done)); });
  each_shape<Replies>(n, [&](auto done) { client.run(pipeline, {}, std::move(done)); });
  each_shape<Replies>(n, [&](auto done) { client.transaction(pipeline, {}, std::move(done)); });
  each_shape<djcache::Lease>(n, [&](auto done) { client.lease({}, std::move(done)); });
  each_shape<djcache::Reply>(n, [&](auto done) { lease.command({"PING"}, std::move(done)); });
  each_shape<std::optional<Replies>>(
      n, [&](auto done) { lease.transaction(pipeline, {}, std::move(done)); });
}

void use_the_others(djcache::Engine& engine, djcache::Lock& lock, djcache::SessionStore& session,
                    int& n) {
  each_shape<bool>(n, [&](auto done) { lock.acquire(std::move(done)); });
  each_shape<bool>(n, [&](auto done) { lock.release(std::move(done)); });
  each_shape<djcache::SessionLoad>(n, [&](auto done) { session.load(std::move(done)); });
  each_shape<void>(n, [&](auto done) { session.save(std::move(done)); });
  engine.disconnect({}, [](djcache::DisconnectReport) {});
  engine.disconnect(
      {}, [&n](djcache::DisconnectReport report) { n += static_cast<int>(report.connections); });
  engine.disconnect({}, function_of_report);
  engine.disconnect({}, {});
  (void)engine.post([] {});
  (void)engine.post([&n] { ++n; });
}

void use_sync(djcache::SyncCache& cache, int& n) {
  const auto found = cache.get("k");
  if (found.ok() && found->has_value()) ++n;
  const auto made = cache.get_or_set("k", [] { return djcache::Value(1); });
  if (made.ok()) ++n;
}
