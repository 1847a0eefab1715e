// Writes the report in JSON: every round, and the goals. README.md describes the fields.
#pragma once

#include <ostream>

#include "suite/results.h"

namespace djcache::bench {

void write_json(std::ostream& out, const Results& results);

}  // namespace djcache::bench
