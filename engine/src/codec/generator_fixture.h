// Values from a seeded generator, for tests: every kind, every size class of heads, nesting.
#pragma once

#include <cstdint>
#include <random>

#include <djcache/value.h>

#include "codec/codec.h"

namespace djcache::codec {

class ValueGenerator {
 public:
  explicit ValueGenerator(std::uint32_t seed) : random_(seed) {}

  // With at most `depth` levels of nesting.
  Value any(int depth = 4) { return of(below(depth > 0 ? 18 : 12), depth); }
  // The next value that can be written; skips signaling NaNs where Python has to hash. Any other
  // refusal fails the test.
  Value storable(const Codec& codec);
  std::size_t below(std::size_t bound) { return random_() % bound; }
  Value leaf() { return any(0); }

 private:
  // Leaves first, then containers.
  Value of(std::size_t choice, int depth);
  Value hashable(int depth);
  Value::List members(int depth, bool hashable_only);
  Value::Items items(int depth);
  std::size_t size();
  std::string text();
  std::string data();
  std::string digits(std::size_t count);  // with or without a minus sign
  std::int64_t number();
  double real();
  Date date();
  Time time();
  TimeZone zone();
  Value decimal();
  Uuid uuid();

  std::mt19937_64 random_;
};

// The value as Python keeps it: no fold in a pickle before protocol 4.
Value as_python_keeps_it(Value value, int protocol = 5);

}  // namespace djcache::codec
