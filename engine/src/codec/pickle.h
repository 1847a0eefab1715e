// The pickle serializer: what stock Django stores. engine/docs/pickle.md says what is read and
// written.
//
// A pickle is a program; this runs only the part of it that builds data. The constructors it knows
// are implemented here (pickle_globals.h); no other name is ever looked up.
#pragma once

#include <span>
#include <string>

#include "codec/codec.h"

namespace djcache::codec {

inline constexpr int pickle_protocol_min = 2;  // of what is written; all of 0 to 5 are read
inline constexpr int pickle_protocol_max = pickle_protocol_highest;

class PickleCodec final : public Codec {
 public:
  // `protocol` is the one to write, Django's default unless set; outside of 2 to 5 the nearest.
  explicit PickleCodec(const Limits& limits, int protocol = pickle_protocol_max);
  bool encode(const Value& value, Scratch& scratch, Encoded& out, Error& error) const override;
  bool decode(std::string_view bytes, Value& out, Error& error) const override;

 private:
  Limits limits_;
  int protocol_;
};

namespace pickle {
// decode() without its fast path: the machine alone, which knows every instruction and every error.
// `opaques`: the values of Op::opaque; see pickle_outline.h.
bool run_machine(std::string_view bytes, const Limits& limits, Value& out, Error& error,
                 std::span<const std::string> opaques = {});
// Treats objects of unknown classes as `limits.foreign` says.
bool read_foreign(std::string_view bytes, const Limits& limits, Value& out, Error& error);
}  // namespace pickle

}  // namespace djcache::codec
