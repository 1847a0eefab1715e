// Gateway: an HTTP server on a libuv loop that identifies users by the session that Django's login
// stored.
//
//   GET /whoami    200 and the user's id; 401: not logged in; 503: the cache does not answer
//
// Everything is bounded: connections, headers, and how long a client may take.
#pragma once

#include <djcache/djcache.h>
#include <uv.h>

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <unordered_set>

namespace gateway {

class Connection;

struct Options {
  std::string host = "127.0.0.1";
  std::uint16_t port = 0;  // 0: any free port
  std::size_t connections_max = 1000;
  // For receiving a request and loading its session, and again for sending the response.
  std::chrono::milliseconds idle_limit{10'000};
  // The entry of Django's AUTHENTICATION_BACKENDS whose logins are accepted.
  std::string auth_backend = "django.contrib.auth.backends.ModelBackend";
};

class Gateway {
 public:
  Gateway(uv_loop_t& loop, djcache::Cache sessions, Options options)
      : loop_(loop), sessions_(std::move(sessions)), options_(std::move(options)) {}

  // Returns 0 or an error of libuv.
  int listen();
  std::uint16_t port() const;

  // Accepts no more connections, and closes each existing one after its current request.
  void close_politely();
  // Closes all connections. Then run the loop until it has nothing left to do.
  void close_now();

  std::size_t connections() const { return connections_.size(); }

 private:
  friend class Connection;
  static void on_connection(uv_stream_t* listener, int status);
  void close_listener();

  uv_loop_t& loop_;
  djcache::Cache sessions_;
  Options options_;
  uv_tcp_t listener_{};
  bool listening_ = false;
  bool closing_ = false;
  std::unordered_set<Connection*> connections_;  // each deletes itself when its handles are closed
  char read_buffer_[16'384];                     // shared: each read is consumed at once
};

}  // namespace gateway
