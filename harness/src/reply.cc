#include <djcache/harness/reply.h>

#include <ostream>

#include <djcache/harness/wire_text.h>

namespace djcache::harness {
namespace {

std::string format_elements(const std::vector<Reply>& elements) {
  std::string out = "[";
  for (const auto& element : elements) {
    if (out.size() > 1) out += ", ";
    out += format(element);
  }
  return out + "]";
}

}  // namespace

std::string format(const Reply& reply) {
  switch (reply.type) {
    case Reply::Type::nil:
      return "nil";
    case Reply::Type::status:
      return reply.text;
    case Reply::Type::error:
      return "(error) " + reply.text;
    case Reply::Type::integer:
      return "(integer) " + std::to_string(reply.integer);
    case Reply::Type::bulk:
      return "\"" + escape(reply.text) + "\"";
    case Reply::Type::array:
      return format_elements(reply.elements);
    case Reply::Type::failure:
      return "(no reply) " + reply.text;
  }
  return "?";
}

std::ostream& operator<<(std::ostream& out, const Reply& reply) { return out << format(reply); }

}  // namespace djcache::harness
