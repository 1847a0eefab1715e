// Runs a libuv loop inside an io_context, as a descriptor and a timer: for an engine in a program
// on Boost.Asio.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>

#include "foreign_turn.h"

// Drives a libuv loop from an io_context until nothing is left on the loop. Must outlive
// io_context::run().
class UvOnAsio {
 public:
  UvOnAsio(boost::asio::io_context& context, uv_loop_t& loop)
      : context_(context),
        loop_(loop),
        descriptor_(context, uv_backend_fd(&loop)),
        timer_(context) {}
  ~UvOnAsio() { descriptor_.release(); }  // libuv owns the descriptor
  UvOnAsio(const UvOnAsio&) = delete;
  UvOnAsio& operator=(const UvOnAsio&) = delete;

  // For Settings::on_work: schedules a turn, because one must not be taken inside the call.
  void poke() {
    boost::asio::post(context_, [this] { turn(); });
  }

  void turn() {
    const auto timeout = take_turn(loop_);
    if (!timeout) return stop();
    // Either wait starts the next turn, which then replaces both waits.
    descriptor_.cancel();
    descriptor_.async_wait(boost::asio::posix::stream_descriptor::wait_read,
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
    if (code != boost::asio::error::operation_aborted) turn();
  }
  void stop() {
    descriptor_.cancel();
    timer_.cancel();
  }

  boost::asio::io_context& context_;
  uv_loop_t& loop_;
  boost::asio::posix::stream_descriptor descriptor_;
  boost::asio::steady_timer timer_;
};
