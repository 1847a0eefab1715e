// Draws all timed cells as one SVG: operations per second and CPU time of each client, compared
// with hiredis. Pure: no I/O, no clock.
#pragma once

#include <string>

#include "suite/results.h"

namespace djcache::bench {

std::string chart_of_cells(const Results& results);

}  // namespace djcache::bench
