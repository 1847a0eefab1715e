#include "server_process.h"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <string_view>

namespace djcache::harness {
namespace {

bool executable(const std::string& path) { return ::access(path.c_str(), X_OK) == 0; }

std::string find_in_path(const std::string& name) {
  const char* path = ::getenv("PATH");
  std::string_view rest = path != nullptr ? path : "/usr/bin:/bin";
  while (!rest.empty()) {
    const auto colon = rest.find(':');
    const std::string candidate = std::string(rest.substr(0, colon)) + "/" + name;
    if (executable(candidate)) return candidate;
    rest = colon == std::string_view::npos ? "" : rest.substr(colon + 1);
  }
  return "";
}

Outcome write_private_file(const std::string& path, std::string_view text) {
  const int fd = ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  const bool written =
      fd >= 0 && ::write(fd, text.data(), text.size()) == static_cast<ssize_t>(text.size());
  const int error = errno;
  if (fd >= 0) ::close(fd);
  if (!written) return {"cannot write " + path + ": " + std::strerror(error)};
  return {};
}

std::string file_end(const std::string& path) {
  constexpr std::streamoff most = 64 * 1024;
  std::ifstream file(path, std::ios::binary | std::ios::ate);
  if (!file) return "";
  const std::streamoff size = file.tellg();
  const std::streamoff from = size > most ? size - most : 0;
  std::string text(static_cast<std::size_t>(size - from), '\0');
  file.seekg(from);
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  return text;
}

}  // namespace

FoundBinary find_server_binary(const std::string& wished) {
  const char* from_environment = ::getenv("DJCACHE_REDIS_SERVER");
  std::string wish = wished;
  if (wish.empty() && from_environment != nullptr) wish = from_environment;
  if (wish.empty()) {
    std::string found = find_in_path("redis-server");
    if (found.empty()) found = find_in_path("valkey-server");
    if (!found.empty()) return {found, ""};
    return {"",
            "neither redis-server nor valkey-server is in PATH: install one, or set "
            "DJCACHE_REDIS_SERVER to its path"};
  }
  const std::string found = wish.find('/') == std::string::npos ? find_in_path(wish) : wish;
  if (!found.empty() && executable(found)) return {found, ""};
  return {"", "the server program '" + wish + "' is not there or cannot be executed" +
                  (wished.empty() ? " (from DJCACHE_REDIS_SERVER)" : "")};
}

Opened<ServerProcess> ServerProcess::make(std::string binary) {
  auto folder = TemporaryFolder::make("djcache-server-");
  if (!folder) return {nullptr, folder.problem};
  return {
      std::unique_ptr<ServerProcess>(new ServerProcess(std::move(binary), std::move(folder.value))),
      ""};
}

ServerProcess::ServerProcess(std::string binary, std::unique_ptr<TemporaryFolder> folder)
    : binary_(std::move(binary)), folder_(std::move(folder)) {}

Outcome ServerProcess::start(const std::string& config, bool sentinel) {
  child_.kill9();
  // A killed server leaves its socket behind, which would look like the next server's.
  for (const char* leftover : {"server.sock", "server.log", "output.txt"}) {
    ::unlink((*folder_ / leftover).c_str());
  }
  const std::string config_file = *folder_ / "redis.conf";
  if (auto written = write_private_file(config_file, config); !written) return written;
  std::vector<std::string> words{binary_, config_file};
  if (sentinel) words.push_back("--sentinel");
  return child_.start({.words = std::move(words),
                       .folder = folder_->path(),
                       .output_file = *folder_ / "output.txt"});
}

std::string ServerProcess::output() const {
  return file_end(*folder_ / "server.log") + file_end(*folder_ / "output.txt");
}

}  // namespace djcache::harness
