// Prints the report as tables of text.
#pragma once

#include <ostream>

#include "suite/results.h"

namespace djcache::bench {

void print_tables(std::ostream& out, const Results& results);

}  // namespace djcache::bench
