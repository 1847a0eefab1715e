// Replays a whole plan and returns the results in its order.
#pragma once

#include <functional>
#include <vector>

#include "src/backup/interrupts.h"
#include "src/run/replayer.h"

namespace djcache::conformance {

// Called after each run.
using Progress = std::function<void(const Run& run, const CaseResult& result)>;

struct Played {
  std::vector<CaseResult> results = {};  // all, unless a signal ended it
  std::size_t states_compared = 0;
  int signal = 0;
};

// In processes of its own, options.jobs of them, one for a location; or in this one for
// --in-process. `interrupts` null: signals have their default actions.
Played run_plan(const Plan& plan, const Options& options, Interrupts* interrupts,
                const Progress& progress);

}  // namespace djcache::conformance
