// Reports a server's version, round-trip time and TLS peer, and which of djcache's verbs its user
// may run. Changes nothing on the server.
#pragma once

#include <djcache/settings.h>

namespace tools {

// Prints the findings under a name such as "server 2", one per line. Returns false if the server
// cannot be used or its user may not run a verb.
bool probe(const djcache::CacheSettings& cache, const std::string& name);

}  // namespace tools
