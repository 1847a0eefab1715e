// The plan: which cases run in which configurations, according to the command line.
#pragma once

#include <string>
#include <vector>

#include "src/adapter/adapter.h"
#include "src/cases/model.h"
#include "src/replay/configuration.h"
#include "src/run/options.h"

namespace djcache::conformance {

struct Run {
  std::size_t case_index = 0;
  std::size_t configuration = 0;
};

struct Plan {
  std::vector<std::shared_ptr<Flavour>> flavours;  // of this run
  std::vector<std::shared_ptr<Adapter>> adapters;
  std::vector<Case> cases;  // those selected
  std::vector<Configuration> configurations;
  std::vector<Run> runs;  // all pairs, in the order of cases
  std::string problem;    // the command line names something that does not exist
};

Plan make_plan(std::vector<Case> cases, const Options& options);

// Matches "redis.callback.*" and the like; * stands for any text.
bool matches_pattern(std::string_view pattern, std::string_view text);

// --- server_kinds.cc
// The servers to start; empty with a problem if there is none. For a location, the caller fills in
// the `title`.
std::vector<ServerKind> server_kinds(const Options& options, std::string& problem);

}  // namespace djcache::conformance
