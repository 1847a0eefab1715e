// BACKEND names: which backend each stands for, and whether this version supports it. Pure.
#pragma once

#include <cstdint>
#include <string_view>

#include <djcache/result.h>
#include <djcache/settings.h>

namespace djcache::settings {

enum class BackendKind : std::uint8_t { redis, memory, dummy };

// Which package reads OPTIONS. An option has an effect only where that package gives it one.
enum class OptionRules : std::uint8_t { all, redis_py, django_redis };
OptionRules option_rules(std::string_view name);
// Whether incr_version keeps the ttl with this backend.
bool moves_keep_ttl(std::string_view name);

// An unknown name is invalid_settings, with a detail that lists the known ones.
Result<BackendKind> backend_kind(std::string_view name);
// The same for a cache without BACKEND: redis if it has a location, otherwise memory.
Result<BackendKind> backend_kind(const CacheSettings& cache);

std::string_view to_string(BackendKind kind);

}  // namespace djcache::settings
