// The end of a test that uses djcache: disconnect every engine, run the loop until all have
// reported, check that no handle is left, close the loop.
//
//   TeardownReport r = teardown(runner, engine);                                   // abort
//   TeardownReport r = teardown(runner, {.mode = DisconnectMode::drain}, a, b);
//
// Takes anything with `disconnect(DisconnectOptions, done)`: Engine, Cache, Pool. The engines
// remain valid objects and may be destroyed afterwards, although the loop is closed: they have no
// handle left.
#pragma once

#include <functional>
#include <memory>
#include <utility>

#include <djcache/disconnect.h>
#include <djcache/harness/loop_runner.h>

namespace djcache::harness {

template <class... Engines>
TeardownReport teardown(LoopRunner& runner, const DisconnectOptions& options, Engines&... engines) {
  static_assert(sizeof...(Engines) > 0, "nothing to disconnect: call runner.teardown()");
  return runner.teardown([&](std::function<void()> done) {
    // Shared, because a report that arrives after the limit still uses the counter.
    auto waiting = std::make_shared<std::size_t>(sizeof...(Engines));
    auto all_done = std::make_shared<std::function<void()>>(std::move(done));
    const auto one_done = [waiting, all_done](const DisconnectReport&) {
      if (--*waiting == 0) (*all_done)();
    };
    (engines.disconnect(options, one_done), ...);
  });
}

template <class Engine, class... Engines>
requires requires(Engine& e, DisconnectOptions o, DisconnectDone d) {
  e.disconnect(o, std::move(d));
}
TeardownReport teardown(LoopRunner& runner, Engine& engine, Engines&... engines) {
  return teardown(runner, DisconnectOptions{.mode = DisconnectMode::abort}, engine, engines...);
}

}  // namespace djcache::harness
