// Carries a plan out against a server: rounds in random order, counted runs, handles.
#pragma once

#include <djcache/harness/redis_server.h>

#include <functional>
#include <string>

#include "suite/plan.h"
#include "suite/results.h"

namespace djcache::bench {

/// Told what is about to be measured; for a line on standard error.
using Progress = std::function<void(const std::string&)>;

Results run_suite(const Plan& plan, const harness::RedisServer& server, const Progress& progress);

}  // namespace djcache::bench
