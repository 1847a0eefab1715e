/// @file
/// Reply: the reply of a redis server, for the raw client.
#pragma once

#include <djcache/export.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace djcache {

/// A reply of RESP2, the protocol that djcache speaks: a tree that owns its content.
struct Reply {
  /// The type of a reply, of RESP2.
  enum class Type : std::uint8_t {
    nil,      ///< "$-1" and "*-1" alike
    status,   ///< "+OK": text
    error,    ///< "-ERR ...": text. Only in arrays and among the replies of a pipeline
    integer,  ///< ":1": integer
    string,   ///< "$3": text, which may hold any byte
    array,    ///< "*2": elements
  };

  Type type = Type::nil;          ///< determines which of the other fields is used
  std::int64_t integer = 0;       ///< of Type::integer
  std::string text{};             ///< of Type::status, error and string
  std::vector<Reply> elements{};  ///< of Type::array

  /// Whether it is of this type.
  bool is(Type kind) const { return type == kind; }
  /// Whether it is nil.
  bool is_nil() const { return is(Type::nil); }
  /// Whether it is an error reply.
  bool is_error() const { return is(Type::error); }
  /// Whether it is "+OK".
  bool is_ok() const { return is(Type::status) && text == "OK"; }
  friend bool operator==(const Reply&, const Reply&) = default;
};

/// The reply as text, much as redis-cli prints it but on one line: [1, "two", OK, (error) ERR no,
/// nil]. Truncated with "..." after `max_size` bytes.
DJCACHE_API std::string to_string(const Reply& reply, std::size_t max_size = 1000);

}  // namespace djcache
