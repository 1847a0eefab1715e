// The quick reader of pickle: one pass, no graph, for nearly all pickles in practice: those that
// CPython's C pickler writes for None, bool, int, float, str, bytes, list, tuple and dict.
//
// It reports no errors: at the first byte that it does not handle it gives up, and the machine
// (pickle_machine.h) reads from the start and reports errors, if any. Both read the same values.
#pragma once

#include <string_view>

#include <djcache/value.h>

#include "codec/codec.h"

namespace djcache::codec::pickle {

// False: use the machine; `out` is unchanged.
bool read_plain(std::string_view bytes, const Limits& limits, Value& out);

}  // namespace djcache::codec::pickle
