#include "src/backup/guard.h"

#include <unistd.h>

#include <cstdio>
#include <ctime>
#include <filesystem>
#include <utility>

namespace djcache::conformance {
namespace {

constexpr int exit_restored = 0, exit_not_restored = 2;

void tell(const std::string& text) {
  std::fprintf(stderr, "djcache-conformance: %s\n", text.c_str());
}

// Quotes a word for the shell.
std::string quoted(const std::string& text) {
  constexpr const char* plain =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/._-+=:,@";
  if (text.find_first_not_of(plain) == std::string::npos) return text;
  std::string out = "'";
  for (const char c : text) out += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return out + "'";
}

bool has_credentials(const harness::Endpoint& endpoint) {
  return !endpoint.username.empty() || !endpoint.password.empty();
}

std::string how_to_restore(const std::string& path, bool with_credentials) {
  return "    djcache-conformance --restore " + quoted(path) +
         (with_credentials ? " --location <the same URL>" : "");
}

// "djcache-conformance-db9-20261128T130501Z-4711.dump", with the time and the process. A second
// dump of the same process within a second gets a number.
std::string new_path(const std::string& folder, int db) {
  const std::time_t now = std::time(nullptr);
  std::tm utc{};
  ::gmtime_r(&now, &utc);
  char stamp[32];
  std::strftime(stamp, sizeof stamp, "%Y%m%dT%H%M%SZ", &utc);
  const std::string name = "djcache-conformance-db" + std::to_string(db) + "-" + stamp + "-" +
                           std::to_string(::getpid());
  const auto path = [&](const std::string& end) {
    return (std::filesystem::absolute(folder) / (name + end)).lexically_normal().string();
  };
  std::string chosen = path(".dump");
  for (int another = 2; std::filesystem::exists(chosen); ++another) {
    chosen = path("-" + std::to_string(another) + ".dump");
  }
  return chosen;
}

harness::Endpoint endpoint_of(const DumpSource& source) {
  harness::Endpoint endpoint;
  endpoint.host = source.host;
  endpoint.unix_path = source.unix_path;
  endpoint.port = source.port;
  endpoint.db = source.db;
  return endpoint;
}

// Saves the content of the database before it is overwritten. Returns "" if it is saved or empty.
std::string save_what_is_there(Database& database, const std::string& folder, int db) {
  const auto size = database.size();
  if (!size) return size.problem;
  if (*size == 0) return {};
  const std::string path = new_path(folder, db);
  if (auto saved = database.save(path, [] { return false; }); !saved) return saved.problem;
  tell("the " + std::to_string(*size) + " keys that are there now are saved in " + path);
  return {};
}

}  // namespace

Guard::Guard(harness::Endpoint endpoint, std::string path)
    : endpoint_(std::move(endpoint)), path_(std::move(path)) {}

harness::Opened<Guard> Guard::save(const harness::Endpoint& endpoint, const std::string& folder,
                                   const std::function<bool()>& stop) {
  auto database = Database::open(endpoint);
  if (!database) return {nullptr, database.problem};
  const std::string path = new_path(folder, endpoint.db);
  const std::string refusal = "its keys cannot be saved, so it is not emptied: ";
  if (auto saved = database->save(path, stop); !saved) return {nullptr, refusal + saved.problem};
  const auto checked = DumpReader::open(path);
  if (!checked) return {nullptr, refusal + checked.problem};
  tell(std::to_string(checked->keys()) + " keys of " + database->title() + ", are saved in\n    " +
       path +
       "\n  They are put back when the run ends, also by SIGINT, SIGTERM, SIGHUP or "
       "SIGQUIT. After SIGKILL:\n" +
       how_to_restore(path, has_credentials(endpoint)));
  return {std::unique_ptr<Guard>(new Guard(endpoint, path)), {}};
}

Guard::~Guard() { (void)put_back(); }

bool Guard::put_back() {
  if (std::exchange(done_, true)) return true;
  const auto outcome = try_to_put_back();
  if (!outcome) {
    tell("the keys could not be put back: " + outcome.problem + "\n  They are still in\n    " +
         path_ + "\n  To put them back:\n" + how_to_restore(path_, has_credentials(endpoint_)));
    return false;
  }
  ::unlink(path_.c_str());
  tell("the keys are put back, and " + path_ + " is removed");
  return true;
}

harness::Outcome Guard::try_to_put_back() {
  auto dump = DumpReader::open(path_);
  if (!dump) return {dump.problem};
  auto database = Database::open(endpoint_);
  if (!database) return {database.problem};
  database->wait_for_runs_to_end();
  return database->put_back(*dump);
}

void leave_empty(const harness::Endpoint& endpoint) {
  auto database = Database::open(endpoint);
  if (!database) return;
  database->wait_for_runs_to_end();
  (void)database->empty();
}

int restore_from(const std::string& path, const harness::Endpoint* location) {
  const auto refuse = [](const std::string& why) {
    tell(why);
    return exit_not_restored;
  };
  auto dump = DumpReader::open(path);
  if (!dump) return refuse(dump.problem + "; nothing was changed");
  if (location == nullptr && dump->source().with_credentials) {
    return refuse("the server wants credentials, which " + path +
                  " does not hold: add --location with the URL of the run");
  }
  const harness::Endpoint endpoint = location ? *location : endpoint_of(dump->source());
  auto database = Database::open(endpoint);
  if (!database) return refuse(database.problem);
  database->wait_for_runs_to_end();
  const std::string folder = std::filesystem::absolute(path).parent_path().string();
  const std::string unsaved = save_what_is_there(*database, folder, endpoint.db);
  if (!unsaved.empty()) return refuse(unsaved + "; nothing was changed");
  if (auto done = database->put_back(*dump); !done) {
    return refuse(done.problem + "\n  The keys are still in " + path);
  }
  tell(std::to_string(dump->keys()) + " keys are put back to " + database->title() + ". " + path +
       " can be removed now");
  return exit_restored;
}

}  // namespace djcache::conformance
