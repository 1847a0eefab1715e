// A program on libevent: the engine's libuv loop is one event of an event_base, with a timeout.
// Takes the server's URL, or DJCACHE_EXAMPLE_URL.
#include <event2/event.h>

#include "foreign_turn.h"
#include "foreign_work.h"

namespace {

struct Driver {
  uv_loop_t& loop;
  event* readable = nullptr;
};

// Takes one turn, then waits for the descriptor or the timeout, whichever comes first.
void turn(evutil_socket_t, short, void* argument) {
  auto& driver = *static_cast<Driver*>(argument);
  const auto timeout = take_turn(driver.loop);
  if (!timeout) return;  // no event is added, so event_base_dispatch() returns
  const timeval time{*timeout / 1000, *timeout % 1000 * 1000};
  event_add(driver.readable, *timeout < 0 ? nullptr : &time);
}

struct Work {
  djcache::Engine& engine;
  bool& ok;
};

void begin(evutil_socket_t, short, void* argument) {
  auto& work = *static_cast<Work*>(argument);
  set_and_get(work.engine, work.ok);
}

}  // namespace

int main(int argc, char** argv) {
  uv_loop_t loop;
  if (uv_loop_init(&loop) != 0) return 1;
  bool ok = false;
  {
    event_base* base = event_base_new();
    Driver driver{loop};
    driver.readable = event_new(base, uv_backend_fd(&loop), EV_READ, &turn, &driver);
    djcache::Settings settings = example_settings(argc, argv);
    // Schedules a turn, because one must not be taken inside the call.
    settings.on_work = [&driver] { event_active(driver.readable, EV_TIMEOUT, 0); };
    djcache::Engine engine(loop, std::move(settings));
    const djcache::Poster alive = engine.poster({.keep_loop_running = true});
    Work work{engine, ok};
    const timeval soon{0, 20'000};
    event_base_once(base, -1, EV_TIMEOUT, &begin, &work, &soon);
    turn(-1, 0, &driver);
    event_base_dispatch(base);
    event_free(driver.readable);
    event_base_free(base);
  }
  return uv_loop_close(&loop) == 0 && ok ? 0 : 1;
}
