#include "connection.h"

#include <djcache/cookie.h>

#include <cstdio>

namespace gateway {

using djcache::Result;
using djcache::SessionLoad;
using State = RequestParser::State;

namespace {

Connection& self(void* data) { return *static_cast<Connection*>(data); }

const char* reason(int status) {
  switch (status) {
    case 200:
      return "OK";
    case 401:
      return "Unauthorized";
    case 404:
      return "Not Found";
    case 405:
      return "Method Not Allowed";
    case 413:
      return "Content Too Large";
    case 431:
      return "Request Header Fields Too Large";
    case 503:
      return "Service Unavailable";
    default:
      return "Bad Request";
  }
}

}  // namespace

Connection::Connection(Gateway& gateway) : gateway_(gateway) {
  uv_tcp_init(&gateway.loop_, &socket_);
  uv_timer_init(&gateway.loop_, &idle_);
  socket_.data = idle_.data = write_.data = this;
}

void Connection::accept(uv_stream_t* listener, bool welcome) {
  if (uv_accept(listener, stream()) != 0 || !welcome) return close();
  wait_for_request();
}

void Connection::close_when_idle() {
  keep_alive_ = false;
  if (!busy_) close();
}

void Connection::close() {
  if (closing_) return;
  closing_ = true;
  session_.reset();
  uv_close(reinterpret_cast<uv_handle_t*>(&socket_), &Connection::on_closed);
  uv_close(reinterpret_cast<uv_handle_t*>(&idle_), &Connection::on_closed);
}

void Connection::on_closed(uv_handle_t* handle) {
  Connection* closed = &self(handle->data);
  if (--closed->open_handles_ > 0) return;
  closed->gateway_.connections_.erase(closed);
  delete closed;
}

// Not called when bytes arrive: a client that sends one byte a second does not extend the limit.
void Connection::restart_idle_timer() {
  uv_timer_start(
      &idle_, [](uv_timer_t* timer) { self(timer->data).close(); },
      static_cast<std::uint64_t>(gateway_.options_.idle_limit.count()), 0);
}

void Connection::wait_for_request() {
  restart_idle_timer();
  read();
}

void Connection::read() {
  uv_read_start(
      stream(),
      [](uv_handle_t* handle, std::size_t, uv_buf_t* buffer) {
        Gateway& gateway = self(handle->data).gateway_;
        *buffer = uv_buf_init(gateway.read_buffer_, sizeof gateway.read_buffer_);
      },
      [](uv_stream_t* from, ssize_t size, const uv_buf_t*) { self(from->data).on_read(size); });
}

void Connection::on_read(ssize_t size) {
  if (size < 0) return close();
  if (lingering_) return;
  input_.append(gateway_.read_buffer_, static_cast<std::size_t>(size));
  if (!input_.empty()) advance();
}

void Connection::advance() {
  const State state = parser_.feed(input_);
  if (state == State::incomplete) return;
  busy_ = true;
  uv_read_stop(stream());
  keep_alive_ = state == State::complete && parser_.request().keep_alive && !gateway_.closing_;
  if (state == State::refused) return respond(parser_.status(), "I cannot read this request.\n");
  answer_request();
}

void Connection::answer_request() {
  const Request& request = parser_.request();
  const std::string_view path =
      std::string_view(request.target).substr(0, request.target.find('?'));
  if (path != "/whoami") return respond(404, "There is /whoami and nothing else.\n");
  if (request.method != "GET") return respond(405, "GET it.\n", "Allow: GET\r\n");
  authenticate();
}

// The core of the example: loads the session that the cookie names.
void Connection::authenticate() {
  const auto key = djcache::session_key_from_cookie(parser_.request().cookie);
  session_.emplace(gateway_.sessions_, key.value_or(""));
  session_->load([this](Result<SessionLoad> loaded) { on_session(loaded); });
}

void Connection::on_session(const Result<SessionLoad>& loaded) {
  if (!loaded.ok()) {  // not 401: whether the client is logged in is unknown
    std::fprintf(stderr, "gateway: %s\n", to_string(loaded.error()).c_str());
    return respond(503, "I cannot ask who you are.\n", "Retry-After: 1\r\n");
  }
  const auto user = session_->session().user();
  if (!user || user->backend != gateway_.options_.auth_backend) {
    return respond(401, "Nobody is logged in.\n");
  }
  respond(200, user->id + "\n");
}

void Connection::respond(int status, std::string_view body, std::string_view more_headers) {
  output_ = "HTTP/1.1 " + std::to_string(status) + " " + reason(status) +
            "\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: " +
            std::to_string(body.size()) +
            "\r\nCache-Control: no-store\r\nVary: Cookie\r\nX-Content-Type-Options: nosniff\r\n";
  output_ += more_headers;
  output_ += keep_alive_ ? "\r\n" : "Connection: close\r\n\r\n";
  output_ += body;
  restart_idle_timer();
  const uv_buf_t buffer = uv_buf_init(output_.data(), static_cast<unsigned int>(output_.size()));
  const int error = uv_write(&write_, stream(), &buffer, 1, [](uv_write_t* request, int written) {
    self(request->data).on_written(written);
  });
  if (error != 0) close();
}

void Connection::on_written(int status) {
  if (closing_) return;
  if (status != 0) return close();
  if (!keep_alive_ || gateway_.closing_) return linger();
  busy_ = false;
  session_.reset();
  parser_.reset();
  wait_for_request();
  if (!input_.empty()) advance();  // bytes received after the previous request
}

// Closing a socket with unread bytes resets the connection, and the client might lose the response.
// So this shuts down the write side, and reads until the client closes or the idle limit passes.
void Connection::linger() {
  lingering_ = true;
  uv_shutdown(&shutdown_, stream(), [](uv_shutdown_t*, int) {});
  read();
}

}  // namespace gateway
