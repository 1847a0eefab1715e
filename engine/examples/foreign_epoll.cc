// A program with an epoll loop of its own: the engine's libuv loop is one more descriptor in it.
// Takes the server's URL, or DJCACHE_EXAMPLE_URL.
#include <sys/epoll.h>
#include <unistd.h>

#include "foreign_turn.h"
#include "foreign_work.h"

int main(int argc, char** argv) {
  uv_loop_t loop;
  if (uv_loop_init(&loop) != 0) return 1;
  bool ok = false;
  {
    djcache::Engine engine(loop, example_settings(argc, argv));
    const djcache::Poster alive = engine.poster({.keep_loop_running = true});
    set_and_get(engine, ok);

    const int epoll = epoll_create1(EPOLL_CLOEXEC);
    epoll_event watched{};
    watched.events = EPOLLIN;
    watched.data.ptr = &loop;
    epoll_ctl(epoll, EPOLL_CTL_ADD, uv_backend_fd(&loop), &watched);
    // A program has more descriptors here, and sleeps no longer than the least of its own timeouts.
    while (const auto timeout = take_turn(loop)) {
      epoll_event ready{};
      epoll_wait(epoll, &ready, 1, *timeout);
    }
    close(epoll);
  }
  return uv_loop_close(&loop) == 0 && ok ? 0 : 1;
}
