// An HTTP service that answers with the user who is logged in to Django: the program of
// engine/docs/tutorial.md. whoami [port [caches.json]]
#include <djcache/cookie.h>
#include <djcache/djcache.h>
#include <djcache/session.h>
#include <uv.h>

#include <strings.h>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <string>

// The value of a request's Cookie header; "" without one.
std::string cookie_of(const std::string& request) {
  std::size_t line = request.find("\r\n");
  while (line != std::string::npos) {
    const std::size_t next = request.find("\r\n", line + 2);
    const std::string header = request.substr(line + 2, next - line - 2);
    if (strncasecmp(header.c_str(), "cookie:", 7) == 0) return header.substr(7);
    line = next;
  }
  return {};
}

// A visitor's connection: one request, one answer. Deletes itself when its socket has closed.
class Visitor {
 public:
  Visitor(uv_stream_t* listener, djcache::Cache sessions) : sessions_(sessions) {
    uv_tcp_init(listener->loop, &socket_);
    socket_.data = this;
    if (uv_accept(listener, stream()) == 0) {
      uv_read_start(stream(), on_space, on_bytes);
    } else {
      close();
    }
  }

 private:
  void read(std::size_t size) {
    request_.append(bytes_, size);
    if (request_.size() > 16'384) return close();
    if (request_.find("\r\n\r\n") == std::string::npos) return;  // incomplete
    uv_read_stop(stream());
    const auto key = djcache::session_key_from_cookie(cookie_of(request_));
    session_.emplace(sessions_, key.value_or(""));
    session_->load([this](djcache::Result<djcache::SessionLoad> loaded) {
      if (!loaded.ok()) return answer("503 Service Unavailable", to_string(loaded.error()));
      const auto user = session_->session().user();
      if (!user) return answer("401 Unauthorized", "not logged in");
      answer("200 OK", "user " + user->id);
    });
  }

  void answer(const std::string& status, const std::string& body) {
    answer_ = "HTTP/1.0 " + status + "\r\nContent-Type: text/plain\r\n\r\n" + body + "\n";
    const uv_buf_t bytes = uv_buf_init(answer_.data(), static_cast<unsigned>(answer_.size()));
    write_.data = this;
    const auto on_written = [](uv_write_t* write, int) {
      static_cast<Visitor*>(write->data)->close();
    };
    if (uv_write(&write_, stream(), &bytes, 1, on_written) != 0) close();
  }

  void close() {
    uv_close(reinterpret_cast<uv_handle_t*>(&socket_),
             [](uv_handle_t* handle) { delete static_cast<Visitor*>(handle->data); });
  }

  uv_stream_t* stream() { return reinterpret_cast<uv_stream_t*>(&socket_); }
  static void on_space(uv_handle_t* handle, std::size_t, uv_buf_t* buffer) {
    auto* self = static_cast<Visitor*>(handle->data);
    *buffer = uv_buf_init(self->bytes_, sizeof self->bytes_);
  }
  static void on_bytes(uv_stream_t* stream, ssize_t size, const uv_buf_t*) {
    auto* self = static_cast<Visitor*>(stream->data);
    if (size < 0) return self->close();
    self->read(static_cast<std::size_t>(size));
  }

  djcache::Cache sessions_;
  std::optional<djcache::SessionStore> session_;
  uv_tcp_t socket_{};
  uv_write_t write_{};
  char bytes_[4096];
  std::string request_, answer_;
};

struct Service {
  djcache::Engine engine;
  uv_tcp_t listener{};
  uv_signal_t signal{};

  void stop() {
    uv_close(reinterpret_cast<uv_handle_t*>(&listener), nullptr);
    uv_close(reinterpret_cast<uv_handle_t*>(&signal), nullptr);
    engine.disconnect({}, nullptr);  // otherwise uv_loop_close would return UV_EBUSY
  }
};

int main(int argc, char** argv) {
  std::signal(SIGPIPE, SIG_IGN);  // raised by the visitors' sockets, never by djcache's
  auto settings = djcache::Settings::from_json_file(argc > 2 ? argv[2] : "caches.json");
  if (!settings.ok()) {
    std::fprintf(stderr, "%s\n", to_string(settings.error()).c_str());
    return 2;
  }
  uv_loop_t* loop = uv_default_loop();
  Service service{djcache::Engine(*loop, *settings)};
  if (const auto good = service.engine.check(); !good.ok()) {
    std::fprintf(stderr, "%s\n", to_string(good.error()).c_str());
    return 2;
  }

  sockaddr_in address;
  uv_ip4_addr("127.0.0.1", argc > 1 ? std::atoi(argv[1]) : 8001, &address);
  uv_tcp_init(loop, &service.listener);
  service.listener.data = &service;
  uv_tcp_bind(&service.listener, reinterpret_cast<const sockaddr*>(&address), 0);
  const int error = uv_listen(reinterpret_cast<uv_stream_t*>(&service.listener), 128,
                              [](uv_stream_t* listener, int status) {
                                auto* self = static_cast<Service*>(listener->data);
                                if (status == 0) new Visitor(listener, self->engine.cache());
                              });
  if (error != 0) {
    std::fprintf(stderr, "cannot listen: %s\n", uv_strerror(error));
    return 1;
  }
  uv_signal_init(loop, &service.signal);
  service.signal.data = &service;
  uv_signal_start(
      &service.signal,
      [](uv_signal_t* signal, int) { static_cast<Service*>(signal->data)->stop(); }, SIGTERM);

  uv_run(loop, UV_RUN_DEFAULT);
  return uv_loop_close(loop) == 0 ? 0 : 1;
}
