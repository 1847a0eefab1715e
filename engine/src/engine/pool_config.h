// The configuration of a pool, from the plan and the options of an alias. Pure.
#pragma once

#include <chrono>

#include <djcache/settings.h>

#include "link/pool.h"
#include "settings/resolve.h"

namespace djcache::detail {

// Negative durations count as zero.
link::Millis millis(std::chrono::milliseconds duration);

link::PoolConfig pool_config(const settings::ServerPlan& server, const Options& options);

}  // namespace djcache::detail
