// djcache through its public API, as an embedder uses it, including key making, ttl and codec.
#include <chrono>
#include <optional>

#include "contestants/contestant.h"
#include "contestants/djcache_settings.h"

namespace djcache::bench {
namespace {

using namespace std::chrono_literals;

class DjcacheCache final : public Contestant {
 public:
  explicit DjcacheCache(Serializer serializer) : serializer_(serializer) {}

  std::string open(uv_loop_t& loop, const Endpoint& endpoint, ReplySink& sink) override {
    sink_ = &sink;
    engine_.emplace(loop, settings_for(endpoint, serializer_));
    if (const auto checked = engine_->check(); !checked.ok()) return checked.error().detail;
    cache_ = engine_->cache("default");
    return "";
  }

  void get(std::uint32_t slot, const Key& key) override {
    cache_->get(key.bare, [this, slot](Result<std::optional<Value>> result) {
      if (!result.ok()) return sink_->on_failure("djcache: " + result.error().detail);
      if (!result->has_value()) return sink_->on_failure("djcache: a GET missed");
      sink_->on_value(slot, (*result)->text());
    });
  }

  void set(std::uint32_t slot, const Key& key, std::string_view value) override {
    const Value stored = serializer_ == Serializer::raw ? Value::bytes(value) : Value(value);
    cache_->set(key.bare, stored, {.ttl = 300s}, [this, slot](Result<void> result) {
      if (!result.ok()) return sink_->on_failure("djcache: " + result.error().detail);
      sink_->on_stored(slot);
    });
  }

  void close() override {
    if (engine_) engine_->disconnect({}, [this](DisconnectReport) { engine_.reset(); });
  }

 private:
  const Serializer serializer_;
  std::optional<Engine> engine_;
  std::optional<Cache> cache_;
  ReplySink* sink_ = nullptr;
};

}  // namespace

std::unique_ptr<Contestant> make_djcache_msgpack(const Workload&) {
  return std::make_unique<DjcacheCache>(Serializer::msgpack);
}

std::unique_ptr<Contestant> make_djcache_raw(const Workload&) {
  return std::make_unique<DjcacheCache>(Serializer::raw);
}

}  // namespace djcache::bench
