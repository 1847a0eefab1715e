// The table of OPTIONS. It feeds the JSON reader, the range checks, "did you mean", and the table
// in engine/docs/settings.md, which option_table_test.cc writes. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <djcache/settings.h>

#include "settings/json_tree.h"
#include "settings/where.h"

namespace djcache::settings {

// The package that defines an option's name. Also the order of application: later ones win.
enum class Origin : std::uint8_t { django_redis, pool_kwargs, redis_py, own };

using OptionReader = Problem (*)(const Json&, Options&);

struct Option {
  std::string_view name;
  std::string_view theirs{};    // Django's or django-redis' name; "": none
  std::string_view kind;        // in JSON
  std::string_view standard{};  // the default, where that of Options does not say it
  std::string_view sentence;
  OptionReader read;
  Origin origin = Origin::own;  // or redis_py, which has the same name
  // The number that has a range: durations in milliseconds; nullopt while the option is not set.
  std::optional<std::int64_t> (*number)(const Options&) = nullptr;
  std::int64_t min = 0;
  std::int64_t max = INT64_MAX;
  OptionReader read_theirs = nullptr;  // if Python reads `theirs` differently
  bool of_memory = false;              // ignored by the other backends, whatever its value
  bool takes_null = false;             // null has a meaning of its own
};

const std::vector<Option>& option_table();

// "must be 1 to 1024", or "".
Problem range_problem(const Option& option, const Options& options);

}  // namespace djcache::settings
