// Poster: brings a function from any thread onto the loop of an Engine, where it may use the engine,
// its caches and its pools.
//
//   djcache::Poster poster = engine.poster();                    // on the loop's thread
//   std::thread([poster, cache] {
//     if (!poster.post([cache] { cache.set("done", true, nullptr); })) ...    // on any other
//   }).detach();
#pragma once

#include <djcache/export.h>

#include <cstddef>
#include <memory>

#include <djcache/unique_function.h>

namespace djcache {

namespace detail {
class Writer;
}

struct PosterOptions {
  std::size_t pending_max = 100'000;  // functions that wait for the loop, of all posters together
  // Whether uv_run goes on for as long as the poster is open. Otherwise uv_run may return with
  // functions that wait: they run when the loop runs again.
  bool keep_loop_running = false;
};

// Thread-safe, copyable, outlives its engine. While a copy of it exists the engine has a uv_async_t
// on the loop, until Engine::disconnect closes it.
class DJCACHE_API Poster {
 public:
  // Refuses everything.
  Poster() = default;

  // Any thread, any time. True: `fn` will run once, on the loop's thread, never inside this call;
  // in the order of posting; unless the engine is destroyed before, which destroys it uncalled.
  // False: it will not run and has been destroyed: the engine is gone or has been disconnected
  // since, or `pending_max` wait already. After fork() a child must not call it.
  [[nodiscard]] bool post(UniqueFunction<void()> fn) const;

 private:
  friend class Engine;
  explicit Poster(std::shared_ptr<detail::Writer> writer) : writer_(std::move(writer)) {}
  std::shared_ptr<detail::Writer> writer_;
};

}  // namespace djcache
