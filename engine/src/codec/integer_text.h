// Integers as Django stores them: plain decimal text, so that INCR works. Shared by every
// serializer but raw. Source: RedisSerializer in django/core/cache/backends/redis.py.
#pragma once

#include <cstddef>
#include <string_view>

#include <djcache/error.h>
#include <djcache/value.h>

#include "codec/codec.h"

namespace djcache::codec {

// The most digits that Python converts from or to text (sys.set_int_max_str_digits).
inline constexpr std::size_t integer_digits_max = 4300;

// What Python's int(bytes) accepts: an optional sign, digits, single underscores between digits,
// leading zeros, ASCII white space around; up to integer_digits_max digits. False: anything else;
// `out` is unchanged.
bool read_integer(std::string_view bytes, Value& out);

// REQUIRES: an integer or a big_integer. False: more than integer_digits_max digits.
bool write_integer(const Value& value, Scratch& scratch, Encoded& out, Error& error);

// The same limit for integers inside of containers.
bool check_digits(const Value& big_integer, Error& error);

}  // namespace djcache::codec
