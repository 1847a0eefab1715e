// Json: a parsed JSON text as a plain tree.
//
// Only json_tree.cc knows the parser behind it. The tree knows nothing of settings.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <djcache/result.h>

namespace djcache::settings {

struct Json {
  enum class Kind : std::uint8_t {
    null,
    boolean,
    integer,
    big_integer,  // beyond 64 bits; `number` is an approximation
    number,
    string,
    array,
    object,
  };
  Kind kind = Kind::null;
  bool boolean = false;
  std::int64_t integer = 0;
  double number = 0;
  std::string string{};
  std::vector<Json> items{};  // of an array; of an object, its values
  // of an object, without duplicates: names[i] belongs to items[i]
  std::vector<std::string> names{};

  bool is(Kind other) const { return kind == other; }
  const Json* find(std::string_view name) const;  // null: no such member
};

// "a string", "null", ...
std::string_view kind_name(Json::Kind kind);

inline constexpr std::size_t json_max_bytes = 16u << 20;
inline constexpr std::size_t json_max_depth = 32;

// Errors: invalid_settings. The detail says where (line and column, or the member's path) and never
// repeats the text, which may hold a password.
Result<Json> parse_json(std::string_view text);

}  // namespace djcache::settings
