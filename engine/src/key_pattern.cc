#include "key_pattern.h"

#include <utility>

namespace djcache {

namespace {

struct One {
  bool matches;
  std::size_t end;  // behind the element in the pattern
};

// `at` is behind the bracket. Exactly as in redis: an unclosed class ends with the pattern, a minus
// makes a range with whatever follows, even the bracket, but not with an escaped character.
One match_class(std::string_view pattern, std::size_t at, char c) {
  const auto is = static_cast<unsigned char>(c);
  const bool negated = at < pattern.size() && pattern[at] == '^';
  if (negated) ++at;
  bool found = false;
  while (at < pattern.size()) {
    auto low = static_cast<unsigned char>(pattern[at]);
    if (low == '\\' && at + 1 < pattern.size()) {
      found = found || pattern[at + 1] == c;
      at += 2;
    } else if (low == ']') {
      ++at;
      break;
    } else if (at + 2 < pattern.size() && pattern[at + 1] == '-') {
      auto high = static_cast<unsigned char>(pattern[at + 2]);
      if (low > high) std::swap(low, high);
      found = found || (low <= is && is <= high);
      at += 3;
    } else {
      found = found || low == is;
      ++at;
    }
  }
  return {found != negated, at};
}

// Matches the element at `at`, which is not a star, against one character.
One match_one(std::string_view pattern, std::size_t at, char c) {
  switch (pattern[at]) {
    case '?':
      return {true, at + 1};
    case '[':
      return match_class(pattern, at + 1, c);
    case '\\':
      if (at + 1 < pattern.size()) ++at;
      [[fallthrough]];
    default:
      return {pattern[at] == c, at + 1};
  }
}

}  // namespace

// Only the last star has to be tried again: an earlier one could gain nothing more.
bool matches_pattern(std::string_view pattern, std::string_view text) {
  constexpr std::size_t no_star = std::string_view::npos;
  std::size_t at = 0, star = no_star, taken_by_star = 0;
  for (std::size_t i = 0; i < text.size();) {
    if (at < pattern.size() && pattern[at] == '*') {
      star = ++at;
      taken_by_star = i;
      continue;
    }
    if (at < pattern.size()) {
      const One one = match_one(pattern, at, text[i]);
      if (one.matches) {
        at = one.end;
        ++i;
        continue;
      }
    }
    if (star == no_star) return false;
    at = star;
    i = ++taken_by_star;
  }
  while (at < pattern.size() && pattern[at] == '*') ++at;
  return at == pattern.size();
}

}  // namespace djcache
