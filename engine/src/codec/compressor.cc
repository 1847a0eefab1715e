#include "codec/compressor.h"

namespace djcache::codec {

const CompressorTable* compressor_table(Compressor compressor) {
  switch (compressor) {
    case Compressor::none:
      break;
    case Compressor::zlib:
    case Compressor::gzip:
#ifdef DJCACHE_WITH_ZLIB
      return compressor == Compressor::zlib ? &zlib_table : &gzip_table;
#else
      break;
#endif
    case Compressor::zstd:
#ifdef DJCACHE_WITH_ZSTD
      return &zstd_table;
#else
      break;
#endif
    case Compressor::lz4:
#ifdef DJCACHE_WITH_LZ4
      return &lz4_table;
#else
      break;
#endif
    case Compressor::lzma:
#ifdef DJCACHE_WITH_LZMA
      return &lzma_table;
#else
      break;
#endif
  }
  return nullptr;
}

}  // namespace djcache::codec
