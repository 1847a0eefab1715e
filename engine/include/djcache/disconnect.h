// disconnect: the end of connections, not of the object. One verb, one report, for pool, cache and
// engine.
#pragma once

#include <djcache/export.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include <djcache/unique_function.h>

namespace djcache {

enum class DisconnectMode : std::uint8_t {
  drain,  // pending operations may finish, up to `limit`; then as abort
  abort,  // pending operations fail with `disconnected` at once
};

struct DisconnectOptions {
  DisconnectMode mode = DisconnectMode::drain;
  std::chrono::milliseconds limit{500};  // of the draining
};

struct DisconnectReport {
  std::size_t connections = 0;  // that were closed
  std::size_t completed = 0;    // operations that ended by themselves while draining
  std::size_t aborted = 0;      // operations that failed with `disconnected`
  bool limit_reached = false;   // the drain was cut short
  // Leases of raw clients that had not been given back: where each was taken ("main.cc:42").
  std::vector<std::string> leases{};
};

using DisconnectDone = UniqueFunction<void(DisconnectReport)>;

}  // namespace djcache
