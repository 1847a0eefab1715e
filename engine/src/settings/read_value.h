// One setting from JSON: the types of settings, and the error texts for other types. Pure.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <djcache/settings.h>
#include <djcache/ttl.h>

#include "settings/json_tree.h"
#include "settings/where.h"

namespace djcache::settings {

// "expected an integer, got a string"
Problem expected(std::string_view what, const Json& got);
// "0.5": milliseconds as people write seconds.
std::string in_seconds(std::int64_t milliseconds);

// A reader that returns a problem leaves the target unchanged.
Problem read_string(const Json& json, std::string& target);
Problem read_integer(const Json& json, std::int64_t& target);
Problem read_count(const Json& json, std::size_t& target);  // an integer of 0 or more
// MAX_ENTRIES and CULL_FREQUENCY, read by BaseCache.__init__ in the same way as TIMEOUT.
Problem read_django_count(const Json& json, std::optional<std::size_t>& target);
Problem read_flag(const Json& json, bool& target);
Problem read_strings(const Json& json, std::vector<std::string>& target);
// An integer, or a string of one, as django-redis reads PICKLE_VERSION; any negative one is -1.
// check() checks the upper bound.
Problem read_pickle_protocol(const Json& json, int& target);
Problem read_database(const Json& json, std::optional<int>& target);  // also digits in a string
// Seconds, fractions allowed, as redis-py and django-redis write them; rounded to milliseconds.
Problem read_seconds(const Json& json, std::chrono::milliseconds& target);

// VERSION: an integer, or the text that takes its place in keys.
Problem read_version(const Json& json, CacheSettings& cache);

// TIMEOUT as BaseCache.__init__ reads it (django/core/cache/backends/base.py): null is forever,
// whatever Python's int() accepts is that many seconds, and everything else is 300 s. Never a
// problem.
Ttl read_timeout(const Json& json);

}  // namespace djcache::settings
