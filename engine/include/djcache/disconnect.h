/// @file
/// disconnect: closes connections and leaves the object usable. One verb and one report for engine,
/// cache and pool.
#pragma once

#include <djcache/export.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include <djcache/unique_function.h>

namespace djcache {

/// What happens to pending operations.
enum class DisconnectMode : std::uint8_t {
  drain,  ///< they may finish within the limit; the rest fail as with abort
  abort,  ///< they fail with `disconnected` at once
};

/// Options of Engine::disconnect(), Cache::disconnect() and Pool::disconnect().
struct DisconnectOptions {
  DisconnectMode mode = DisconnectMode::drain;  ///< drain or abort
  std::chrono::milliseconds limit{500};         ///< how long to drain
};

/// What a disconnect did.
struct DisconnectReport {
  std::size_t connections = 0;  ///< connections that were closed
  std::size_t completed = 0;    ///< operations that ended while draining
  std::size_t aborted = 0;      ///< operations that failed with `disconnected`
  bool limit_reached = false;   ///< the drain was cut short

  /// Leases that had not been given back, by the place in the source that took them: "main.cc:42".
  std::vector<std::string> leases{};
};

/// Receives the report, on the loop thread, once. May be empty.
using DisconnectDone = UniqueFunction<void(DisconnectReport)>;

}  // namespace djcache
