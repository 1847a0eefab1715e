// A program on Boost.Asio: the engine's libuv loop is a descriptor and a timer of an io_context;
// see uv_on_asio.h. Takes the server's URL, or DJCACHE_EXAMPLE_URL.
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include "foreign_work.h"
#include "uv_on_asio.h"

namespace asio = boost::asio;

int main(int argc, char** argv) {
  uv_loop_t loop;
  if (uv_loop_init(&loop) != 0) return 1;
  bool ok = false;
  {
    asio::io_context context;
    UvOnAsio driver(context, loop);
    djcache::Settings settings = example_settings(argc, argv);
    settings.on_work = [&driver] { driver.poke(); };
    djcache::Engine engine(loop, std::move(settings));
    const djcache::Poster alive = engine.poster({.keep_loop_running = true});
    asio::steady_timer timer(context, std::chrono::milliseconds(20));
    timer.async_wait([&](const boost::system::error_code&) { set_and_get(engine, ok); });
    driver.turn();
    context.run();
  }
  return uv_loop_close(&loop) == 0 && ok ? 0 : 1;
}
