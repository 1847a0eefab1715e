// Connection: one connection of a client. Reads a request, loads the session to identify the user,
// responds, and repeats. Reads nothing while it handles a request.
#pragma once

#include <djcache/session.h>
#include <uv.h>

#include <optional>
#include <string>
#include <string_view>

#include "gateway.h"
#include "request.h"

namespace gateway {

class Connection {
 public:
  explicit Connection(Gateway& gateway);
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  // If `welcome` is false, there are too many connections, and this one is closed at once.
  void accept(uv_stream_t* listener, bool welcome);
  void close_when_idle();
  // Deletes this once the handles are closed. Abandons a session that is being loaded.
  void close();

 private:
  void wait_for_request();
  void restart_idle_timer();
  void read();
  void on_read(ssize_t size);
  void advance();
  void answer_request();
  void authenticate();
  void on_session(const djcache::Result<djcache::SessionLoad>& loaded);
  void respond(int status, std::string_view body, std::string_view more_headers = {});
  void on_written(int status);
  void linger();
  uv_stream_t* stream() { return reinterpret_cast<uv_stream_t*>(&socket_); }
  static void on_closed(uv_handle_t* handle);

  Gateway& gateway_;
  uv_tcp_t socket_{};
  uv_timer_t idle_{};
  uv_write_t write_{};
  uv_shutdown_t shutdown_{};
  int open_handles_ = 2;
  bool closing_ = false;
  bool busy_ = false;  // from a complete request until its response is written
  bool keep_alive_ = false;
  bool lingering_ = false;
  RequestParser parser_;
  std::string input_;
  std::string output_;
  std::optional<djcache::SessionStore> session_;
};

}  // namespace gateway
