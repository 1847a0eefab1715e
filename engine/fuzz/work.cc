// What an input costs: the more work for a byte (value/work.h), the more the fuzzer likes it. No
// input may cost more than in proportion to its bytes and items.
#include <bit>

#include "codec_property.h"
#include "value/work.h"

namespace {

// The fuzzer takes what changes here for new code.
[[gnu::section("__libfuzzer_extra_counters")]] unsigned char work_for_a_byte[64];

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  using namespace djcache;
  constexpr codec::Limits limits{.max_bytes = 1 << 16, .max_depth = 32, .foreign = Foreign::data};
  for (const Serializer serializer : {Serializer::pickle, Serializer::msgpack}) {
    static const auto pickle = codec::make_codec(Serializer::pickle, limits);
    static const auto msgpack = codec::make_codec(Serializer::msgpack, limits);
    const codec::Codec& codec = serializer == Serializer::pickle ? *pickle : *msgpack;
    const std::uint64_t before = value::work_done;
    Value first;
    Error error;
    (void)codec.decode(fuzz::view(data, size), first, error);
    // Read up to three times: plainly, and with objects of unknown classes as their data, or
    // opaque.
    const std::uint64_t work = value::work_done - before;
    const std::uint64_t items = limits.max_elements();
    fuzz::require(work <= 3 * (4096 + 64 * 2 * (size + 64) + 8 * items),
                  "more work than is allowed");
    work_for_a_byte[std::bit_width(work / (size + 16)) % 64] = 1;
    // Comparing costs in proportion to what was read.
    const Value second = first;
    const std::uint64_t read = value::work_done;
    fuzz::require(first == second, "a copy is another value");
    fuzz::require(value::work_done - read <= 16 * (size + items + 64), "comparing costs too much");
  }
  return 0;
}
