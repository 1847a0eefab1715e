// A Prometheus endpoint: GET /metrics on the loop of the cache.
//
// prometheus [port [requests]]: ends after that many requests; without a number it never ends.
#include <djcache/djcache.h>
#include <uv.h>

#include <cstdio>
#include <cstdlib>
#include <string>

struct Server {
  djcache::Engine* engine;
  int requests_left;  // negative: unlimited
  uv_tcp_t listener;
};

struct Connection {
  Server* server;
  uv_tcp_t socket;
  uv_write_t write;
  char request[4096];
  std::string answer;
};

void close(Connection* connection) {
  uv_close(reinterpret_cast<uv_handle_t*>(&connection->socket),
           [](uv_handle_t* handle) { delete static_cast<Connection*>(handle->data); });
}

void answer(Connection* connection) {
  Server* server = connection->server;
  const std::string page = djcache::prometheus_text(server->engine->statistics());
  connection->answer =
      "HTTP/1.0 200 OK\r\nContent-Type: text/plain; version=0.0.4; charset=utf-8\r\n"
      "Content-Length: " +
      std::to_string(page.size()) + "\r\n\r\n" + page;
  const uv_buf_t bytes =
      uv_buf_init(connection->answer.data(), static_cast<unsigned>(connection->answer.size()));
  connection->write.data = connection;
  uv_write(&connection->write, reinterpret_cast<uv_stream_t*>(&connection->socket), &bytes, 1,
           [](uv_write_t* write, int) { close(static_cast<Connection*>(write->data)); });
  if (server->requests_left > 0 && --server->requests_left == 0) {
    uv_close(reinterpret_cast<uv_handle_t*>(&server->listener), nullptr);
    server->engine->disconnect({}, nullptr);
  }
}

void accept(uv_stream_t* listener, int status) {
  if (status != 0) return;
  auto* connection = new Connection{static_cast<Server*>(listener->data), {}, {}, {}, {}};
  uv_tcp_init(listener->loop, &connection->socket);
  connection->socket.data = connection;
  auto* stream = reinterpret_cast<uv_stream_t*>(&connection->socket);
  if (uv_accept(listener, stream) != 0) return close(connection);
  // Every request gets the same response as soon as its first bytes arrive. This is enough for a
  // scraper in a private network.
  uv_read_start(
      stream,
      [](uv_handle_t* handle, std::size_t, uv_buf_t* buffer) {
        auto* self = static_cast<Connection*>(handle->data);
        *buffer = uv_buf_init(self->request, sizeof self->request);
      },
      [](uv_stream_t* socket, ssize_t size, const uv_buf_t*) {
        auto* self = static_cast<Connection*>(socket->data);
        if (size == 0) return;
        uv_read_stop(socket);
        size > 0 ? answer(self) : close(self);
      });
}

int main(int argc, char** argv) {
  const char* url = std::getenv("DJCACHE_EXAMPLE_URL");
  if (url == nullptr) url = "redis://127.0.0.1:6379";
  uv_loop_t* loop = uv_default_loop();
  djcache::Engine engine(*loop, {.caches = {{"default", {.location = {url}}}}});

  Server server{&engine, argc > 2 ? std::atoi(argv[2]) : -1, {}};
  sockaddr_in address;
  uv_ip4_addr("127.0.0.1", argc > 1 ? std::atoi(argv[1]) : 9100, &address);
  uv_tcp_init(loop, &server.listener);
  server.listener.data = &server;
  uv_tcp_bind(&server.listener, reinterpret_cast<const sockaddr*>(&address), 0);
  if (uv_listen(reinterpret_cast<uv_stream_t*>(&server.listener), 16, accept) != 0) return 1;
  int size = sizeof address;
  uv_tcp_getsockname(&server.listener, reinterpret_cast<sockaddr*>(&address), &size);
  std::printf("http://127.0.0.1:%d/metrics\n", ntohs(address.sin_port));
  std::fflush(stdout);

  engine.cache().get("greeting", nullptr);  // an operation to count
  uv_run(loop, UV_RUN_DEFAULT);
  return uv_loop_close(loop) == 0 ? 0 : 1;
}
