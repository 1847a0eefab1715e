// Carries out a plan against a server: rounds in random order, counted runs, handles.
#pragma once

#include <djcache/harness/redis_server.h>

#include <functional>
#include <string>

#include "suite/plan.h"
#include "suite/results.h"

namespace djcache::bench {

/// Called with a description of what is measured next.
using Progress = std::function<void(const std::string&)>;

Results run_suite(const Plan& plan, const harness::RedisServer& server, const Progress& progress);

}  // namespace djcache::bench
