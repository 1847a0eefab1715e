// The figures djcache is to reach, and whether this run reached them. Each goal is judged for the
// default serializer and for the raw one; a ratio is judged by its median. Pure.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "suite/results.h"

namespace djcache::bench {

struct Goal {
  std::string what;
  std::string contestant;
  std::string wanted;
  std::string found;            ///< "not measured" where this run left it out.
  std::optional<bool> reached;  ///< Nothing when not measured.
};

std::vector<Goal> judge_goals(const Results& results);

}  // namespace djcache::bench
