// lz4's frame format, with the defaults of Python's lz4.frame.compress: linked blocks, the size in
// the header, no checksum of the content.
#include <lz4frame.h>

#include <memory>

#include "codec/compressor.h"
#include "codec/expand.h"

namespace djcache::codec {
namespace {

bool compress(std::string_view bytes, std::string& out, std::string& reason) {
  LZ4F_preferences_t preferences{};
  preferences.frameInfo.blockMode = LZ4F_blockLinked;
  preferences.frameInfo.contentSize = bytes.size();
  out.resize(LZ4F_compressFrameBound(bytes.size(), &preferences));
  const std::size_t size =
      LZ4F_compressFrame(out.data(), out.size(), bytes.data(), bytes.size(), &preferences);
  if (LZ4F_isError(size)) {
    reason = LZ4F_getErrorName(size);
    return false;
  }
  out.resize(size);
  return true;
}

struct FreeContext {
  void operator()(LZ4F_dctx* context) const { LZ4F_freeDecompressionContext(context); }
};

Expansion expand(std::string_view bytes, std::size_t max_bytes, std::string& out,
                 std::string& reason) {
  LZ4F_dctx* created = nullptr;
  if (LZ4F_isError(LZ4F_createDecompressionContext(&created, LZ4F_VERSION))) {
    reason = "out of memory";
    return Expansion::damaged;
  }
  const std::unique_ptr<LZ4F_dctx, FreeContext> context(created);
  std::string_view in = bytes;
  const auto step = [&](char* to, std::size_t room, std::size_t& produced) {
    std::size_t read = in.size();
    produced = room;
    const std::size_t wanted =
        LZ4F_decompress(context.get(), to, &produced, in.data(), &read, nullptr);
    if (LZ4F_isError(wanted)) {
      produced = 0;
      reason = LZ4F_getErrorName(wanted);
      return Step::damaged;
    }
    in.remove_prefix(read);
    if (wanted == 0) return Step::ended;
    return in.empty() && produced < room ? Step::truncated : Step::more;
  };
  return expand_in_steps(
      step, [&] { return in.size(); }, max_bytes, out, reason);
}

}  // namespace

const CompressorTable lz4_table = {
    "lz4", [](std::string_view bytes) { return bytes.starts_with("\x04\x22\x4d\x18"); }, compress,
    expand};

}  // namespace djcache::codec
