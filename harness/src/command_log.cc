#include <djcache/harness/command_log.h>

#include <strings.h>

#include "deadline.h"
#include "resp_client.h"
#include "uncounted.h"

#include <djcache/harness/inspector.h>

namespace djcache::harness {
namespace {

constexpr std::size_t most_commands = 1'000'000;

bool same_word(const std::string& word, const char* name) {
  return ::strcasecmp(word.c_str(), name) == 0;
}

// All clients on a unix socket have the same address, so the harness' own cannot be recognized.
bool distinct(const std::string& address) { return !address.starts_with("unix:"); }

bool names_uncounted(const std::vector<std::string>& words) {
  return words.size() == 3 && same_word(words[0], "client") && same_word(words[1], "setname") &&
         uncounted(words[2]);
}

}  // namespace

Opened<CommandLog> CommandLog::open(const Endpoint& endpoint, std::chrono::milliseconds limit) {
  auto monitor = std::make_unique<RespClient>();
  auto marker = std::make_unique<RespClient>();
  const Deadline deadline(limit);
  for (RespClient* client : {monitor.get(), marker.get()}) {
    auto outcome = client->connect(endpoint, deadline);
    if (outcome) outcome = client->introduce(endpoint, deadline);
    if (!outcome) return {nullptr, outcome.problem};
  }
  const Reply reply = monitor->call({"MONITOR"}, deadline);
  if (!reply.is_status("OK")) return {nullptr, "MONITOR was refused: " + format(reply)};
  std::unique_ptr<CommandLog> log(new CommandLog(std::move(monitor), std::move(marker), limit));
  log->learn_own_addresses();
  if (!log->problem_.empty()) return {nullptr, log->problem_};
  return {std::move(log), ""};
}

CommandLog::CommandLog(std::unique_ptr<RespClient> monitor, std::unique_ptr<RespClient> marker,
                       std::chrono::milliseconds limit)
    : monitor_(std::move(monitor)), marker_(std::move(marker)), limit_(limit) {}

CommandLog::~CommandLog() = default;

std::optional<Commands> CommandLog::take() {
  auto entries = take_entries();
  if (!entries) return std::nullopt;
  Commands commands;
  for (auto& entry : *entries) {
    if (entry.address != "lua") commands.push_back(std::move(entry.words));
  }
  return commands;
}

std::optional<std::vector<LoggedCommand>> CommandLog::take_entries() {
  problem_.clear();
  const std::string marker = std::string(harness_client_name) + "-mark-" + std::to_string(++marks_);
  const Reply echoed = marker_->call({"ECHO", marker}, Deadline(limit_));
  std::vector<LoggedCommand> entries;
  if (echoed.text != marker) {
    problem_ = "the mark was not set: " + format(echoed);
  } else if (read_until(marker, entries)) {
    learn_own_addresses(entries);
    learn_own_addresses();
  }
  if (!problem_.empty()) return std::nullopt;
  std::erase_if(entries, [&](const auto& entry) { return own_addresses_.contains(entry.address); });
  return entries;
}

bool CommandLog::read_until(const std::string& marker, std::vector<LoggedCommand>& into) {
  const Deadline deadline(limit_);
  while (into.size() < most_commands) {
    const Reply line = monitor_->next(deadline);
    auto entry = line.type == Reply::Type::status ? parse_monitor_line(line.text) : std::nullopt;
    if (!entry) {
      problem_ = "not a line of MONITOR: " + format(line);
      return false;
    }
    if (entry->words.size() == 2 && entry->words[1] == marker) return true;
    into.push_back(std::move(*entry));
  }
  problem_ = "more than " + std::to_string(most_commands) + " commands since the last take";
  return false;
}

// Addresses are learnt in two ways because neither suffices: an inspector may have disconnected
// before the list is requested, and servers before 7.0 do not show CLIENT SETNAME in MONITOR.
void CommandLog::learn_own_addresses() {
  const Reply list = marker_->call({"CLIENT", "LIST"}, Deadline(limit_));
  if (list.type != Reply::Type::bulk) {
    problem_ = "CLIENT LIST: " + format(list);
    return;
  }
  for (const auto& client : parse_client_list(list.text)) {
    if (uncounted(client.name) && distinct(client.addr)) own_addresses_.insert(client.addr);
  }
}

void CommandLog::learn_own_addresses(const std::vector<LoggedCommand>& entries) {
  for (const auto& entry : entries) {
    if (names_uncounted(entry.words) && distinct(entry.address))
      own_addresses_.insert(entry.address);
  }
}

}  // namespace djcache::harness
