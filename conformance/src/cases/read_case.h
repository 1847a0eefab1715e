// Reads a case, with the defaults of its file. Throws FileError.
#pragma once

#include "src/cases/model.h"

namespace djcache::conformance {

// `file` is the whole file, `node` one element of its "cases".
Case read_case(const Node& file, const Node& node);

// --- read_settings.cc
Json read_caches(const Node& node);
std::map<std::string, ServerSpec> read_servers(const Node& node);
std::vector<harness::PeerScript> read_peer(const Node& node);

// --- check_case.cc: checks across steps: starts without await, needs, aliases, waiting.
void check_case(const Node& node, Case& c);

}  // namespace djcache::conformance
