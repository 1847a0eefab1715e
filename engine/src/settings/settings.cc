// Settings from JSON text and files.
#include <djcache/settings.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <memory>
#include <utility>

#include "settings/json_tree.h"
#include "settings/read_cache.h"
#include "settings/read_value.h"
#include "settings/where.h"

namespace djcache {
namespace {

struct CloseFile {
  void operator()(std::FILE* file) const { std::fclose(file); }
};

Error unreadable(const std::string& path, const std::string& why) {
  return {Errc::invalid_settings, "cannot read " + path + ": " + why};
}

// Reads at most one byte more than a settings text may have. Regular files only: reading a pipe
// could block.
Result<std::string> read_file(const std::string& path) {
  std::error_code failure;
  const auto status = std::filesystem::status(path, failure);
  if (std::filesystem::exists(status) && !std::filesystem::is_regular_file(status)) {
    return unreadable(path, "not a regular file");
  }
  const std::unique_ptr<std::FILE, CloseFile> file(std::fopen(path.c_str(), "rbe"));
  if (!file) return unreadable(path, std::strerror(errno));
  std::string text;
  char buffer[16384];
  while (text.size() <= settings::json_max_bytes) {
    const std::size_t got = std::fread(buffer, 1, sizeof buffer, file.get());
    if (got == 0) break;
    text.append(buffer, got);
  }
  if (std::ferror(file.get())) return unreadable(path, "reading failed");
  return text;
}

}  // namespace

Result<Settings> Settings::from_json(std::string_view json, const ReadOptions& names) {
  using settings::Where;
  auto parsed = settings::parse_json(json);
  if (!parsed) return std::move(parsed).error();
  if (!parsed->is(settings::Json::Kind::object)) {
    return Where::caches().error(settings::expected("an object", *parsed));
  }
  if (parsed->names == std::vector<std::string>{"CACHES"} && !parsed->items[0].find("BACKEND")) {
    return Where::caches().error(
        "expected aliases such as 'default', got another 'CACHES': leave the outer level out");
  }
  Settings read;
  for (std::size_t i = 0; i < parsed->names.size(); ++i) {
    const std::string& alias = parsed->names[i];
    read.caches.emplace(alias, settings::read_cache(parsed->items[i], alias, names));
  }
  return read;
}

Result<Settings> Settings::from_json_file(const std::string& path, const ReadOptions& names) {
  auto text = read_file(path);
  if (!text) return std::move(text).error();
  return from_json(*text, names);
}

}  // namespace djcache
