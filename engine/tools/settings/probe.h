// Probe: what a server reports, and which of djcache's verbs its user may run. Changes nothing
// there.
#pragma once

#include <djcache/settings.h>

namespace tools {

// Prints a line per finding, below a name such as "server 2". False: the server cannot be used, or
// its user may not run a verb.
bool probe(const djcache::CacheSettings& cache, const std::string& name);

}  // namespace tools
