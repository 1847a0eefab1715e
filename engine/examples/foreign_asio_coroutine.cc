// A coroutine of Boost.Asio that awaits djcache. Takes the server's URL, or DJCACHE_EXAMPLE_URL.
#include "asio_awaitable.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>

#include "foreign_work.h"
#include "uv_on_asio.h"

namespace {

namespace asio = boost::asio;

asio::awaitable<void> greet(djcache::Engine& engine, bool& ok) {
  djcache::Cache cache = engine.cache("default");
  const auto stored = co_await use_asio<djcache::Result<void>>(
      [&](auto done) { cache.set("greeting", "bonjour", std::move(done)); });
  const auto found = co_await use_asio<djcache::Result<std::optional<std::string>>>(
      [&](auto done) { cache.get<std::string>("greeting", std::move(done)); });
  ok = stored.ok() && found.ok() && *found == "bonjour";
  std::puts(ok ? "bonjour" : found.ok() ? "no greeting" : to_string(found.error()).c_str());
  const auto report = co_await use_asio<djcache::DisconnectReport>(
      [&](auto done) { engine.disconnect({}, std::move(done)); });
  std::printf("%zu connection closed\n", report.connections);
}

}  // namespace

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
    asio::co_spawn(context, greet(engine, ok), asio::detached);
    driver.turn();
    context.run();
  }
  return uv_loop_close(&loop) == 0 && ok ? 0 : 1;
}
