// Outline: the objects that a pickle builds, as a tree of its own instructions, so that objects of
// unknown classes can be taken out unchanged. Nothing is created or called.
//
// A pickle that the machine refused is rewritten: each object of an unknown class, with everything
// that belongs to it, becomes a pickle of its own, and the instruction Op::opaque takes its place.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <djcache/error.h>
#include <djcache/settings.h>

#include "codec/codec.h"

namespace djcache::codec::pickle {

// False: `error` has the reason. `opaques`: arguments of Value::opaque(), in the order of the
// instructions' numbers; with Foreign::data only for objects without data. Time and memory are
// linear in `pickle`, and limits.max_bytes bounds everything written.
bool take_out_foreign(std::string_view pickle, const Limits& limits, std::string& rewritten,
                      std::vector<std::string>& opaques, Error& error);

// The parts of an opaque value: its readable class, NUL, then instructions that leave the object on
// the stack. They memoize by MEMOIZE alone, and recall by LONG_BINGET, counted from 0.
struct OpaqueParts {
  std::string_view class_name, instructions;
};
OpaqueParts parts_of_opaque(std::string_view opaque);

}  // namespace djcache::codec::pickle
