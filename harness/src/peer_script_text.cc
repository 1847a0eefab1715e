// Peer scripts as text: one step per line. The format is in peer_script.h.
#include <cerrno>
#include <charconv>
#include <cstring>
#include <fstream>
#include <iterator>
#include <map>
#include <optional>

#include <djcache/harness/peer_script.h>
#include <djcache/harness/wire_text.h>

namespace djcache::harness {
namespace {

constexpr std::string_view blanks = " \t\r";

std::string_view trimmed(std::string_view text) {
  const auto from = text.find_first_not_of(blanks);
  if (from == std::string_view::npos) return "";
  return text.substr(from, text.find_last_not_of(blanks) - from + 1);
}

// The first word of `text`; `text` keeps the rest.
std::string_view cut_word(std::string_view& text) {
  const auto end = text.find_first_of(blanks);
  const auto word = text.substr(0, end);
  text = end == std::string_view::npos ? "" : trimmed(text.substr(end));
  return word;
}

std::optional<std::size_t> as_count(std::string_view text) {
  std::size_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

// Each adds one step and returns an empty string, or returns what is wrong with the argument.
using AddStep = std::string (*)(PeerScript&, std::string_view);

template <PeerScript& (PeerScript::*Add)()>
std::string add_plain(PeerScript& script, std::string_view argument) {
  if (!argument.empty()) return "takes no argument";
  (script.*Add)();
  return "";
}

template <PeerScript& (PeerScript::*Add)(std::string_view)>
std::string add_bytes(PeerScript& script, std::string_view argument) {
  auto unescaped = unescape(argument);
  if (!unescaped.problem.empty()) return unescaped.problem;
  if (unescaped.bytes.empty()) return "needs bytes";
  (script.*Add)(unescaped.bytes);
  return "";
}

std::string add_send_slowly(PeerScript& script, std::string_view argument) {
  std::size_t bytes_per_turn = 1;
  const auto colon = argument.find(':');
  // ":1\r\n" has no count, "3:abc" has one.
  if (colon != std::string_view::npos && colon > 0) {
    if (const auto count = as_count(argument.substr(0, colon))) {
      bytes_per_turn = *count;
      argument.remove_prefix(colon + 1);
    }
  }
  const auto unescaped = unescape(argument);
  if (!unescaped.problem.empty()) return unescaped.problem;
  if (unescaped.bytes.empty() || bytes_per_turn == 0) return "needs [n:]bytes";
  script.send_slowly(unescaped.bytes, bytes_per_turn);
  return "";
}

std::string add_expect_command(PeerScript& script, std::string_view argument) {
  std::vector<std::string> words;
  while (!argument.empty()) {
    auto unescaped = unescape(cut_word(argument));
    if (!unescaped.problem.empty()) return unescaped.problem;
    words.push_back(std::move(unescaped.bytes));
  }
  if (words.empty()) return "needs words";
  script.expect_command(words);
  return "";
}

std::string add_expect_any(PeerScript& script, std::string_view argument) {
  const auto name = cut_word(argument);
  if (!argument.empty()) return "takes one word at most";
  script.expect_any_command(name);
  return "";
}

std::string add_handshake(PeerScript& script, std::string_view argument) {
  PeerHandshake handshake;
  while (!argument.empty()) {
    const auto word = cut_word(argument);
    if (word == "NAME") {
      handshake.name = true;
    } else if (word == "AUTH") {
      handshake.auth = true;
    } else if (const auto db = word == "DB" ? as_count(cut_word(argument)) : std::nullopt) {
      handshake.db = static_cast<int>(*db);
    } else {
      return "takes NAME, AUTH and DB n";
    }
  }
  script.expect_handshake(handshake);
  return "";
}

std::string add_discard(PeerScript& script, std::string_view argument) {
  const auto count = as_count(argument);
  if (!count) return "needs a number of bytes";
  script.discard(*count);
  return "";
}

const std::map<std::string_view, AddStep>& verbs() {
  static const std::map<std::string_view, AddStep> table{
      {"EXPECT", add_bytes<&PeerScript::expect>},
      {"EXPECT_COMMAND", add_expect_command},
      {"EXPECT_ANY", add_expect_any},
      {"EXPECT_CLOSE", add_plain<&PeerScript::expect_close>},
      {"HANDSHAKE", add_handshake},
      {"DISCARD", add_discard},
      {"SEND", add_bytes<&PeerScript::send>},
      {"SEND_SLOWLY", add_send_slowly},
      {"PAUSE", add_plain<&PeerScript::pause>},
      {"STALL", add_plain<&PeerScript::stall>},
      {"HOLD", add_plain<&PeerScript::hold>},
      {"CLOSE", add_plain<&PeerScript::close>},
      {"RESET", add_plain<&PeerScript::reset>},
  };
  return table;
}

std::string add_line(std::vector<PeerScript>& scripts, std::string_view line) {
  const auto verb = cut_word(line);
  if (verb == "CONNECTION") {
    if (!line.empty()) return "CONNECTION takes no argument";
    scripts.emplace_back();
    return "";
  }
  const auto found = verbs().find(verb);
  if (found == verbs().end()) return "unknown step '" + std::string(verb) + "'";
  if (scripts.empty()) scripts.emplace_back();
  const std::string problem = found->second(scripts.back(), line);
  return problem.empty() ? "" : std::string(verb) + ": " + problem;
}

}  // namespace

ParsedScripts parse_peer_scripts(std::string_view text) {
  ParsedScripts out;
  for (int number = 1; !text.empty(); ++number) {
    const auto end = text.find('\n');
    const auto line = trimmed(text.substr(0, end));
    text = end == std::string_view::npos ? "" : text.substr(end + 1);
    if (line.empty() || line.front() == '#') continue;
    if (const auto problem = add_line(out.scripts, line); !problem.empty()) {
      return {.problem = "line " + std::to_string(number) + ": " + problem};
    }
  }
  if (out.scripts.empty()) out.problem = "there is no step in the script";
  return out;
}

ParsedScripts load_peer_scripts(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return {.problem = "cannot read " + path + ": " + std::strerror(errno)};
  const std::string text{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  auto out = parse_peer_scripts(text);
  if (!out.problem.empty()) out.problem = path + ", " + out.problem;
  return out;
}

}  // namespace djcache::harness
