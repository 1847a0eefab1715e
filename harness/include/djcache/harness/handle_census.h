// The census of a loop: which handles libuv has on it, for "nothing of ours is left".
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
  const void* handle = nullptr;  // to tell two apart; do not follow it
};

// In the order of uv_walk. Also handles that are closing: their memory is still in use.
std::vector<HandleInfo> census(uv_loop_t& loop);

// Readable: "tcp fd=9 active ref, timer closing"; "no handles" when there are none.
std::string format(const std::vector<HandleInfo>& handles);

// Two censuses of one loop, compared. A handle that was freed and another of its type at the same
// address count as one.
struct CensusDiff {
  std::vector<HandleInfo> added = {};
  std::vector<HandleInfo> gone = {};
};
CensusDiff diff(const std::vector<HandleInfo>& before, const std::vector<HandleInfo>& after);

// Counts a handle with the harness instead of the code under test. Uses handle->data.
void mark_as_harness(uv_handle_t* handle);

}  // namespace djcache::harness
