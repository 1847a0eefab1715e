// Fuzz target: the cost of decoding. The fuzzer is guided towards inputs that cause more work per
// byte (value/work.h). The work must be at most proportional to the bytes and items of the input.
#include <bit>

#include "codec_property.h"
#include "value/work.h"

namespace {

// libFuzzer treats a change in these counters as new coverage.
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
    // decode() may read the input up to three times: plainly, with objects of unknown classes as
    // their data, and with them as opaque.
    const std::uint64_t work = value::work_done - before;
    const std::uint64_t items = limits.max_elements();
    fuzz::require(work <= 3 * (4096 + 64 * 2 * (size + 64) + 8 * items),
                  "more work than is allowed");
    work_for_a_byte[std::bit_width(work / (size + 16)) % 64] = 1;
    // The cost of comparing is proportional to the input.
    const Value second = first;
    const std::uint64_t read = value::work_done;
    fuzz::require(first == second, "a copy is another value");
    fuzz::require(value::work_done - read <= 16 * (size + items + 64), "comparing costs too much");
  }
  return 0;
}
