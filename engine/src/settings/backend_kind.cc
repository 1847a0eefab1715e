#include "settings/backend_kind.h"

#include <algorithm>
#include <array>
#include <string>

#include "settings/closest_name.h"

namespace djcache::settings {
namespace {

constexpr std::array<std::string_view, 9> names = {
    "django.core.cache.backends.redis.RedisCache",
    "django_redis.cache.RedisCache",
    "django_redis_ex.async_cache.AsyncRedisEXCache",
    "django_redis_ex.cache.RedisEXCache",
    "django.core.cache.backends.locmem.LocMemCache",
    "django.core.cache.backends.dummy.DummyCache",
    "redis",
    "memory",
    "dummy",
};
constexpr std::array<BackendKind, names.size()> kinds = {
    BackendKind::redis, BackendKind::redis,  BackendKind::redis,
    BackendKind::redis, BackendKind::memory, BackendKind::dummy,
    BackendKind::redis, BackendKind::memory, BackendKind::dummy,
};

}  // namespace

Result<BackendKind> backend_kind(std::string_view name) {
  const auto at = std::find(names.begin(), names.end(), name);
  if (at != names.end()) return kinds[static_cast<std::size_t>(at - names.begin())];
  // The name itself is not repeated: by mistake it may be a URL with a password.
  std::string detail = "unknown backend" + suggestion(name, names) + " (known: ";
  for (const std::string_view known : names) {
    detail.append(known).append(known == names.back() ? ")" : ", ");
  }
  return {Errc::invalid_settings, std::move(detail)};
}

Result<BackendKind> backend_kind(const CacheSettings& cache) {
  if (!cache.backend.empty()) return backend_kind(cache.backend);
  return cache.location.empty() ? BackendKind::memory : BackendKind::redis;
}

std::string_view to_string(BackendKind kind) {
  switch (kind) {
    case BackendKind::redis:
      return "redis";
    case BackendKind::memory:
      return "memory";
    case BackendKind::dummy:
      return "dummy";
  }
  return "unknown";
}

}  // namespace djcache::settings
