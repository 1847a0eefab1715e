// Probe: what a server says, and which of djcache's verbs its user may run. Nothing is changed there.
#pragma once

#include <djcache/settings.h>

namespace tools {

// Prints what it finds, a line each, below a name such as "server 2". False: the server cannot be used, or its
// user may not run a verb.
bool probe(const djcache::CacheSettings& cache, const std::string& name);

}  // namespace tools
