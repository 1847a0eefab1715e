#include <djcache/harness/inspector.h>

#include <algorithm>
#include <charconv>

#include "deadline.h"
#include "resp_client.h"
#include "uncounted.h"

namespace djcache::harness {
namespace {

bool of_harness(const ClientInfo& client) { return client.name == harness_client_name; }

// S: the link of a replica, seen on its master; M: the link of the master, seen on its replica.
bool replication_link(const ClientInfo& client) {
  return client.flags.find_first_of("SM") != std::string::npos;
}

}  // namespace

Opened<Inspector> Inspector::open(const Endpoint& endpoint, std::chrono::milliseconds limit) {
  std::unique_ptr<Inspector> inspector(new Inspector(endpoint, limit));
  if (auto connected = inspector->connect(); !connected) return {nullptr, connected.problem};
  return {std::move(inspector), ""};
}

Inspector::Inspector(Endpoint endpoint, std::chrono::milliseconds limit)
    : endpoint_(std::move(endpoint)), limit_(limit), client_(std::make_unique<RespClient>()) {}

Inspector::~Inspector() = default;

Outcome Inspector::connect() {
  const Deadline deadline(limit_);
  auto outcome = client_->connect(endpoint_, deadline);
  if (outcome) outcome = client_->introduce(endpoint_, deadline);
  if (!outcome) client_->close();
  return outcome;
}

Reply Inspector::command(const std::vector<std::string>& words) {
  if (client_->stale()) {
    if (auto connected = connect(); !connected) {
      return {.type = Reply::Type::failure, .text = connected.problem};
    }
  }
  return client_->call(words, Deadline(limit_));
}

Reply Inspector::ask(const std::vector<std::string>& words, Reply::Type expected) {
  Reply reply = command(words);
  problem_.clear();
  if (reply.type == expected || (expected == Reply::Type::bulk && reply.is_nil())) return reply;
  problem_ = words.front() + ": " + format(reply);
  return {.type = Reply::Type::failure, .text = problem_};
}

std::optional<std::string> Inspector::raw(const std::string& key) {
  Reply reply = ask({"GET", key}, Reply::Type::bulk);
  if (reply.type != Reply::Type::bulk) return std::nullopt;
  return std::move(reply.text);
}

std::optional<std::int64_t> Inspector::pttl(const std::string& key) {
  const Reply reply = ask({"PTTL", key}, Reply::Type::integer);
  if (reply.is_error()) return std::nullopt;
  return reply.integer;
}

std::optional<std::string> Inspector::type(const std::string& key) {
  Reply reply = ask({"TYPE", key}, Reply::Type::status);
  if (reply.is_error()) return std::nullopt;
  return std::move(reply.text);
}

std::optional<std::vector<std::string>> Inspector::keys() {
  Reply reply = ask({"KEYS", "*"}, Reply::Type::array);
  if (reply.is_error()) return std::nullopt;
  std::vector<std::string> names;
  for (auto& element : reply.elements) names.push_back(std::move(element.text));
  std::sort(names.begin(), names.end());
  return names;
}

std::optional<std::int64_t> Inspector::dbsize() {
  const Reply reply = ask({"DBSIZE"}, Reply::Type::integer);
  if (reply.is_error()) return std::nullopt;
  return reply.integer;
}

std::optional<std::vector<ClientInfo>> Inspector::client_list() {
  const Reply reply = ask({"CLIENT", "LIST"}, Reply::Type::bulk);
  if (reply.is_error()) return std::nullopt;
  return parse_client_list(reply.text);
}

std::optional<std::size_t> Inspector::count_clients(std::string_view name_prefix) {
  const auto clients = client_list();
  if (!clients) return std::nullopt;
  return static_cast<std::size_t>(
      std::count_if(clients->begin(), clients->end(), [&](const ClientInfo& client) {
        return client.name.starts_with(name_prefix) && !uncounted(client.name) &&
               !replication_link(client);
      }));
}

Outcome Inspector::wait_for_clients(std::size_t n, std::chrono::milliseconds limit,
                                    std::string_view name_prefix) {
  const Deadline deadline(limit);
  while (true) {
    const auto count = count_clients(name_prefix);
    if (!count) return {problem_};
    if (*count == n) return {};
    if (deadline.passed()) {
      return {"the server still counts " + std::to_string(*count) + " clients, not " +
              std::to_string(n)};
    }
    deadline.pause();
  }
}

std::optional<std::size_t> Inspector::kill_clients(std::string_view name) {
  const auto clients = client_list();
  if (!clients) return std::nullopt;
  std::size_t killed = 0;
  for (const auto& client : *clients) {
    if (client.name != name || of_harness(client)) continue;
    const Reply reply = command({"CLIENT", "KILL", "ID", std::to_string(client.id)});
    if (reply.type == Reply::Type::integer) killed += static_cast<std::size_t>(reply.integer);
  }
  return killed;
}

std::optional<std::int64_t> Inspector::commandstats(const std::string& command_name) {
  const Reply reply = ask({"INFO", "commandstats"}, Reply::Type::bulk);
  if (reply.is_error()) return std::nullopt;
  const std::string wanted = "cmdstat_" + command_name + ":calls=";
  const auto at = reply.text.find(wanted);
  std::int64_t calls = 0;
  if (at == std::string::npos) return calls;
  std::from_chars(reply.text.data() + at + wanted.size(), reply.text.data() + reply.text.size(),
                  calls);
  return calls;
}

}  // namespace djcache::harness
