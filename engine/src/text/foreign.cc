#include "text/foreign.h"

#include <algorithm>

#include "resp/words.h"
#include "text/hidden.h"
#include "text/hints.h"
#include "text/python_repr.h"

namespace djcache::text {

namespace {

// Texts are only examined up to this length.
constexpr std::size_t looked_at = 1024;

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

bool equal_without_case(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](char left, char right) { return lower(left) == lower(right); });
}

bool carries_credentials(std::string_view command) {
  const std::string_view name = resp::word_at(command, 0);
  return equal_without_case(name, "AUTH") || equal_without_case(name, "HELLO");
}

// "User default has no permissions to run the 'get' command": a lease's user may differ from the
// one in the settings.
void hide_user(std::string_view text, Hidden& hidden) {
  constexpr std::string_view before = "User ", after = " has no permissions";
  const std::size_t begin = text.find(before), end = text.find(after);
  if (begin == text.npos || end == text.npos || begin + before.size() > end) return;
  hidden.hide_bytes(begin + before.size(), end - begin - before.size());
}

// "ERR unknown command 'SET' key value": everything after the name is dropped. After a reply too
// many, errors are matched with later commands, whose arguments are not the ones repeated.
std::string_view up_to_unknown(std::string_view text) {
  constexpr std::string_view mark = "ERR unknown command ";
  if (!text.starts_with(mark)) return text;
  const std::string_view named = text.substr(mark.size());
  const bool quoted =
      !named.empty() && (named.front() == '\'' || named.front() == '`' || named.front() == '"');
  const std::size_t end = quoted ? named.find_first_of("'`\"", 1) : named.find_first_of(" ,");
  return end == named.npos ? text : text.substr(0, mark.size() + end + (quoted ? 1 : 0));
}

}  // namespace

std::string_view before_arguments(std::string_view text) {
  text = up_to_unknown(text);
  constexpr std::string_view mark = "with args beginning with";
  const auto at = std::search(text.begin(), text.end(), mark.begin(), mark.end(),
                              [](char left, char right) { return lower(left) == lower(right); });
  if (at == text.end()) return text;
  text = text.substr(0, static_cast<std::size_t>(at - text.begin()));
  while (!text.empty() && (text.back() == ' ' || text.back() == ',')) text.remove_suffix(1);
  return text;
}

std::string foreign(std::string_view error, const Sent& sent) {
  if (carries_credentials(sent.command)) return refusal(error);
  const std::string_view text = before_arguments(error).substr(0, looked_at);
  Hidden hidden(text);
  hidden.hide_name(sent.username);
  hidden.hide_name(sent.password);
  hide_user(text, hidden);
  resp::Words words(sent.command);
  for (std::string_view word; words.next(word);) {
    if (!words.is_name()) hidden.hide(word);
  }
  std::string out;
  append_escaped(out, hidden.rest(), foreign_max);
  return out;
}

bool refuses(std::string_view error, std::string_view command) {
  const auto starts = [error](std::string_view word) { return error.starts_with(word); };
  if (!starts("NOPERM") && !starts("ERR") && !starts("un")) return false;
  std::string_view text = before_arguments(error).substr(0, looked_at);
  // A user may have the name of a command.
  if (const std::size_t named = text.find(" has no permissions"); named != text.npos) {
    text.remove_prefix(named);
  }
  const auto is_letter = [](char c) { return lower(c) >= 'a' && lower(c) <= 'z'; };
  for (std::size_t at = 0; at < text.size();) {
    std::size_t end = at;
    while (end < text.size() && is_letter(text[end])) ++end;
    if (equal_without_case(text.substr(at, end - at), command)) return true;
    at = end + 1;
  }
  return false;
}

std::string refusal(std::string_view error) {
  std::string text(first_word(error));
  if (const std::string_view means = meaning(error); !means.empty())
    text.append(": ").append(means);
  return text;
}

}  // namespace djcache::text
