// Reply: one reply of a server as a small tree that owns its data, meant for assertions rather than
// speed.
#pragma once

#include <cstdint>
#include <iosfwd>
#include <string>
#include <vector>

namespace djcache::harness {

struct Reply {
  enum class Type : std::uint8_t {
    nil,
    status,   // +OK; in `text`
    error,    // -ERR ...; in `text`, without the dash
    integer,  // in `integer`
    bulk,     // in `text`
    array,    // in `elements`
    failure,  // no reply: the limit expired or the connection closed; `text` says which
  };

  Type type = Type::nil;
  std::string text = {};
  std::int64_t integer = 0;
  std::vector<Reply> elements = {};

  // True for errors from the server and for missing replies.
  bool is_error() const { return type == Type::error || type == Type::failure; }
  bool is_nil() const { return type == Type::nil; }
  bool is_status(const char* expected) const { return type == Type::status && text == expected; }
  bool operator==(const Reply&) const = default;
};

// As redis-cli would print it, on one line: (integer) 3, "text", [1, nil], (error) ERR ...
std::string format(const Reply& reply);
std::ostream& operator<<(std::ostream& out, const Reply& reply);

}  // namespace djcache::harness
