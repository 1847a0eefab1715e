// Reply: what a redis server answered, as a tree that owns itself. RESP2, which is what djcache speaks.
#pragma once

#include <djcache/export.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace djcache {

struct Reply {
  enum class Type : std::uint8_t {
    nil,      // "$-1" and "*-1" alike
    status,   // "+OK": text
    error,    // "-ERR ...": text. Only inside of arrays and among the replies of a pipeline
    integer,  // ":1": integer
    string,   // "$3": text, which may hold any byte
    array,    // "*2": elements
  };

  Type type = Type::nil;
  std::int64_t integer = 0;
  std::string text{};
  std::vector<Reply> elements{};

  bool is(Type kind) const { return type == kind; }
  bool is_nil() const { return is(Type::nil); }
  bool is_error() const { return is(Type::error); }
  bool is_ok() const { return is(Type::status) && text == "OK"; }
  friend bool operator==(const Reply&, const Reply&) = default;
};

// For people, as redis-cli has it but on one line: [1, "two", OK, (error) ERR no, nil]. Cut with
// "..." after `max_size` bytes.
DJCACHE_API std::string to_string(const Reply& reply, std::size_t max_size = 1000);

}  // namespace djcache
