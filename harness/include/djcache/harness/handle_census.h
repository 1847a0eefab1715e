// A census of a loop: the handles that are on it. With it a test asserts that the code under test
// left none.
#pragma once

#include <string>
#include <vector>

#include <uv.h>

namespace djcache::harness {

struct HandleInfo {
  std::string type = {};  // libuv's name: "timer", "tcp", "pipe", ...
  bool active = false;
  bool has_ref = false;
  bool closing = false;
  int fd = -1;                   // of streams and polls that have one
  bool of_harness = false;       // marked by mark_as_harness
  const void* handle = nullptr;  // identity only; do not dereference
};

// In the order of uv_walk. Includes handles that are closing: their memory is still in use.
std::vector<HandleInfo> census(uv_loop_t& loop);

// As text: "tcp fd=9 active ref, timer closing"; "no handles" for an empty census.
std::string format(const std::vector<HandleInfo>& handles);

// Two censuses of one loop, compared. A freed handle and a later one of the same type at the same
// address count as the same handle.
struct CensusDiff {
  std::vector<HandleInfo> added = {};
  std::vector<HandleInfo> gone = {};
};
CensusDiff diff(const std::vector<HandleInfo>& before, const std::vector<HandleInfo>& after);

// Attributes a handle to the harness instead of to the code under test. Uses handle->data.
void mark_as_harness(uv_handle_t* handle);

}  // namespace djcache::harness
