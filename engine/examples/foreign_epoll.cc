// A program with an epoll loop of its own: the engine's libuv loop is one more descriptor in it.
// Takes the server's URL, or DJCACHE_EXAMPLE_URL.
#include <sys/epoll.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "foreign_turn.h"
#include "foreign_work.h"

namespace {

void watch(int epoll, int descriptor) {
  epoll_event watched{};
  watched.events = EPOLLIN;
  watched.data.fd = descriptor;
  epoll_ctl(epoll, EPOLL_CTL_ADD, descriptor, &watched);
}

}  // namespace

int main(int argc, char** argv) {
  uv_loop_t loop;
  if (uv_loop_init(&loop) != 0) return 1;
  bool ok = false;
  {
    djcache::Engine engine(loop, example_settings(argc, argv));
    const djcache::Poster alive = engine.poster({.keep_loop_running = true});

    const int epoll = epoll_create1(EPOLL_CLOEXEC);
    const int timer = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC);
    const itimerspec once{{0, 0}, {0, 20'000'000}};
    timerfd_settime(timer, 0, &once, nullptr);
    watch(epoll, uv_backend_fd(&loop));
    watch(epoll, timer);
    // Take a turn after every event, so that operations issued by its handler are processed. A loop
    // that does this needs no Settings::on_work. A real program waits for more descriptors here,
    // and no longer than the shortest of its own timeouts.
    while (const auto timeout = take_turn(loop)) {
      epoll_event ready{};
      if (epoll_wait(epoll, &ready, 1, *timeout) == 1 && ready.data.fd == timer) {
        epoll_ctl(epoll, EPOLL_CTL_DEL, timer, nullptr);
        set_and_get(engine, ok);
      }
    }
    close(timer);
    close(epoll);
  }
  return uv_loop_close(&loop) == 0 && ok ? 0 : 1;
}
