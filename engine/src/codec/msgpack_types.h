// The extension types of the msgpack serializer: their numbers, and the layouts of those that are
// not msgpack themselves. Numbers are big endian, as everywhere in msgpack.
//
// These type numbers are stored in servers and repeated in the Python class of
// engine/docs/msgpack.md: types may be added, never changed.
#pragma once

#include <cstdint>
#include <limits>
#include <string>
#include <string_view>

#include <djcache/value.h>

namespace djcache::codec {

enum class ExtType : std::int8_t {
  timestamp = -1,   // msgpack's own; read only
  tuple = 1,        // a msgpack array
  set = 2,          // a msgpack array
  frozenset = 3,    // a msgpack array
  big_integer = 4,  // decimal text
  datetime = 5,     // date, time
  date = 6,         // u16 year, u8 month, u8 day
  time = 7,         // u8 hour, u8 minute, u8 second, u8 fold, u32 microsecond, zone
  timedelta = 8,    // i32 days, i32 seconds, i32 microseconds
  decimal = 9,      // text
  uuid = 10,        // 16 bytes
};
// A zone is either nothing (naive), or an i64 offset in microseconds followed by the name.
inline constexpr std::int64_t offset_unknown = std::numeric_limits<std::int64_t>::min();

// Appends the payload of a value of a fixed layout (datetime to uuid) to `out`. False: not a valid
// date, time or duration; `reason` says which.
bool pack_fields(const Value& value, std::string& out, std::string& reason);
// False: the payload has another size than the layout, or a field is out of range.
bool unpack_fields(ExtType type, std::string_view payload, Value& out);

}  // namespace djcache::codec
