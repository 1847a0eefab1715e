// The quick reader of pickle: in one pass, no graph, for the pickles that are nearly all there is. Those
// that CPython's C pickler writes for None, bool, int, float, str, bytes, list, tuple and dict.
//
// It knows no errors: at the first byte that it does not plainly understand it gives up, and the machine
// (pickle_machine.h) reads from the start and says what is wrong, if anything is. What both can
// read they read as the same value.
#pragma once

#include <string_view>

#include <djcache/value.h>

#include "codec/codec.h"

namespace djcache::codec::pickle {

// False: the machine must see it; `out` is untouched.
bool read_plain(std::string_view bytes, const Limits& limits, Value& out);

}  // namespace djcache::codec::pickle
