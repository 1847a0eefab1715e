// zlib and gzip, which are deflate in two envelopes. Levels as in django-redis: 6, and gzip's 9.
#include <zlib.h>

#include <climits>

#include "codec/compressor.h"
#include "codec/expand.h"

namespace djcache::codec {
namespace {

// zlib's name of the envelope: a window of 32 KiB, plus 16 for gzip.
constexpr int zlib_window = 15, gzip_window = 15 + 16;

unsigned char byte(std::string_view bytes, std::size_t i) {
  return static_cast<unsigned char>(bytes[i]);
}

// zlib reads through a pointer that it declares mutable.
Bytef* input(std::string_view bytes) {
  return reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
}

bool deflate_all(std::string_view bytes, int level, int window, std::string& out,
                 std::string& reason) {
  z_stream stream{};
  if (deflateInit2(&stream, level, Z_DEFLATED, window, 8, Z_DEFAULT_STRATEGY) != Z_OK) {
    reason = "out of memory";
    return false;
  }
  out.resize(deflateBound(&stream, static_cast<uLong>(bytes.size())));
  stream.next_in = input(bytes);
  stream.avail_in = static_cast<uInt>(bytes.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(std::min<std::size_t>(out.size(), UINT_MAX));
  const int result = deflate(&stream, Z_FINISH);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  if (result != Z_STREAM_END) reason = "did not compress";
  return result == Z_STREAM_END;
}

Step inflate_step(z_stream& stream, char* to, std::size_t room, std::size_t& produced,
                  std::string& reason) {
  stream.next_out = reinterpret_cast<Bytef*>(to);
  stream.avail_out = static_cast<uInt>(std::min<std::size_t>(room, UINT_MAX));
  const uInt before = stream.avail_out;
  const int result = inflate(&stream, Z_NO_FLUSH);
  produced = before - stream.avail_out;
  if (result == Z_STREAM_END) return Step::ended;
  if (result == Z_OK) return Step::more;
  if (result == Z_BUF_ERROR) return Step::truncated;  // the output had room, so input is missing
  reason = result == Z_MEM_ERROR ? "out of memory" : stream.msg ? stream.msg : "not valid";
  return Step::damaged;
}

Expansion inflate_all(std::string_view bytes, int window, std::size_t max_bytes, std::string& out,
                      std::string& reason) {
  z_stream stream{};
  stream.next_in = input(bytes);
  stream.avail_in = static_cast<uInt>(bytes.size());
  if (inflateInit2(&stream, window) != Z_OK) {
    reason = "out of memory";
    return Expansion::damaged;
  }
  const Expansion result = expand_in_steps(
      [&](char* to, std::size_t room, std::size_t& produced) {
        return inflate_step(stream, to, room, produced, reason);
      },
      [&] { return stream.avail_in; }, max_bytes, out, reason);
  inflateEnd(&stream);
  return result;
}

// 0x78 is deflate with the usual window. (Other windows look like old pickles.) Then a checksum,
// and no preset dictionary.
bool has_zlib_head(std::string_view bytes) {
  if (bytes.size() < 2 || byte(bytes, 0) != 0x78) return false;
  return (byte(bytes, 0) * 256 + byte(bytes, 1)) % 31 == 0 && (byte(bytes, 1) & 0x20) == 0;
}

}  // namespace

const CompressorTable zlib_table = {
    "zlib", has_zlib_head,
    [](std::string_view bytes, std::string& out, std::string& reason) {
      return deflate_all(bytes, 6, zlib_window, out, reason);
    },
    [](std::string_view bytes, std::size_t max_bytes, std::string& out, std::string& reason) {
      return inflate_all(bytes, zlib_window, max_bytes, out, reason);
    }};

const CompressorTable gzip_table = {
    "gzip", [](std::string_view bytes) { return bytes.starts_with("\x1f\x8b\x08"); },
    [](std::string_view bytes, std::string& out, std::string& reason) {
      return deflate_all(bytes, 9, gzip_window, out, reason);
    },
    [](std::string_view bytes, std::size_t max_bytes, std::string& out, std::string& reason) {
      return inflate_all(bytes, gzip_window, max_bytes, out, reason);
    }};

}  // namespace djcache::codec
