// Outline: what a pickle builds, as a tree of its own instructions, so that objects of unknown classes can be
// taken out of it as they are. Nothing is made or called.
//
// A pickle that the machine refused is written anew: each object of an unknown class, with all that belongs to
// it, becomes a pickle of its own, and the instruction Op::opaque stands in its place.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <djcache/error.h>
#include <djcache/settings.h>

#include "codec/codec.h"

namespace djcache::codec::pickle {

// False: `error` says what is wrong. `opaques`: what Value::opaque() takes, in the order of the instructions'
// numbers; with Foreign::data only of what has no data. Time and memory are linear in `pickle`, and
// limits.max_bytes bounds all that is written.
bool take_out_foreign(std::string_view pickle, const Limits& limits, std::string& rewritten,
                      std::vector<std::string>& opaques, Error& error);

// What an opaque value is made of: its class for people, NUL, then instructions that leave the object on the
// stack. They remember by MEMOIZE alone, and recall by LONG_BINGET, counted from 0.
struct OpaqueParts {
  std::string_view class_name, instructions;
};
OpaqueParts parts_of_opaque(std::string_view opaque);

}  // namespace djcache::codec::pickle
