// The most common entry of all, a str alone, without the machinery: PROTO, FRAME, the text, MEMOIZE
// and STOP, as CPython's protocols 4 and 5 write it. Pure.
#pragma once

#include <memory>
#include <string_view>

#include <djcache/value.h>

#include "codec/byte_order.h"
#include "codec/limits.h"
#include "codec/pickle_opcodes.h"
#include "codec/pickle_write_plain.h"
#include "value/utf8.h"

namespace djcache::codec::pickle {

inline constexpr std::size_t before_text = 2 + 1 + 8, after_text = 2;
inline constexpr std::size_t whole_text_max = before_text + 2 + plain_text_max + after_text;

// False: something else, or invalid; `out` is unchanged.
inline bool read_whole_text(std::string_view bytes, Value& out) {
  if (bytes.size() < before_text + 2 + after_text) return false;
  const char* const begin = bytes.data();
  const auto is = [begin](std::size_t at, Op op) { return begin[at] == static_cast<char>(op); };
  const bool is_short = is(before_text, Op::short_bin_unicode);
  const std::size_t start = before_text + (is_short ? 2 : 5);
  if (!is(0, Op::proto) || (begin[1] & ~1) != 4 || !is(2, Op::frame) ||
      (!is_short && !is(before_text, Op::bin_unicode)) || bytes.size() < start + after_text ||
      !is(bytes.size() - 2, Op::memoize) || !is(bytes.size() - 1, Op::stop)) {
    return false;
  }
  const std::size_t size = is_short ? static_cast<unsigned char>(begin[before_text + 1])
                                    : load_little<std::uint32_t>(begin + before_text + 1);
  if (bytes.size() != start + size + after_text ||
      load_little<std::uint64_t>(begin + 3) != bytes.size() - before_text) {
    return false;
  }
  const std::string_view text(begin + start, size);
  if (value::utf8_error(text) != size) return false;
  make_nil(out);
  std::construct_at(&out, text);  // assigning would cost half as much again
  return true;
}

// How much was written; 0: a text that is longer than plain_text_max, or invalid. REQUIRES: room
// for whole_text_max bytes.
inline std::size_t write_whole_text(std::string_view text, int protocol, char* to) {
  if (text.size() > plain_text_max || value::utf8_error(text) != text.size()) return 0;
  char* const begin = to;
  to = put_op(to, Op::proto);
  *to++ = static_cast<char>(protocol);
  to = put_op(to, Op::frame);
  store_little(to, std::uint64_t{2 + text.size() + after_text});
  to = put_op(put_short_text(to + 8, text), Op::stop);
  return static_cast<std::size_t>(to - begin);
}

}  // namespace djcache::codec::pickle
