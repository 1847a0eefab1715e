// Replays a whole plan and returns the results in the order of the plan.
#pragma once

#include <functional>
#include <vector>

#include "src/backup/interrupts.h"
#include "src/run/replayer.h"

namespace djcache::conformance {

// Called after each run.
using Progress = std::function<void(const Run& run, const CaseResult& result)>;

struct Played {
  std::vector<CaseResult> results = {};  // complete unless a signal ended the run
  std::size_t states_compared = 0;
  int signal = 0;
};

// Uses `options.jobs` worker processes, or one for a location; or this process with --in-process.
// `interrupts` null: signals have their default actions.
Played run_plan(const Plan& plan, const Options& options, Interrupts* interrupts,
                const Progress& progress);

}  // namespace djcache::conformance
