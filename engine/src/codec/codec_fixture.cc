#include "codec/codec_fixture.h"

#include <malloc.h>

#include <algorithm>
#include <cstdlib>
#include <new>

namespace djcache::codec {
namespace {

thread_local Allocations counted;
thread_local std::size_t until_failure = 0;

int nibble(char c) { return c <= '9' ? c - '0' : c - 'a' + 10; }

}  // namespace

void reset_allocations() { counted = {}; }
Allocations allocations() { return counted; }
void fail_allocation(std::size_t n) { until_failure = n; }

std::string stored_by(const Codec& codec, const Value& value) {
  Scratch scratch;
  Encoded encoded;
  Error error;
  if (!codec.encode(value, scratch, encoded, error)) return to_string(error);
  return std::string(encoded.head).append(encoded.body);
}

std::string read_by(const Codec& codec, std::string_view bytes) {
  Value value;
  Error error;
  if (!codec.decode(bytes, value, error)) return to_string(error);
  return to_string(value);
}

std::string stored(const Value& value, Serializer serializer, const Limits& limits) {
  return stored_by(*make_codec(serializer, limits), value);
}
std::string read(std::string_view bytes, Serializer serializer, const Limits& limits) {
  return read_by(*make_codec(serializer, limits), bytes);
}
std::string stored_with(const Options& options, const Value& value) {
  return stored_by(*make_codec(options), value);
}
std::string read_with(const Options& options, std::string_view bytes) {
  return read_by(*make_codec(options), bytes);
}

std::string from_hex(std::string_view hex) {
  std::string bytes;
  for (std::size_t i = 0; i + 1 < hex.size();) {
    if (hex[i] == ' ') {
      ++i;
      continue;
    }
    bytes += static_cast<char>(nibble(hex[i]) * 16 + nibble(hex[i + 1]));
    i += 2;
  }
  return bytes;
}

std::string to_hex(std::string_view bytes) {
  std::string hex;
  for (const char c : bytes) {
    hex += "0123456789abcdef"[static_cast<unsigned char>(c) >> 4];
    hex += "0123456789abcdef"[c & 0xf];
  }
  return hex;
}

namespace {

void* allocate(std::size_t size) {
  if (until_failure > 0 && --until_failure == 0) throw std::bad_alloc();
  void* const at = std::malloc(size ? size : 1);
  if (!at) throw std::bad_alloc();
  ++counted.count;
  counted.held_bytes += malloc_usable_size(at);
  counted.peak_bytes = std::max(counted.peak_bytes, counted.held_bytes);
  return at;
}

void release(void* at) {
  if (!at) return;
  const std::size_t size = malloc_usable_size(at);
  counted.held_bytes -= std::min(counted.held_bytes, size);
  std::free(at);
}

}  // namespace
}  // namespace djcache::codec

void* operator new(std::size_t size) { return djcache::codec::allocate(size); }
void* operator new[](std::size_t size) { return djcache::codec::allocate(size); }
// The sanitizer's own operator must not be paired with the delete defined here.
void* operator new(std::size_t size, const std::nothrow_t&) noexcept {
  try {
    return djcache::codec::allocate(size);
  } catch (const std::bad_alloc&) {
    return nullptr;
  }
}
void operator delete(void* at) noexcept { djcache::codec::release(at); }
void operator delete[](void* at) noexcept { djcache::codec::release(at); }
void operator delete(void* at, std::size_t) noexcept { djcache::codec::release(at); }
void operator delete[](void* at, std::size_t) noexcept { djcache::codec::release(at); }
