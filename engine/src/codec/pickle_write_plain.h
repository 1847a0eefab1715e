// The most common objects of pickles, written through a cursor in a register: None, bool, small
// int, float, short str, in protocols 4 and 5. Pure; the Writer ensures that there is room.
#pragma once

#include <bit>
#include <cstring>

#include <djcache/value.h>

#include "codec/byte_order.h"
#include "codec/pickle_opcodes.h"
#include "value/utf8.h"

namespace djcache::codec::pickle {

inline constexpr std::size_t plain_text_max = 255;
inline constexpr std::size_t plain_size_max = plain_text_max + 3;
inline constexpr std::size_t integer_size_max = 10;

inline char* put_op(char* to, Op op) {
  *to = static_cast<char>(op);
  return to + 1;
}

// In as few bytes as possible. REQUIRES: room for integer_size_max bytes, as for the result.
// Returns the end.
inline char* put_integer(char* to, std::int64_t number) {
  if (number >= 0 && number <= 0xff) {
    to = put_op(to, Op::bin_int1);
    *to = static_cast<char>(number);
    return to + 1;
  }
  if (number >= 0 && number <= 0xffff) {
    store_little(put_op(to, Op::bin_int2), static_cast<std::uint16_t>(number));
    return to + 3;
  }
  if (number >= INT32_MIN && number <= INT32_MAX) {
    store_little(put_op(to, Op::bin_int), static_cast<std::uint32_t>(number));
    return to + 5;
  }
  const auto magnitude = static_cast<std::uint64_t>(number < 0 ? ~number : number);
  const auto size = static_cast<std::size_t>(std::bit_width(magnitude)) / 8 + 1;
  to = put_op(to, Op::long1);
  *to++ = static_cast<char>(size);
  store_little(to, number);
  return to + size;
}

inline char* put_real(char* to, double number) {
  store_big(put_op(to, Op::bin_float), std::bit_cast<std::uint64_t>(number));
  return to + 9;
}

inline char* put_short_text(char* to, std::string_view text) {
  to = put_op(to, Op::short_bin_unicode);
  *to++ = static_cast<char>(text.size());
  if (text.size() <= Value::inline_text) {
    detail::copy_inline(to, text.data(), text.size());
  } else {
    std::memcpy(to, text.data(), text.size());
  }
  return put_op(to + text.size(), Op::memoize);
}

// Null: another kind of object; nothing was written. A text is memoized. REQUIRES: room for
// plain_size_max bytes.
inline char* put_plain(char* to, const Value& value, std::uint32_t& memo_count) {
  switch (value.kind()) {
    case Kind::nil:
      return put_op(to, Op::none);
    case Kind::boolean:
      return put_op(to, *value.as_bool() ? Op::new_true : Op::new_false);
    case Kind::integer:
      return put_integer(to, *value.as_int());
    case Kind::real:
      return put_real(to, *value.as_double());
    case Kind::string: {
      const std::string_view text = value.text();
      if (text.size() > plain_text_max || value::utf8_error(text) != text.size()) return nullptr;
      ++memo_count;
      return put_short_text(to, text);
    }
    default:
      return nullptr;
  }
}

}  // namespace djcache::codec::pickle
