// lzma in the xz container with preset 4 and CRC64, as lzma.compress(preset=4) in django-redis.
#include <lzma.h>

#include <algorithm>

#include "codec/compressor.h"
#include "codec/expand.h"

namespace djcache::codec {
namespace {

constexpr std::uint32_t preset = 4;

const std::uint8_t* input(std::string_view bytes) {
  return reinterpret_cast<const std::uint8_t*>(bytes.data());
}

bool compress(std::string_view bytes, std::string& out, std::string& reason) {
  lzma_options_lzma options{};
  lzma_lzma_preset(&options, preset);
  // The preset's dictionary is 4 MiB, and the encoder allocates ten times that. A dictionary larger
  // than the value is useless.
  options.dict_size = static_cast<std::uint32_t>(
      std::clamp<std::size_t>(bytes.size(), LZMA_DICT_SIZE_MIN, options.dict_size));
  lzma_filter filters[] = {{LZMA_FILTER_LZMA2, &options}, {LZMA_VLI_UNKNOWN, nullptr}};
  out.resize(lzma_stream_buffer_bound(bytes.size()));
  std::size_t size = 0;
  const lzma_ret result =
      lzma_stream_buffer_encode(filters, LZMA_CHECK_CRC64, nullptr, input(bytes), bytes.size(),
                                reinterpret_cast<std::uint8_t*>(out.data()), &size, out.size());
  out.resize(size);
  if (result != LZMA_OK) reason = result == LZMA_MEM_ERROR ? "out of memory" : "did not compress";
  return result == LZMA_OK;
}

std::string reason_of(lzma_ret result) {
  switch (result) {
    case LZMA_FORMAT_ERROR:
      return "not the xz format";
    case LZMA_OPTIONS_ERROR:
      return "has options that are not supported";
    case LZMA_MEMLIMIT_ERROR:
      return "wants a dictionary that is too large for value_max_bytes";
    case LZMA_MEM_ERROR:
      return "out of memory";
    default:
      return "data or checksum are not valid";
  }
}

Step step_of(lzma_ret result, std::string& reason) {
  if (result == LZMA_STREAM_END) return Step::ended;
  if (result == LZMA_OK) return Step::more;
  if (result == LZMA_BUF_ERROR) return Step::truncated;  // the output had room, so input is missing
  reason = reason_of(result);
  return Step::damaged;
}

// A header asks for the dictionary's memory. All presets up to 7 are always allowed.
std::uint64_t memory_limit(std::size_t max_bytes) {
  constexpr std::uint64_t smallest = 16u << 20, beside_the_dictionary = 1u << 20;
  return std::max<std::uint64_t>(smallest, max_bytes) + beside_the_dictionary;
}

Expansion expand(std::string_view bytes, std::size_t max_bytes, std::string& out,
                 std::string& reason) {
  lzma_stream stream = LZMA_STREAM_INIT;
  if (lzma_stream_decoder(&stream, memory_limit(max_bytes), 0) != LZMA_OK) {
    reason = "out of memory";
    return Expansion::damaged;
  }
  stream.next_in = input(bytes);
  stream.avail_in = bytes.size();
  const auto step = [&](char* to, std::size_t room, std::size_t& produced) {
    stream.next_out = reinterpret_cast<std::uint8_t*>(to);
    stream.avail_out = room;
    const lzma_ret result = lzma_code(&stream, LZMA_RUN);
    produced = room - stream.avail_out;
    return step_of(result, reason);
  };
  const Expansion result = expand_in_steps(
      step, [&] { return stream.avail_in; }, max_bytes, out, reason);
  lzma_end(&stream);
  return result;
}

}  // namespace

const CompressorTable lzma_table = {
    "lzma",
    [](std::string_view bytes) {
      return bytes.starts_with(std::string_view("\xfd\x37\x7a\x58\x5a\0", 6));
    },
    compress, expand};

}  // namespace djcache::codec
