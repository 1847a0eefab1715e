// A program on Boost.Asio: the engine's libuv loop is a descriptor and a timer of an io_context.
// Takes the server's URL, or DJCACHE_EXAMPLE_URL.
#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>

#include "foreign_turn.h"
#include "foreign_work.h"

namespace {

namespace asio = boost::asio;

// Drives a libuv loop from an io_context until nothing is left on it. Outlives its run.
class UvOnAsio {
 public:
  UvOnAsio(asio::io_context& context, uv_loop_t& loop)
      : context_(context),
        loop_(loop),
        descriptor_(context, uv_backend_fd(&loop)),
        timer_(context) {}
  ~UvOnAsio() { descriptor_.release(); }  // it is libuv's
  UvOnAsio(const UvOnAsio&) = delete;
  UvOnAsio& operator=(const UvOnAsio&) = delete;

  // For Settings::on_work: a turn soon, not inside the call.
  void poke() {
    asio::post(context_, [this] { turn(); });
  }

  void turn() {
    const auto timeout = take_turn(loop_);
    if (!timeout) return stop();
    // Each waits for the next turn, whichever brings it about: a new wait replaces the old.
    descriptor_.cancel();
    descriptor_.async_wait(asio::posix::stream_descriptor::wait_read,
                           [this](const boost::system::error_code& code) { next(code); });
    if (*timeout < 0) {
      timer_.cancel();
    } else {
      timer_.expires_after(std::chrono::milliseconds(*timeout));
      timer_.async_wait([this](const boost::system::error_code& code) { next(code); });
    }
  }

 private:
  void next(const boost::system::error_code& code) {
    if (code != asio::error::operation_aborted) turn();
  }
  void stop() {
    descriptor_.cancel();
    timer_.cancel();
  }

  asio::io_context& context_;
  uv_loop_t& loop_;
  asio::posix::stream_descriptor descriptor_;
  asio::steady_timer timer_;
};

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
    asio::steady_timer timer(context, std::chrono::milliseconds(20));
    timer.async_wait([&](const boost::system::error_code&) { set_and_get(engine, ok); });
    driver.turn();
    context.run();
  }
  return uv_loop_close(&loop) == 0 && ok ? 0 : 1;
}
