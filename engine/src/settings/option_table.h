// The one table of OPTIONS. It feeds the reader of JSON, the checks of ranges, "did you mean", and the table
// in engine/docs/settings.md. Pure.
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

// Whose name an option is. Also the order in which options are applied: later ones win.
enum class Origin : std::uint8_t { django_redis, pool_kwargs, redis_py, own };

using OptionReader = Problem (*)(const Json&, Options&);

struct Option {
  std::string_view name;
  std::string_view theirs{};    // Django's or django-redis' name; "": none
  std::string_view kind;        // in JSON
  std::string_view standard{};  // its default, where that of Options does not say it
  std::string_view sentence;
  OptionReader read;
  Origin origin = Origin::own;  // or redis_py, which has the name, too
  // What has a range. Durations in milliseconds; nothing where the option is not set.
  std::optional<std::int64_t> (*number)(const Options&) = nullptr;
  std::int64_t min = 0;
  std::int64_t max = INT64_MAX;
  OptionReader read_theirs = nullptr;  // where Python reads `theirs` otherwise
  bool of_memory = false;              // elsewhere it means nothing, whatever it says
  bool takes_null = false;             // null says something, too
};

const std::vector<Option>& option_table();

// "must be 1 to 1024", or "".
Problem range_problem(const Option& option, const Options& options);

// The table for people, in Markdown.
std::string option_page();

}  // namespace djcache::settings
