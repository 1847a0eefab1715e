// The optional libraries of this build: the only place that evaluates the definitions of
// engine/CMakeLists.txt. Pure.
#pragma once

#include <string_view>

#include <djcache/settings.h>

namespace djcache {

// The setting that would add what a build lacks; "" if it has it.
constexpr std::string_view missing_option(Compressor compressor) {
  switch (compressor) {
    case Compressor::none:
      return "";
    case Compressor::zlib:
    case Compressor::gzip:
#ifdef DJCACHE_WITH_ZLIB
      return "";
#else
      return "DJCACHE_WITH_ZLIB";
#endif
    case Compressor::zstd:
#ifdef DJCACHE_WITH_ZSTD
      return "";
#else
      return "DJCACHE_WITH_ZSTD";
#endif
    case Compressor::lz4:
#ifdef DJCACHE_WITH_LZ4
      return "";
#else
      return "DJCACHE_WITH_LZ4";
#endif
    case Compressor::lzma:
#ifdef DJCACHE_WITH_LZMA
      return "";
#else
      return "DJCACHE_WITH_LZMA";
#endif
  }
  return "";
}

#ifdef DJCACHE_WITH_OPENSSL
inline constexpr bool signing_built = true;
#else
inline constexpr bool signing_built = false;
#endif

constexpr std::string_view to_string(Compressor compressor) {
  switch (compressor) {
    case Compressor::none:
      return "none";
    case Compressor::zlib:
      return "zlib";
    case Compressor::gzip:
      return "gzip";
    case Compressor::zstd:
      return "zstd";
    case Compressor::lz4:
      return "lz4";
    case Compressor::lzma:
      return "lzma";
  }
  return "unknown";
}

}  // namespace djcache
