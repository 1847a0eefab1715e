#include "src/backup/database.h"

#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>

#include <djcache/harness/wire_text.h>

namespace djcache::conformance {
namespace {

// Deleting a large key or emptying a large database may take long.
constexpr std::chrono::seconds patient{120};
constexpr std::chrono::seconds runs_end_within{5};
constexpr std::size_t restore_max = std::size_t{512} << 20;  // proto-max-bulk-len
constexpr std::string_view page = "500";

// Leaves out the arguments that some servers repeat in errors: they are the user's keys and values.
std::string server_said(const std::string& command, const harness::Reply& reply) {
  constexpr std::size_t text_max = 200;
  std::string text = reply.text.substr(0, reply.text.find(", with args beginning with"));
  text = harness::escape(text.substr(0, text_max));
  return command + ": " + (text.empty() ? "an unexpected reply" : text);
}

std::string title_of(const harness::Endpoint& endpoint) {
  const std::string where = endpoint.unix_path.empty()
                                ? endpoint.host + ":" + std::to_string(endpoint.port)
                                : endpoint.unix_path;
  return where + ", database " + std::to_string(endpoint.db);
}

}  // namespace

Database::Database(const harness::Endpoint& endpoint)
    : endpoint_(endpoint), title_(title_of(endpoint)) {}

harness::Opened<Database> Database::open(const harness::Endpoint& endpoint) {
  std::unique_ptr<Database> database(new Database(endpoint));
  auto opened = harness::Inspector::open(endpoint, patient);
  if (!opened) return {nullptr, opened.problem};
  database->inspector_ = std::move(opened.value);
  return {std::move(database), {}};
}

bool Database::has_runs() {
  const auto clients = inspector_->client_list();
  if (!clients) return false;  // CLIENT LIST is refused
  return std::any_of(clients->begin(), clients->end(), [this](const harness::ClientInfo& client) {
    return client.db == endpoint_.db && client.name.starts_with(run_client_name);
  });
}

void Database::wait_for_runs_to_end() {
  const auto deadline = std::chrono::steady_clock::now() + runs_end_within;
  while (has_runs() && std::chrono::steady_clock::now() < deadline) ::usleep(2000);
}

harness::Opened<std::uint64_t> Database::size() {
  const auto size = inspector_->dbsize();
  if (!size) return {nullptr, inspector_->problem()};
  return {std::make_unique<std::uint64_t>(*size), {}};
}

std::int64_t Database::now_ms() {
  const auto reply = inspector_->command({"TIME"});
  if (reply.type != harness::Reply::Type::array || reply.elements.size() != 2) return -1;
  return std::atoll(reply.elements[0].text.c_str()) * 1000 +
         std::atoll(reply.elements[1].text.c_str()) / 1000;
}

harness::Outcome Database::save(const std::string& path, const std::function<bool()>& stop) {
  auto writer = DumpWriter::create(
      path, {.host = endpoint_.host,
             .unix_path = endpoint_.unix_path,
             .port = endpoint_.port,
             .db = endpoint_.db,
             .with_credentials = !endpoint_.username.empty() || !endpoint_.password.empty()});
  if (!writer) return {writer.problem};
  std::string cursor = "0";
  do {
    const auto reply = inspector_->command({"SCAN", cursor, "COUNT", std::string(page)});
    if (reply.type != harness::Reply::Type::array || reply.elements.size() != 2) {
      return {server_said("SCAN", reply)};
    }
    for (const harness::Reply& key : reply.elements[1].elements) {
      if (stop()) return {"interrupted"};
      if (auto saved = save_key(key.text, *writer); !saved) return saved;
    }
    cursor = reply.elements[0].text;
  } while (cursor != "0");
  return writer->finish();
}

harness::Outcome Database::save_key(const std::string& key, DumpWriter& writer) {
  harness::Reply dump = inspector_->command({"DUMP", key});
  if (dump.is_nil()) return {};  // expired meanwhile
  if (dump.type != harness::Reply::Type::bulk) return {server_said("DUMP", dump)};
  if (dump.text.size() > restore_max) return {"a key holds more than RESTORE takes, 512 MB"};
  const auto pttl = inspector_->pttl(key);
  if (!pttl) return {"PTTL: " + inspector_->problem()};
  if (*pttl == -2) return {};
  DumpedKey dumped{.key = key, .dump = std::move(dump.text)};
  if (*pttl >= 0) {
    const std::int64_t now = now_ms();
    if (now < 0) return {"TIME is refused, and keys have a time to live"};
    dumped.expires_at_ms = now + *pttl;
  }
  if (writer.keys() == 0) {
    if (auto taken = prove_that_it_takes(dumped); !taken) return taken;
  }
  return writer.add(dumped);
}

// If the server refuses RESTORE, emptying the database would lose the keys. Tested with the first
// key.
harness::Outcome Database::prove_that_it_takes(const DumpedKey& key) {
  const auto reply = restore(key);
  return {reply.is_status("OK") ? std::string() : server_said("RESTORE", reply)};
}

harness::Reply Database::restore(const DumpedKey& key) {
  return inspector_->command(
      {"RESTORE", key.key, std::to_string(key.expires_at_ms), key.dump, "REPLACE", "ABSTTL"});
}

harness::Outcome Database::empty() {
  const auto reply = inspector_->command({"FLUSHDB"});
  return {reply.is_status("OK") ? std::string() : server_said("FLUSHDB", reply)};
}

harness::Outcome Database::put_back(DumpReader& dump) {
  if (auto ready = dump.rewind(); !ready) return ready;
  if (auto emptied = empty(); !emptied) return emptied;
  if (auto filled = fill(dump); !filled) return filled;
  if (auto ready = dump.rewind(); !ready) return ready;
  return verify(dump);
}

// One refused key does not prevent the others from being restored.
harness::Outcome Database::fill(DumpReader& dump) {
  std::uint64_t refused = 0;
  std::string first;
  while (const auto key = dump.next()) {
    const auto reply = restore(*key);
    if (reply.type == harness::Reply::Type::failure) return {server_said("RESTORE", reply)};
    if (reply.is_status("OK")) continue;
    if (refused++ == 0) first = server_said("RESTORE", reply);
  }
  if (!dump.problem().empty()) return {dump.problem()};
  if (refused == 0) return {};
  return {std::to_string(refused) + " of " + std::to_string(dump.keys()) + " keys: " + first};
}

harness::Outcome Database::verify(DumpReader& dump) {
  std::uint64_t missing = 0;
  while (const auto key = dump.next()) {
    const auto reply = inspector_->command({"EXISTS", key->key});
    if (reply.type != harness::Reply::Type::integer) return {server_said("EXISTS", reply)};
    const bool expired =
        reply.integer == 0 && key->expires_at_ms != 0 && key->expires_at_ms <= now_ms();
    if (reply.integer == 0 && !expired) ++missing;
  }
  if (!dump.problem().empty()) return {dump.problem()};
  if (missing == 0) return {};
  return {std::to_string(missing) + " of " + std::to_string(dump.keys()) +
          " keys are missing though the server took them"};
}

}  // namespace djcache::conformance
