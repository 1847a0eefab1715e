// Contestant: the interface of a measured client: GET and SET on a libuv loop, with replies passed
// to a sink. The driver calls get and set from within the sink's functions (a closed loop); a
// contestant must not reply inside the call. The driver assigns the slots, which are numbers below
// the number in flight.
#pragma once

#include <uv.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "driver/key_set.h"
#include "driver/workload.h"

namespace djcache::bench {

/// Receives replies. Uses views only during the call.
class ReplySink {
 public:
  virtual void on_value(std::uint32_t slot, std::string_view value) = 0;
  virtual void on_stored(std::uint32_t slot) = 0;
  virtual void on_failure(std::string_view detail) = 0;

 protected:
  ~ReplySink() = default;
};

class Contestant {
 public:
  virtual ~Contestant() = default;
  Contestant() = default;
  Contestant(const Contestant&) = delete;
  Contestant& operator=(const Contestant&) = delete;

  /// Connects, or starts to. Returns an empty string or the reason for a failure.
  virtual std::string open(uv_loop_t& loop, const Endpoint& endpoint, ReplySink& sink) = 0;
  virtual void get(std::uint32_t slot, const Key& key) = 0;
  /// With a ttl of 300 s, Django's default.
  virtual void set(std::uint32_t slot, const Key& key, std::string_view value) = 0;
  /// Disconnects. Afterwards the loop is run until nothing is left on it.
  virtual void close() = 0;

  /// Calls `begin` on the thread that passes replies to the sink, and returns after end(). A client
  /// with a loop or thread of its own overrides both.
  virtual void run(uv_loop_t& loop, const std::function<void()>& begin) {
    begin();
    uv_run(&loop, UV_RUN_DEFAULT);
  }
  virtual void end(uv_loop_t& loop) { uv_stop(&loop); }
};

using ContestantFactory = std::unique_ptr<Contestant> (*)(const Workload&);

std::unique_ptr<Contestant> make_djcache_msgpack(const Workload& workload);
std::unique_ptr<Contestant> make_djcache_raw(const Workload& workload);
std::unique_ptr<Contestant> make_djcache_coro(const Workload& workload);
std::unique_ptr<Contestant> make_hiredis_async(const Workload& workload);
std::unique_ptr<Contestant> make_driver_alone(const Workload& workload);
// Defined only if the library was found; see CMakeLists.txt.
std::unique_ptr<Contestant> make_libvalkey(const Workload& workload);
std::unique_ptr<Contestant> make_redis_plus_plus(const Workload& workload);
std::unique_ptr<Contestant> make_boost_redis(const Workload& workload);

}  // namespace djcache::bench
