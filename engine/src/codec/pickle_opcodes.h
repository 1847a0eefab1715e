// The instructions of pickle, protocols 0 to 5. Source: Lib/pickletools.py of CPython.
#pragma once

#include <string_view>

namespace djcache::codec::pickle {

enum class Op : unsigned char {
  mark = '(',
  stop = '.',
  pop = '0',
  pop_mark = '1',
  dup = '2',
  float_text = 'F',
  int_text = 'I',
  bin_int = 'J',
  bin_int1 = 'K',
  long_text = 'L',
  bin_int2 = 'M',
  none = 'N',
  reduce = 'R',
  string_text = 'S',
  bin_string = 'T',
  short_bin_string = 'U',
  unicode_text = 'V',
  bin_unicode = 'X',
  append = 'a',
  build = 'b',
  global = 'c',
  dict = 'd',
  empty_dict = '}',
  appends = 'e',
  get = 'g',
  bin_get = 'h',
  long_bin_get = 'j',
  list = 'l',
  empty_list = ']',
  put = 'p',
  bin_put = 'q',
  long_bin_put = 'r',
  set_item = 's',
  tuple = 't',
  empty_tuple = ')',
  set_items = 'u',
  bin_float = 'G',
  // Protocol 2.
  proto = 0x80,
  new_obj = 0x81,
  tuple1 = 0x85,
  tuple2 = 0x86,
  tuple3 = 0x87,
  new_true = 0x88,
  new_false = 0x89,
  long1 = 0x8a,
  long4 = 0x8b,
  // Protocol 3.
  bin_bytes = 'B',
  short_bin_bytes = 'C',
  // Protocol 4.
  short_bin_unicode = 0x8c,
  bin_unicode8 = 0x8d,
  bin_bytes8 = 0x8e,
  empty_set = 0x8f,
  add_items = 0x90,
  frozen_set = 0x91,
  stack_global = 0x93,
  memoize = 0x94,
  frame = 0x95,
  // Protocol 5.
  byte_array8 = 0x96,
  // Not executed, but known to pickle_outline.h.
  inst = 'i',
  obj = 'o',
  new_obj_ex = 0x92,
  // djcache's own, in pickles rewritten by pickle_outline.h: an opaque object, by its number.
  opaque = 0xff,
};

// Why an instruction of CPython is not executed; empty for unknown instructions.
std::string_view refusal(unsigned char op);

}  // namespace djcache::codec::pickle
