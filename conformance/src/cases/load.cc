#include "src/cases/load.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>

#include "src/cases/parse_json.h"
#include "src/cases/read_case.h"

namespace djcache::conformance {
namespace {

namespace fs = std::filesystem;

constexpr std::int64_t format_version = 1;
constexpr std::uintmax_t file_max_bytes = 16 << 20;

void check_format(const Node& file) {
  file.need({"format"});
  const std::int64_t version = file["format"].integer();
  if (version != format_version) {
    file["format"].fail("this runner reads format " + std::to_string(format_version) +
                        ", the file has format " + std::to_string(version));
  }
}

std::vector<std::string> files_of(const std::vector<std::string>& paths) {
  std::vector<std::string> files;
  for (const std::string& path : paths) {
    std::error_code error;
    if (!fs::is_directory(path, error)) {
      files.push_back(path);
      continue;
    }
    std::vector<std::string> found;
    for (const auto& entry : fs::directory_iterator(path, error)) {
      if (entry.path().extension() == ".json") found.push_back(entry.path().string());
    }
    std::sort(found.begin(), found.end());
    files.insert(files.end(), found.begin(), found.end());
  }
  return files;
}

std::string read_text(const std::string& path) {
  std::error_code error;
  const auto size = fs::file_size(path, error);
  std::ifstream in(path, std::ios::binary);
  if (error || !in) throw FileError("cannot be read: " + (error ? error.message() : "no access"));
  if (size > file_max_bytes) throw FileError("larger than 16 MiB");
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

}  // namespace

std::vector<Case> read_cases(const std::string& file, std::string_view text) {
  const Json json = parse_json(text);
  const Node node(json, "");
  if (!json.is_object()) node.fail_expected("an object");
  check_format(node);  // first, because a newer format may have other fields
  node.only({"format", "group", "description", "source", "backends", "caches", "labels", "needs",
             "servers", "peer", "django", "flavours", "serializers", "comment", "cases"});
  node.need({"group", "description", "source", "backends", "cases"});
  (void)node["description"].text();
  const std::string group = node["group"].name();
  if (fs::path(file).stem() != group) {
    node["group"].fail("the file of this group is called " + group + ".json");
  }
  std::vector<Case> cases;
  std::set<std::string> ids;
  for (const Node& element : node["cases"].elements()) {
    cases.push_back(read_case(node, element));
    cases.back().file = file;
    if (!ids.insert(cases.back().id).second) {
      element["id"].fail("the id " + cases.back().id + " is there twice");
    }
  }
  if (cases.empty()) node["cases"].fail_expected("at least one case");
  return cases;
}

LoadedCases load_cases(const std::vector<std::string>& paths) {
  LoadedCases loaded;
  std::set<std::string> ids;
  for (const std::string& file : files_of(paths)) {
    loaded.files.push_back(file);
    try {
      auto cases = read_cases(file, read_text(file));
      for (const Case& c : cases) {
        if (!ids.insert(c.id).second) throw FileError("the id " + c.id + " is in another file too");
      }
      std::move(cases.begin(), cases.end(), std::back_inserter(loaded.cases));
    } catch (const FileError& error) {
      loaded.problems.push_back({file, error.what()});
    }
  }
  return loaded;
}

}  // namespace djcache::conformance
