// djcache through coro.h: one coroutine per slot, which awaits its next operation, then the reply.
#include <djcache/coro.h>

#include <coroutine>
#include <exception>
#include <optional>
#include <utility>
#include <vector>

#include "contestants/contestant.h"
#include "contestants/djcache_settings.h"

namespace djcache::bench {
namespace {

using namespace std::chrono_literals;

// A coroutine that is destroyed by its owner.
struct Task {
  struct promise_type {
    Task get_return_object() {
      return Task(std::coroutine_handle<promise_type>::from_promise(*this));
    }
    std::suspend_never initial_suspend() noexcept { return {}; }
    std::suspend_always final_suspend() noexcept { return {}; }
    void return_void() {}
    void unhandled_exception() { std::terminate(); }
  };
  explicit Task(std::coroutine_handle<promise_type> of) : handle(of) {}
  Task(Task&& other) noexcept : handle(std::exchange(other.handle, {})) {}
  Task& operator=(Task&&) = delete;
  ~Task() {
    if (handle) handle.destroy();
  }
  std::coroutine_handle<promise_type> handle;
};

// The next operation of a slot.
struct Place {
  const Key* key = nullptr;
  std::string_view value;
  bool is_set = false;
  std::coroutine_handle<> waiting{};

  struct Next {
    Place& place;
    bool await_ready() const noexcept { return place.key != nullptr; }
    void await_suspend(std::coroutine_handle<> coroutine) { place.waiting = coroutine; }
    const Key& await_resume() { return *std::exchange(place.key, nullptr); }
  };
  Next next() { return {*this}; }
};

class DjcacheCoro final : public Contestant {
 public:
  std::string open(uv_loop_t& loop, const Endpoint& endpoint, ReplySink& sink) override {
    sink_ = &sink;
    engine_.emplace(loop, settings_for(endpoint, Serializer::msgpack));
    if (const auto checked = engine_->check(); !checked.ok()) return checked.error().detail;
    cache_.emplace(engine_->cache("default"));
    return "";
  }
  void get(std::uint32_t slot, const Key& key) override {
    Place& place = place_of(slot);
    place.key = &key;
    place.is_set = false;
    wake(place);
  }
  void set(std::uint32_t slot, const Key& key, std::string_view value) override {
    Place& place = place_of(slot);
    place.key = &key;
    place.value = value;
    place.is_set = true;
    wake(place);
  }
  void close() override {
    if (engine_) {
      engine_->disconnect({}, [this](DisconnectReport) {
        tasks_.clear();
        engine_.reset();
      });
    }
  }

 private:
  Place& place_of(std::uint32_t slot) {
    while (places_.size() <= slot) {
      const auto place = static_cast<std::uint32_t>(places_.size());
      places_.push_back(std::make_unique<Place>());
      tasks_.push_back(work(place, *places_.back()));
    }
    return *places_[slot];
  }
  static void wake(Place& place) {
    if (place.waiting) std::exchange(place.waiting, {}).resume();
  }
  Task work(std::uint32_t slot, Place& place) {
    for (;;) {
      const Key& key = co_await place.next();
      if (place.is_set) {
        const auto stored = co_await cache_->set(key.bare, Value(place.value), {.ttl = 300s});
        stored.ok() ? sink_->on_stored(slot) : sink_->on_failure(stored.error().detail);
        continue;
      }
      const auto found = co_await cache_->get(key.bare);
      if (found.ok() && found->has_value()) {
        sink_->on_value(slot, (*found)->text());
      } else {
        sink_->on_failure(found.ok() ? "djcache-coro: a GET missed" : found.error().detail);
      }
    }
  }

  std::optional<Engine> engine_;
  std::optional<coro::Cache> cache_;
  ReplySink* sink_ = nullptr;
  std::vector<std::unique_ptr<Place>> places_;
  std::vector<Task> tasks_;
};

}  // namespace

std::unique_ptr<Contestant> make_djcache_coro(const Workload&) {
  return std::make_unique<DjcacheCoro>();
}

}  // namespace djcache::bench
