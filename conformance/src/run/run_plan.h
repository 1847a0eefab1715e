// Plays a whole plan and gives the results in its order.
#pragma once

#include <functional>
#include <vector>

#include "src/run/replayer.h"

namespace djcache::conformance {

// Told after each run.
using Progress = std::function<void(const Run& run, const CaseResult& result)>;

// In processes of its own, options.jobs of them; or in this one for --in-process and a location.
std::vector<CaseResult> run_plan(const Plan& plan, const Options& options, Servers* location,
                                 const Progress& progress);

}  // namespace djcache::conformance
