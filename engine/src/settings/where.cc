#include "settings/where.h"

namespace djcache::settings {

std::string in_quotes(std::string_view name) {
  constexpr std::size_t shown_max = 64;
  std::string text = "'";
  for (const char c : name.substr(0, shown_max)) {
    const auto byte = static_cast<unsigned char>(c);
    text += byte < 32 || byte == 127 || c == '\'' ? '?' : c;
  }
  if (name.size() > shown_max) text += "...";
  return text += '\'';
}

}  // namespace djcache::settings
