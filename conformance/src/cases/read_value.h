// JSON with $-tags to Value, as conformance/FORMAT.md lists them. Throws FileError.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include <djcache/value.h>

#include "src/cases/node.h"

namespace djcache::conformance {

// The current value of $index; empty outside of repeat, $each and $each_pair.
struct Scope {
  std::optional<std::int64_t> index{};
};

Value read_value(const Node& node, const Scope& scope);
// A str: plain, $repeat, $concat or $index.
std::string read_string(const Node& node, const Scope& scope);
// A word of a raw command or a stored key: a str, bytes, or an integer as decimal text.
std::string read_word(const Node& node, const Scope& scope);
// Bytes from hexadecimal text; the node is for error messages.
std::string read_hex(const Node& node);

// The tag of a tagged object ("$bytes"), or "".
std::string tag_of(const Node& node);

// --- read_time_tags.cc
Value read_datetime(const Node& node);
Value read_date(const Node& node);
Value read_time(const Node& node);
Value read_timedelta(const Node& node);

// --- read_text_tags.cc
Value read_bytes(const Node& node);
Value read_float(const Node& node);
Value read_integer(const Node& node);
Value read_decimal(const Node& node);
Value read_uuid(const Node& node);

}  // namespace djcache::conformance
