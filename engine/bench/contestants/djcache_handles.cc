#include "contestants/djcache_handles.h"

#include <djcache/harness/inspector.h>
#include <malloc.h>
#include <uv.h>

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "contestants/djcache_settings.h"

namespace djcache::bench {
namespace {

/// Bytes in use: small blocks, and large ones that have a mapping of their own.
std::size_t heap_bytes() {
  const struct mallinfo2 info = mallinfo2();
  return info.uordblks + info.hblkhd;
}

std::optional<std::int64_t> connections_on(const Endpoint& endpoint) {
  const auto inspector =
      harness::Inspector::open({.port = static_cast<std::uint16_t>(endpoint.port)});
  const auto count = inspector ? inspector->count_clients() : std::nullopt;
  if (!count) return std::nullopt;
  return static_cast<std::int64_t>(*count);
}

/// Uses each handle once, so that anything it creates on first use is counted, too.
std::string use_each(uv_loop_t& loop, std::vector<Cache>& handles) {
  constexpr std::size_t kAtOnce = 100;
  std::string failure;
  for (std::size_t begin = 0; begin < handles.size(); begin += kAtOnce) {
    std::size_t waiting = std::min(kAtOnce, handles.size() - begin);
    const std::size_t end = begin + waiting;
    for (std::size_t i = begin; i < end; ++i) {
      handles[i].has_key("handle", [&](Result<bool> result) {
        if (!result.ok()) failure = result.error().detail;
        if (--waiting == 0) uv_stop(&loop);
      });
    }
    uv_run(&loop, UV_RUN_DEFAULT);
  }
  return failure;
}

}  // namespace

HandleCost measure_handles(std::uint64_t handles, const Endpoint& endpoint) {
  HandleCost cost{.handles = handles};
  uv_loop_t loop;
  uv_loop_init(&loop);
  {
    Engine engine(loop, settings_for(endpoint, Serializer::msgpack));
    std::vector<Cache> first = {engine.cache("default")};
    cost.failure = use_each(loop, first);
    const auto before = connections_on(endpoint);
    const std::size_t heap = heap_bytes();
    std::vector<Cache> caches;
    caches.reserve(handles);
    for (std::uint64_t i = 0; i < handles; ++i) caches.push_back(engine.cache("default"));
    // The vector's memory is the size of the handles, so the heap includes everything.
    cost.bytes_each = static_cast<double>(heap_bytes() - heap) / static_cast<double>(handles);
    if (cost.failure.empty()) cost.failure = use_each(loop, caches);
    const auto after = connections_on(endpoint);
    if (before && after) {
      cost.connections = *after - *before;
    } else if (cost.failure.empty()) {
      cost.failure = "the connections on the server cannot be counted";
    }
    engine.disconnect({}, {});
    uv_run(&loop, UV_RUN_DEFAULT);
  }
  if (uv_loop_close(&loop) != 0 && cost.failure.empty()) cost.failure = "the loop is not empty";
  return cost;
}

}  // namespace djcache::bench
