/// @file
/// Poster: runs functions from any thread on the loop of an Engine.
#pragma once

#include <djcache/export.h>

#include <cstddef>
#include <memory>

#include <djcache/unique_function.h>

namespace djcache {

namespace detail {
class Writer;
}

/// Options of Engine::poster().
struct PosterOptions {
  std::size_t pending_max = 100'000;  ///< functions waiting for the loop, of all posters together

  /// Whether an open poster keeps `uv_run` running. Otherwise `uv_run` may return while functions
  /// are pending; they run when the loop runs again.
  bool keep_loop_running = false;
};

/// Runs functions on the loop's thread, where they may use the engine, its caches and its pools.
/// Made by Engine::poster().
///
/// @code
/// djcache::Poster poster = engine.poster();                    // on the loop's thread
/// std::thread([poster, cache] {
///   if (!poster.post([cache] { cache.set("done", true, nullptr); })) ...    // on any other
/// }).detach();
/// @endcode
///
/// Thread-safe and copyable; may outlive its engine. While a copy exists the engine has a
/// `uv_async_t` on the loop, until Engine::disconnect() closes it.
class DJCACHE_API Poster {
 public:
  /// An empty poster, which refuses every function.
  Poster() = default;

  /// Posts a function, from any thread at any time.
  ///
  /// Returns true if the function will run once, on the loop's thread, never inside this call, in
  /// the order of posting; if the engine is destroyed first, it is destroyed uncalled. Returns
  /// false if it has been destroyed uncalled, because the engine is destroyed or disconnected, or
  /// because `pending_max` functions are pending. Must not be called in a child made by `fork()`.
  [[nodiscard]] bool post(UniqueFunction<void()> fn) const;

 private:
  friend class Engine;
  explicit Poster(std::shared_ptr<detail::Writer> writer) : writer_(std::move(writer)) {}
  std::shared_ptr<detail::Writer> writer_;
};

}  // namespace djcache
