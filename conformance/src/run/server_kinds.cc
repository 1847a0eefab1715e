// Finds the kinds of servers that are available for tests.
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>

#include "src/run/plan.h"

namespace djcache::conformance {
namespace {

namespace fs = std::filesystem;

bool is_program(const fs::path& path) {
  std::error_code error;
  return fs::is_regular_file(path, error) && ::access(path.c_str(), X_OK) == 0;
}

// "" if PATH has no such program. A name with a slash is used as a path.
std::string find_program(const std::string& name) {
  if (name.find('/') != std::string::npos) return is_program(name) ? name : "";
  const char* path = std::getenv("PATH");
  std::string_view rest = path == nullptr ? "" : path;
  while (!rest.empty()) {
    const auto colon = rest.find(':');
    const fs::path candidate = fs::path(rest.substr(0, colon)) / name;
    if (is_program(candidate)) return candidate.string();
    rest = colon == std::string_view::npos ? "" : rest.substr(colon + 1);
  }
  return {};
}

std::string quoted(const std::string& text) {
  std::string result = "'";
  for (const char c : text) result += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return result + "'";
}

// Parses "Redis server v=7.0.15 sha=...": the name and the version.
ServerKind ask_version(const std::string& binary) {
  ServerKind kind{.name = fs::path(binary).filename().string(), .binary = binary};
  std::string text;
  if (FILE* pipe = ::popen((quoted(binary) + " --version 2>/dev/null").c_str(), "r")) {
    char buffer[512];
    while (std::fgets(buffer, sizeof buffer, pipe) != nullptr) text += buffer;
    ::pclose(pipe);
  }
  if (text.rfind("Redis", 0) == 0) kind.name = "redis";
  if (text.rfind("Valkey", 0) == 0) kind.name = "valkey";
  const auto version = text.find("v=");
  kind.title = kind.name;
  if (version != std::string::npos) {
    kind.title += " " + text.substr(version + 2, text.find(' ', version) - version - 2);
  }
  return kind;
}

std::vector<std::string> wanted_binaries(const Options& options, std::string& problem) {
  std::vector<std::string> found;
  for (const std::string& name : options.server_binaries) {
    found.push_back(find_program(name));
    if (found.back().empty()) problem = "--server-binary " + name + ": no such program";
  }
  if (!options.server_binaries.empty()) return found;
  for (const auto& [variable, name] : {std::pair("DJCACHE_REDIS_SERVER", "redis-server"),
                                       std::pair("DJCACHE_VALKEY_SERVER", "valkey-server")}) {
    const char* given = std::getenv(variable);
    const bool named = given != nullptr && *given != '\0';
    const std::string program = find_program(named ? given : name);
    if (!program.empty()) {
      found.push_back(program);
    } else if (named) {
      problem = std::string(variable) + " names no program";
    }
  }
  if (found.empty()) problem = "neither redis-server nor valkey-server is in PATH";
  return found;
}

}  // namespace

std::vector<ServerKind> server_kinds(const Options& options, std::string& problem) {
  if (!options.location.empty()) return {{.name = "location", .title = "location"}};
  std::vector<ServerKind> kinds;
  for (const std::string& binary : wanted_binaries(options, problem)) {
    if (!problem.empty()) return {};
    ServerKind kind = ask_version(binary);
    for (const ServerKind& other : kinds) {
      // a second server of the same kind is distinguished by its version
      if (other.name == kind.name) kind.name = kind.title;
    }
    for (char& c : kind.name) c = c == ' ' ? '-' : c;
    kinds.push_back(std::move(kind));
  }
  for (std::size_t i = 0, plain = kinds.size(); i < plain; ++i) {
    for (const auto& [security, suffix] :
         {std::pair(Security::tls, "-tls"), std::pair(Security::mutual_tls, "-mtls")}) {
      ServerKind kind = kinds[i];
      kind.name += suffix;
      kind.title += security == Security::tls ? " by TLS" : " by mutual TLS";
      kind.security = security;
      kinds.push_back(std::move(kind));
    }
    ServerKind kind = kinds[i];
    kind.name += "-sentinel";
    kind.title += " by Sentinel";
    kind.sentinel = true;
    kinds.push_back(std::move(kind));
  }
  return kinds;
}

}  // namespace djcache::conformance
