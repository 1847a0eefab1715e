// The compressors of django-redis: bytes <-> fewer bytes, with a bound on the expanded size.
// Each has a file of its own, built only with its library; this header includes none of them.
//
// Pure. Input is one complete frame: what other readers allow after it (padding, further frames,
// unchecked bytes) counts as damage, because no writer produces it.
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
  // Whether the bytes begin like this compressor's output. No serialized value does, except raw
  // ones.
  bool (*has_head)(std::string_view bytes);
  // Replaces `out`. False: `reason` says why (no memory).
  bool (*compress)(std::string_view bytes, std::string& out, std::string& reason);
  // Replaces `out` with at most max_bytes, growing it only as bytes are produced. damaged:
  // `reason`.
  Expansion (*expand)(std::string_view bytes, std::size_t max_bytes, std::string& out,
                      std::string& reason);
};

// null: "none", or not built.
const CompressorTable* compressor_table(Compressor compressor);

// django-redis stores values of up to this many bytes uncompressed.
constexpr std::size_t default_min_bytes(Compressor compressor) {
  return compressor == Compressor::lzma ? 100 : 15;
}

extern const CompressorTable zlib_table, gzip_table, zstd_table, lz4_table, lzma_table;

}  // namespace djcache::codec
