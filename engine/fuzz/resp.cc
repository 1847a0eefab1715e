// Fuzz target: RESP replies. The same bytes must give the same replies, or the same refusal, no
// matter how they are split into pieces.
#include "codec_property.h"
#include "resp/parser.h"

namespace djcache::fuzz {
namespace {

// Appends an element and its children to the digest. Recurses no deeper than Caps::depth.
void add(const resp::Reply& reply, std::string& digest) {
  digest += std::to_string(static_cast<int>(reply.type())) + ' ';
  if (reply.type() != resp::Type::array) digest += reply.text();
  digest += std::to_string(reply.integer()) + '\n';
  resp::Reply item = reply;
  for (std::size_t i = 0; i < reply.size(); ++i) {
    item = i == 0 ? reply.first() : item.next();
    add(item, digest);
  }
}

// Feeds the parser pieces of `step` bytes and returns a digest of every reply. The caps are small,
// so that short inputs reach them.
std::string read(std::string_view bytes, std::size_t step) {
  resp::Caps caps;
  caps.bulk_bytes = 40;
  caps.reply_bytes = 100;
  caps.elements = 12;
  caps.depth = 4;
  resp::Parser parser(caps);
  std::string digest;
  for (std::size_t at = 0; at < bytes.size(); at += step) {
    const std::string piece(bytes.substr(at, step));  // valid while its replies are read
    parser.feed(piece);
    for (;;) {
      resp::Reply reply;
      const auto status = parser.next(reply);
      if (status == resp::Parser::Status::need_more) break;
      if (status == resp::Parser::Status::error) {
        require(!parser.error().empty(), "an error without a reason");
        return digest + "error";
      }
      add(reply, digest);
    }
  }
  // Each byte is copied at most three times: into a line, for the reader, into body or arena.
  require(parser.bytes_copied() <= 3 * bytes.size(), "bytes are copied again and again");
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
