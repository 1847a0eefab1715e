// The command line.
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace djcache::conformance {

struct Options {
  std::vector<std::string> paths;  // case files or folders
  std::vector<std::string> cases;  // patterns with * for ids
  std::vector<std::string> groups;
  std::vector<std::string> labels;  // a case must have all of them
  std::vector<std::string> not_labels;
  std::vector<std::string> backends, flavours, serializers, servers;  // by name; empty: all
  std::vector<std::string> server_binaries;
  std::vector<std::string> adapters;  // commands
  int adapter_limit_s = 15;
  bool compare_states = false;
  std::vector<std::string> differences;  // files
  std::string location;
  bool allow_flush = false;
  std::string dump_folder = ".";
  std::string restore;  // a dump
  int jobs = 0;         // 0: one per processor
  bool in_process = false;
  bool verbose = false;
  bool list = false;
  bool list_ctest = false;
  bool check = false;
  std::string junit, html, json, badges;  // badges: a folder
  bool state = false;                     // in json
  int case_limit_s = 60;
};

// Returns nullopt if the program ends now with `exit_code` (help, version or a usage error, already
// printed).
std::optional<Options> parse_options(int argc, char** argv, int& exit_code);

}  // namespace djcache::conformance
