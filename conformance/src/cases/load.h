// Loads case files; a file with any problem is rejected as a whole.
#pragma once

#include <string>
#include <vector>

#include "src/cases/model.h"

namespace djcache::conformance {

struct FileProblem {
  std::string file;
  std::string what;  // "cases[2].steps[0]: unknown method ..."
};

struct LoadedCases {
  std::vector<Case> cases;            // in the order of the files
  std::vector<std::string> files;     // that were read
  std::vector<FileProblem> problems;  // at most one per file
};

// Paths are files, or folders whose *.json files are all read.
LoadedCases load_cases(const std::vector<std::string>& paths);

// Reads one file, already in memory; `file` is used for its name and messages. Throws FileError.
std::vector<Case> read_cases(const std::string& file, std::string_view text);

}  // namespace djcache::conformance
