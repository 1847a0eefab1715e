#include "settings/backend_kind.h"

#include <algorithm>
#include <iterator>
#include <string>
#include <vector>

#include "settings/closest_name.h"

namespace djcache::settings {
namespace {

struct Backend {
  std::string_view name;
  BackendKind kind;
  OptionRules rules = OptionRules::all;
};
using enum BackendKind;
using enum OptionRules;
// Subclasses that change neither keys nor bytes.
constexpr Backend backends[] = {
    {"django.core.cache.backends.redis.RedisCache", redis, redis_py},
    {"django_redis.cache.RedisCache", redis, django_redis},
    {"django_redis_ex.async_cache.AsyncRedisEXCache", redis, redis_py},
    {"django_redis_ex.cache.RedisEXCache", redis, redis_py},
    {"redis_lock.django_cache.RedisCache", redis, django_redis},
    {"django_prometheus.cache.backends.redis.RedisCache", redis, django_redis},
    {"django_prometheus.cache.backends.redis.NativeRedisCache", redis, redis_py},
    {"django.core.cache.backends.locmem.LocMemCache", memory},
    {"django_prometheus.cache.backends.locmem.LocMemCache", memory},
    {"django.core.cache.backends.dummy.DummyCache", dummy},
    // django-cachex stores the same keys and bytes as stock Django, and its driver receives
    // OPTIONS.
    {"django_cachex.cache.ValkeyCache", redis, redis_py},
    {"django_cachex.cache.RedisCache", redis, redis_py},
    {"django_cachex.cache.ValkeyGlideCache", redis, redis_py},
    {"django_cachex.cache.RedisRsValkeyCache", redis, redis_py},
    {"django_cachex.cache.LocMemCache", memory},
    {"redis", redis},
    {"memory", memory},
    {"dummy", dummy},
};

const Backend* find(std::string_view name) {
  const auto at = std::find_if(std::begin(backends), std::end(backends),
                               [&](const Backend& each) { return each.name == name; });
  return at == std::end(backends) ? nullptr : at;
}

// Django's backends that djcache cannot serve.
constexpr std::string_view others[] = {"django.core.cache.backends.filebased.",
                                       "django.core.cache.backends.db.",
                                       "django.core.cache.backends.memcached.",
                                       "django_prometheus.cache.backends.filebased.",
                                       "django_prometheus.cache.backends.memcached.",
                                       "diskcache.",
                                       "django_bmemcached."};

}  // namespace

Result<BackendKind> backend_kind(std::string_view name) {
  if (const Backend* known = find(name)) return known->kind;
  for (const std::string_view other : others) {
    if (!name.starts_with(other)) continue;
    return {
        Errc::invalid_settings,
        "a cache in files, a database or memcached: djcache has no such backend, and this alias "
        "is for Python alone"};
  }
  if (name.starts_with("django_valkey.")) {
    return {Errc::invalid_settings,
            "django-valkey stores floats as text, which Django's other packages do not read; where "
            "none are cached, map its name to django_redis.cache.RedisCache by "
            "Settings::ReadOptions::backends"};
  }
  // The detail does not repeat the name: it may be a URL with a password, written here by mistake.
  std::vector<std::string_view> names;
  for (const Backend& each : backends) names.push_back(each.name);
  std::string detail = "unknown backend" + suggestion(name, names) + " (known: ";
  for (const std::string_view known : names) detail.append(known).append(", ");
  detail.resize(detail.size() - 2);
  detail +=
      "); a class of your own that changes neither keys nor bytes is made known by "
      "Settings::ReadOptions::backends";
  return {Errc::invalid_settings, std::move(detail)};
}

Result<BackendKind> backend_kind(const CacheSettings& cache) {
  if (!cache.backend.empty()) return backend_kind(cache.backend);
  return cache.location.empty() ? BackendKind::memory : BackendKind::redis;
}

OptionRules option_rules(std::string_view name) {
  const Backend* known = find(name);
  return known ? known->rules : OptionRules::all;
}

// Source: django_redis/client/default.py, django_cachex/cache/resp.py.
bool moves_keep_ttl(std::string_view name) {
  return option_rules(name) == django_redis ||
         (name.starts_with("django_cachex.") && find(name) && find(name)->kind == redis);
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
