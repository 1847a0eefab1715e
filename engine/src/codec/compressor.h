// The compressors of django-redis: bytes <-> fewer bytes, with a bound on what they may expand to.
// Each is a file of its own, built only with its library; this header knows none of them.
//
// Pure. What is read is one frame from its first to its last byte: what others allow behind it
// (padding, further frames, bytes that nobody checks) is damage here, as no writer makes it.
// Source: django_redis/compressors/*.py.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include <djcache/settings.h>

namespace djcache::codec {

enum class Expansion : std::uint8_t { done, damaged, too_large };

struct CompressorTable {
  std::string_view name;
  // Whether the bytes start as this compressor's do. No serialized value but raw's can.
  bool (*has_head)(std::string_view bytes);
  // Replaces `out`. False: `reason` says why (no memory).
  bool (*compress)(std::string_view bytes, std::string& out, std::string& reason);
  // Replaces `out` with at most max_bytes, which grows only as bytes come out. damaged: `reason`.
  Expansion (*expand)(std::string_view bytes, std::size_t max_bytes, std::string& out,
                      std::string& reason);
};

// nullptr: none, or it was not built.
const CompressorTable* compressor_table(Compressor compressor);

// What django-redis leaves uncompressed: values of up to this many bytes.
constexpr std::size_t default_min_bytes(Compressor compressor) {
  return compressor == Compressor::lzma ? 100 : 15;
}

extern const CompressorTable zlib_table, gzip_table, zstd_table, lz4_table, lzma_table;

}  // namespace djcache::codec
