// The names of connections that are not of a program under test.
#pragma once

#include <string_view>

#include <djcache/harness/inspector.h>

namespace djcache::harness {

// A Sentinel names its connections to the servers it watches "sentinel-<part of its id>-cmd" and
// "-pubsub".
inline bool uncounted(std::string_view client_name) {
  return client_name == harness_client_name || client_name.starts_with("sentinel-");
}

}  // namespace djcache::harness
