// What a BACKEND name stands for, and whether this version has it. Pure.
#pragma once

#include <cstdint>
#include <string_view>

#include <djcache/result.h>

namespace djcache::settings {

enum class BackendKind : std::uint8_t { redis, memory, dummy };

// An unknown name is invalid_settings, with a detail that lists the known ones.
Result<BackendKind> backend_kind(std::string_view name);

// The one place that says which backends are built. Settings that name another one fail check().
bool backend_available(BackendKind kind);

std::string_view to_string(BackendKind kind);

}  // namespace djcache::settings
