#include "codec/pickle_error.h"

namespace djcache::codec::pickle {

bool fail(Error& error, std::string reason) {
  error = {Errc::decode_failed, "pickle: " + std::move(reason)};
  return false;
}

bool fail_at(Error& error, std::string what, std::size_t position, std::string_view why) {
  return fail(error, std::move(what.append(" at byte ") += std::to_string(position)).append(why));
}

std::string printable(std::string_view name) {
  constexpr std::size_t size_max = 100;
  std::string text;
  for (const char c : name.substr(0, size_max)) text += c >= ' ' && c <= '~' ? c : '?';
  if (name.size() > size_max) text += "...";
  return text;
}

}  // namespace djcache::codec::pickle
