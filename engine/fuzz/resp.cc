// Replies: whatever a peer says, in whatever pieces, it is read the same or refused the same.
#include "codec_property.h"
#include "resp/parser.h"

namespace djcache::fuzz {
namespace {

// What the parser makes of the bytes when they come in pieces of `step`: a digest of every reply.
std::string read(std::string_view bytes, std::size_t step) {
  resp::Caps caps;
  caps.bulk_bytes = 1 << 12;
  caps.reply_bytes = 1 << 14;
  caps.elements = 1 << 8;
  resp::Parser parser(caps);
  std::string digest;
  for (std::size_t at = 0; at < bytes.size(); at += step) {
    const std::string piece(bytes.substr(at, step));  // lives as long as it may be looked at
    parser.feed(piece);
    for (;;) {
      resp::Reply reply;
      const auto status = parser.next(reply);
      if (status == resp::Parser::Status::need_more) break;
      if (status == resp::Parser::Status::error) {
        require(!parser.error().empty(), "an error without a reason");
        return digest + "error";
      }
      digest += std::to_string(static_cast<int>(reply.type()));
      digest += ' ';
      digest += reply.type() == resp::Type::array ? std::to_string(reply.size())
                                                  : std::string(reply.text());
      digest += std::to_string(reply.integer());
    }
  }
  return digest;
}

}  // namespace
}  // namespace djcache::fuzz

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  using namespace djcache::fuzz;
  if (size == 0) return 0;
  const std::string_view bytes = view(data, size);
  const std::string whole = read(bytes, size);
  require(read(bytes, 1) == whole, "byte by byte something else is read");
  require(read(bytes, 1 + data[0] % 17) == whole, "in pieces something else is read");
  return 0;
}
