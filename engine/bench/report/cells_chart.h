// All timed cells as one picture: each client's operations per second and CPU beside hiredis'.
// Pure.
#pragma once

#include <string>

#include "suite/results.h"

namespace djcache::bench {

std::string chart_of_cells(const Results& results);

}  // namespace djcache::bench
