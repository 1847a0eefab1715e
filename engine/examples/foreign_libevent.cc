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

// One turn; then waits for the descriptor or the time, whichever comes first.
void turn(evutil_socket_t, short, void* argument) {
  auto& driver = *static_cast<Driver*>(argument);
  const auto timeout = take_turn(driver.loop);
  if (!timeout) return;  // nothing is left: the event_base ends
  const timeval time{*timeout / 1000, *timeout % 1000 * 1000};
  event_add(driver.readable, *timeout < 0 ? nullptr : &time);
}

}  // namespace

int main(int argc, char** argv) {
  uv_loop_t loop;
  if (uv_loop_init(&loop) != 0) return 1;
  bool ok = false;
  {
    event_base* base = event_base_new();
    djcache::Engine engine(loop, example_settings(argc, argv));
    const djcache::Poster alive = engine.poster({.keep_loop_running = true});
    set_and_get(engine, ok);
    Driver driver{loop};
    driver.readable = event_new(base, uv_backend_fd(&loop), EV_READ, &turn, &driver);
    turn(-1, 0, &driver);
    event_base_dispatch(base);
    event_free(driver.readable);
    event_base_free(base);
  }
  return uv_loop_close(&loop) == 0 && ok ? 0 : 1;
}
