#include "session/session_key.h"

#include <djcache/cookie.h>
#include <sys/random.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace djcache {

namespace {

bool is_lower_or_digit(char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); }

bool may_be_added(char c) {
  return is_lower_or_digit(c) || (c >= 'A' && c <= 'Z') || c == '-' || c == '_' || c == '.' ||
         c == '~';
}

}  // namespace

bool is_session_key(std::string_view text, std::string_view more_characters) {
  if (text.size() < 8 || text.size() > 128) return false;
  return std::all_of(text.begin(), text.end(), [&](char c) {
    return is_lower_or_digit(c) ||
           (may_be_added(c) && more_characters.find(c) != std::string_view::npos);
  });
}

namespace session {

Result<std::string> random_session_key() {
  constexpr std::string_view alphabet = "abcdefghijklmnopqrstuvwxyz0123456789";
  constexpr std::size_t size = 32;
  // Larger bytes would make the first letters more likely.
  constexpr unsigned fair = 256 - 256 % alphabet.size();
  std::string key;
  while (key.size() < size) {
    unsigned char random[64];
    if (getentropy(random, sizeof random) != 0) {
      return {Errc::not_supported, "no session key: the system gives no random numbers: " +
                                       std::string(std::strerror(errno))};
    }
    for (const unsigned char byte : random) {
      if (byte < fair && key.size() < size) key += alphabet[byte % alphabet.size()];
    }
  }
  return key;
}

}  // namespace session

}  // namespace djcache
