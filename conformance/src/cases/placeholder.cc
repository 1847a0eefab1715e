#include "src/cases/placeholder.h"

#include <algorithm>

namespace djcache::conformance {
namespace {

bool known_part(std::string_view part) {
  return part == "unix" || part == "host" || part == "port";
}

// "server", "replica:1", "locked"; the case declares which of them exist.
bool known_form(std::string_view name) {
  if (name == "server:2" || name == "replica:1" || name == "replica:2") return true;
  return !name.empty() && name.front() >= 'a' && name.front() <= 'z' &&
         std::all_of(name.begin(), name.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
         });
}

}  // namespace

std::optional<Placeholder> parse_placeholder(std::string_view text) {
  Placeholder found;
  const auto slash = text.find('/');
  if (slash != std::string_view::npos) {
    const std::string_view db = text.substr(slash + 1);
    const bool number =
        !db.empty() && db.size() <= 2 &&
        std::all_of(db.begin(), db.end(), [](char c) { return c >= '0' && c <= '9'; });
    if (!number || std::stoi(std::string(db)) > 15) return {};
    found.db = std::stoi(std::string(db));
    text = text.substr(0, slash);
  }
  const auto dot = text.find('.');
  if (dot != std::string_view::npos) {
    found.part = text.substr(dot + 1);
    if (!known_part(found.part)) return {};
    text = text.substr(0, dot);
  }
  if (!known_form(text)) return {};
  found.name = text;
  return found;
}

std::string replace_placeholders(std::string_view text,
                                 const std::function<std::string(const Placeholder&)>& replace,
                                 std::string& problem) {
  std::string result;
  std::size_t at = 0;
  while (at < text.size()) {
    const auto open = text.find('{', at);
    if (open == std::string_view::npos) break;
    const auto close = text.find('}', open);
    const auto found = close == std::string_view::npos
                           ? std::nullopt
                           : parse_placeholder(text.substr(open + 1, close - open - 1));
    if (!found) {
      problem = "no placeholder: " + std::string(text.substr(open));
      return std::string(text);
    }
    result.append(text.substr(at, open - at));
    result += replace(*found);
    at = close + 1;
  }
  return result.append(text.substr(std::min(at, text.size())));
}

}  // namespace djcache::conformance
