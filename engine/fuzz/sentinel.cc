// Fuzz target: replies and messages of sentinels. Each yields a valid address or none.
#include "client/reply_tree.h"
#include "codec_property.h"
#include "resp/parser.h"
#include "sentinel/replies.h"

namespace djcache::fuzz {
namespace {

constexpr std::string_view service = "mymaster";

void check(const sentinel::Address& address) {
  require(!address.host.empty() && address.port != 0, "an address that leads nowhere");
}

void check_all(const std::vector<sentinel::Address>& addresses, const Reply& reply) {
  require(addresses.size() <= reply.elements.size(), "more addresses than instances");
  for (const sentinel::Address& each : addresses) check(each);
}

void answered(const Reply& reply) {
  if (const auto primary = sentinel::primary_in(reply)) {
    require(reply.elements.size() == 2, "a primary of something other than two words");
    check(*primary);
  }
  check_all(sentinel::replicas_in(reply), reply);
  check_all(sentinel::sentinels_in(reply), reply);
  for (const Reply& element : reply.elements) {
    require(!sentinel::speaks_of(element.text, service) || element.text.size() > service.size(),
            "a switch of nothing");
  }
}

}  // namespace
}  // namespace djcache::fuzz

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  using namespace djcache::fuzz;
  const std::string_view bytes = view(data, size);
  djcache::resp::Parser parser(djcache::resp::Caps{});
  parser.feed(bytes);
  djcache::resp::Reply reply;
  while (parser.next(reply) == djcache::resp::Parser::Status::reply) {
    answered(djcache::client::to_tree(reply));
  }
  return 0;
}
