// Shared by the tests of the codecs: one call per direction, readable bytes, allocation counts.
#pragma once

#include <ostream>
#include <string>
#include <string_view>

#include "codec/codec.h"

namespace djcache {
inline void PrintTo(const Value& value, std::ostream* out) { *out << to_string(value, 500); }
}  // namespace djcache

namespace djcache::codec {

// The stored bytes, or "encode_failed: reason".
std::string stored(const Value& value, Serializer serializer = Serializer::msgpack,
                   const Limits& limits = {});
// The value read, in Python's notation, or "decode_failed: reason".
std::string read(std::string_view bytes, Serializer serializer = Serializer::msgpack,
                 const Limits& limits = {});

// The same with all layers of the options, or with another codec.
std::string stored_with(const Options& options, const Value& value);
std::string read_with(const Options& options, std::string_view bytes);
std::string stored_by(const Codec& codec, const Value& value);
std::string read_by(const Codec& codec, std::string_view bytes);

// "0xc0ff", without the 0x, as bytes; spaces are skipped.
std::string from_hex(std::string_view hex);
std::string to_hex(std::string_view bytes);

// What operator new returned on this thread since the last reset.
struct Allocations {
  std::size_t count = 0;
  std::size_t held_bytes = 0;
  std::size_t peak_bytes = 0;
};
void reset_allocations();
Allocations allocations();
// The n-th of the next allocations on this thread throws std::bad_alloc; 0: none does.
void fail_allocation(std::size_t n);

}  // namespace djcache::codec
