#include "temporary_folder.h"

#include <stdlib.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <system_error>

namespace djcache::harness {
namespace {

// sockaddr_un has room for 107 bytes; the rest is left for file names.
constexpr std::size_t longest_parent = 60;

std::string parent_folder() {
  const char* wished = ::getenv("TMPDIR");
  if (wished == nullptr || *wished == '\0' || std::strlen(wished) > longest_parent) return "/tmp";
  return wished;
}

}  // namespace

Opened<TemporaryFolder> TemporaryFolder::make(const char* prefix) {
  std::string path = parent_folder() + "/" + prefix + "XXXXXX";
  if (::mkdtemp(path.data()) == nullptr) {
    return {nullptr, "cannot make a temporary folder " + path + ": " + std::strerror(errno)};
  }
  return {std::unique_ptr<TemporaryFolder>(new TemporaryFolder(std::move(path))), ""};
}

TemporaryFolder::TemporaryFolder(std::string path) : path_(std::move(path)), owner_(::getpid()) {}

TemporaryFolder::~TemporaryFolder() {
  if (::getpid() != owner_) return;
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

}  // namespace djcache::harness
