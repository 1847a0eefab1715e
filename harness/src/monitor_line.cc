// One line of MONITOR: `1700000000.123456 [0 127.0.0.1:5000] "set" "k" "\x00\"v"`.
#include <djcache/harness/command_log.h>

#include <charconv>

namespace djcache::harness {
namespace {

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return -1;
}

// The server's own quoting: \n \r \t \a \b \" \\ and \xNN.
bool read_escape(std::string_view& rest, std::string& word) {
  static constexpr std::string_view letters = "nrtab\"\\";
  static constexpr std::string_view bytes = "\n\r\t\a\b\"\\";
  if (rest.empty()) return false;
  const char letter = rest.front();
  rest.remove_prefix(1);
  if (const auto at = letters.find(letter); at != std::string_view::npos) {
    word += bytes[at];
    return true;
  }
  if (letter != 'x' || rest.size() < 2) return false;
  const int high = hex_digit(rest[0]);
  const int low = hex_digit(rest[1]);
  if (high < 0 || low < 0) return false;
  word += static_cast<char>(high * 16 + low);
  rest.remove_prefix(2);
  return true;
}

bool read_word(std::string_view& rest, std::string& word) {
  if (!rest.starts_with(" \"")) return false;
  rest.remove_prefix(2);
  while (!rest.empty()) {
    const char c = rest.front();
    rest.remove_prefix(1);
    if (c == '"') return true;
    if (c != '\\') {
      word += c;
    } else if (!read_escape(rest, word)) {
      return false;
    }
  }
  return false;
}

}  // namespace

std::optional<LoggedCommand> parse_monitor_line(std::string_view line) {
  const auto open = line.find(" [");
  const auto space = line.find(' ', open + 2);
  const auto end = line.find("] \"", open);
  if (open == std::string_view::npos || end == std::string_view::npos || space > end) {
    return std::nullopt;
  }
  LoggedCommand out;
  std::from_chars(line.data() + open + 2, line.data() + space, out.db);
  out.address = line.substr(space + 1, end - space - 1);
  auto rest = line.substr(end + 1);
  while (!rest.empty()) {
    if (!read_word(rest, out.words.emplace_back())) return std::nullopt;
  }
  return out;
}

}  // namespace djcache::harness
