// The performance goals of djcache, and whether a run reached them. Goals for the callback API are
// judged with the msgpack and with the raw serializer; a ratio is judged by its median. Pure: no
// I/O, no clock.
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
  std::string found;            ///< "not measured" if this run left it out.
  std::optional<bool> reached;  ///< nullopt if not measured.
};

std::vector<Goal> judge_goals(const Results& results);

}  // namespace djcache::bench
