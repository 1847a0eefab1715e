// zstd, with level 3, as pyzstd.compress does in django-redis.
#include <zstd.h>

#include <bit>
#include <memory>

#include "codec/compressor.h"
#include "codec/expand.h"

namespace djcache::codec {
namespace {

bool compress(std::string_view bytes, std::string& out, std::string& reason) {
  out.resize(ZSTD_compressBound(bytes.size()));
  const std::size_t size =
      ZSTD_compress(out.data(), out.size(), bytes.data(), bytes.size(), ZSTD_CLEVEL_DEFAULT);
  if (ZSTD_isError(size)) {
    reason = ZSTD_getErrorName(size);
    return false;
  }
  out.resize(size);
  return true;
}

struct FreeContext {
  void operator()(ZSTD_DCtx* context) const { ZSTD_freeDCtx(context); }
};

// A header asks for the window's memory: no more than the value may take.
int window_log_max(std::size_t max_bytes) {
  return std::clamp(static_cast<int>(std::bit_width(max_bytes - 1)), 10, 31);
}

Expansion expand(std::string_view bytes, std::size_t max_bytes, std::string& out,
                 std::string& reason) {
  // The two results that are not sizes, unknown and invalid, are left to the decoder.
  const unsigned long long promised = ZSTD_getFrameContentSize(bytes.data(), bytes.size());
  if (promised < ZSTD_CONTENTSIZE_ERROR && promised > max_bytes) return Expansion::too_large;
  const std::unique_ptr<ZSTD_DCtx, FreeContext> context(ZSTD_createDCtx());
  if (!context) {
    reason = "out of memory";
    return Expansion::damaged;
  }
  ZSTD_DCtx_setParameter(context.get(), ZSTD_d_windowLogMax, window_log_max(max_bytes));
  ZSTD_inBuffer in{bytes.data(), bytes.size(), 0};
  const auto step = [&](char* to, std::size_t room, std::size_t& produced) {
    ZSTD_outBuffer buffer{to, room, 0};
    const std::size_t wanted = ZSTD_decompressStream(context.get(), &buffer, &in);
    produced = buffer.pos;
    if (ZSTD_isError(wanted)) {
      reason = ZSTD_getErrorName(wanted);
      return Step::damaged;
    }
    if (wanted == 0) return Step::ended;
    return in.pos == in.size && buffer.pos < buffer.size ? Step::truncated : Step::more;
  };
  return expand_in_steps(
      step, [&] { return in.size - in.pos; }, max_bytes, out, reason);
}

}  // namespace

const CompressorTable zstd_table = {
    "zstd", [](std::string_view bytes) { return bytes.starts_with("\x28\xb5\x2f\xfd"); }, compress,
    expand};

}  // namespace djcache::codec
