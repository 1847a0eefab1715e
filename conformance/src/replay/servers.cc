#include "src/replay/servers.h"

#include <unistd.h>

namespace djcache::conformance {

harness::Inspector* ServerHandle::inspector(int db, std::string& problem) {
  auto& inspector = inspectors_[db];
  if (inspector == nullptr) {
    auto opened = harness::Inspector::open(endpoint(db));
    problem = opened.problem;
    inspector = std::move(opened.value);
  }
  return inspector.get();
}

std::string info_line(harness::Inspector& inspector, const std::string& section,
                      const std::string& name) {
  const std::string text = "\n" + inspector.command({"INFO", section}).text;
  const auto at = text.find("\n" + name + ":");
  if (at == std::string::npos) return {};
  const auto begin = at + name.size() + 2;
  return text.substr(begin, text.find_first_of("\r\n", begin) - begin);
}

std::string version_skip(const Case& c, harness::Inspector& inspector) {
  if (c.versions.empty()) return {};
  const std::string version = info_line(inspector, "server", "redis_version");
  int major = 0, minor = 0;
  if (std::sscanf(version.c_str(), "%d.%d", &major, &minor) < 1) {
    return "needs " + c.versions.front().text + ", and the server does not say its version";
  }
  for (const VersionNeed& need : c.versions) {
    const bool at_least = std::pair(major, minor) >= std::pair(need.major, need.minor);
    if (at_least != need.at_least) return "needs " + need.text + ", the server is " + version;
  }
  return {};
}

bool is_replicated(harness::Inspector& master, harness::Inspector& replica) {
  const std::string link = info_line(replica, "replication", "master_link_status");
  const std::string have = info_line(replica, "replication", "slave_repl_offset");
  const std::string want = info_line(master, "replication", "master_repl_offset");
  return link == "up" && !have.empty() && !want.empty() && std::stoll(have) >= std::stoll(want);
}

bool wait_until_replicated(harness::Inspector& master, harness::Inspector& replica,
                           std::chrono::milliseconds limit) {
  const auto deadline = std::chrono::steady_clock::now() + limit;
  while (!is_replicated(master, replica)) {
    if (std::chrono::steady_clock::now() > deadline) return false;
    ::usleep(1000);
  }
  return true;
}

}  // namespace djcache::conformance
