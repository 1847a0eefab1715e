#include "client/conduct.h"

#include <algorithm>
#include <charconv>
#include <utility>

namespace djcache::client {

namespace {

using enum Conduct;

constexpr std::pair<std::string_view, Conduct> commands[] = {
    {"BLPOP", blocks},         {"BRPOP", blocks},         {"BRPOPLPUSH", blocks},
    {"BLMOVE", blocks},        {"BLMPOP", blocks},        {"BZPOPMIN", blocks},
    {"BZPOPMAX", blocks},      {"BZMPOP", blocks},        {"WAIT", blocks},
    {"WAITAOF", blocks},       {"SELECT", changes},       {"AUTH", authenticates},
    {"READONLY", changes},     {"READWRITE", changes},    {"ASKING", changes},
    {"WATCH", watches},        {"UNWATCH", unwatches},    {"MULTI", begins_multi},
    {"EXEC", ends_multi},      {"DISCARD", ends_multi},   {"SUBSCRIBE", listens},
    {"PSUBSCRIBE", listens},   {"SSUBSCRIBE", listens},   {"UNSUBSCRIBE", listens},
    {"PUNSUBSCRIBE", listens}, {"SUNSUBSCRIBE", listens}, {"MONITOR", listens},
    {"HELLO", unusable},       {"QUIT", unusable},        {"RESET", unusable},
    {"SYNC", unusable},        {"PSYNC", unusable},       {"REPLCONF", unusable},
};
constexpr std::string_view client_changes[] = {"SETNAME", "SETINFO",  "TRACKING",
                                               "CACHING", "NO-EVICT", "NO-TOUCH"};

std::string upper(std::string_view word) {
  constexpr std::size_t longest = 24;  // longer than every name
  std::string text(word.substr(0, longest));
  for (char& c : text) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  }
  return text;
}

bool has_word(const Arguments& arguments, std::string_view word) {
  for (std::size_t i = 1; i < arguments.size(); ++i) {
    if (upper(arguments[i]) == word) return true;
  }
  return false;
}

std::optional<double> number(std::string_view text) {
  double value = 0;
  const auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (ec != std::errc() || end != text.data() + text.size() || !(value >= 0)) return std::nullopt;
  return value;
}

}  // namespace

Conduct conduct_of(const Arguments& arguments) {
  if (arguments.empty() || arguments[0].empty()) return empty;
  const std::string name = upper(arguments[0]);
  for (const auto& [known, conduct] : commands) {
    if (name == known) return conduct;
  }
  if (name == "XREAD" || name == "XREADGROUP") return has_word(arguments, "BLOCK") ? blocks : plain;
  if (arguments.size() < 2) return plain;
  const std::string second = upper(arguments[1]);
  if (name == "CLIENT") {
    if (second == "REPLY") return unusable;
    if (std::find(std::begin(client_changes), std::end(client_changes), second) !=
        std::end(client_changes)) {
      return changes;
    }
  }
  if (name == "SCRIPT" && second == "DEBUG") return unusable;
  return plain;
}

std::optional<std::int64_t> blocks_for(const Arguments& arguments) {
  const std::string name = upper(arguments[0]);
  const std::size_t last = arguments.size() - 1;
  double unit = 1000;  // seconds by default
  std::size_t place = last;
  if (name == "WAIT" || name == "WAITAOF") {
    unit = 1;
  } else if (name == "BLMPOP" || name == "BZMPOP") {
    place = 1;
  } else if (name == "XREAD" || name == "XREADGROUP") {
    unit = 1;
    place = 1;
    while (place < last && upper(arguments[place]) != "BLOCK") ++place;
    ++place;
  }
  if (place > last || place == 0) return std::nullopt;
  const std::optional<double> time = number(arguments[place]);
  if (!time || *time * unit > 1e15) return std::nullopt;
  return static_cast<std::int64_t>(*time * unit);
}

std::uint32_t blocking_ms(Conduct conduct, const Arguments& arguments) {
  if (conduct != blocks) return 0;
  const std::int64_t time = blocks_for(arguments).value_or(-1);
  if (time < 0) return 0;
  return time == 0 ? hour_ms : static_cast<std::uint32_t>(std::min<std::int64_t>(time, hour_ms));
}

std::optional<Error> refusal(Conduct conduct, std::string_view name, On where) {
  const std::string who = upper(name);
  const bool in_transaction = where == On::transaction || where == On::leased_transaction;
  const bool shared = where == On::shared || where == On::transaction;
  const auto refuse = [&](std::string why) {
    return Error{Errc::not_supported, who + std::move(why)};
  };
  switch (conduct) {
    case plain:
      return std::nullopt;
    case empty:
      return Error{Errc::invalid_argument, "a command needs at least its name"};
    case unusable:
      return refuse(" would break the pairing of commands and replies; djcache cannot send it");
    case listens:
      return refuse(" has replies without end: use Client::subscribe() or Client::monitor()");
    case blocks:
      if (where != On::shared) return std::nullopt;  // inside of MULTI it does not block
      return refuse(" blocks the connection, which others share: take one from Client::lease()");
    case authenticates:
      if (in_transaction) return refuse(" cannot be part of a transaction");
      [[fallthrough]];
    case changes:
      if (!shared) return std::nullopt;
      return refuse(" changes the connection, which others share: take one from Client::lease()");
    case watches:
    case unwatches:
    case begins_multi:
    case ends_multi:
      if (in_transaction) return refuse(" cannot be part of a transaction");
      if (!shared) return std::nullopt;
      return refuse(
          " changes the connection, which others share: use Client::transaction(), or take one "
          "from "
          "Client::lease()");
  }
  return std::nullopt;
}

}  // namespace djcache::client
