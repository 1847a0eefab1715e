#include "gateway.h"

#include <vector>

#include "connection.h"

namespace gateway {

int Gateway::listen() {
  sockaddr_storage address{};
  int error =
      uv_ip4_addr(options_.host.c_str(), options_.port, reinterpret_cast<sockaddr_in*>(&address));
  if (error != 0) {
    error = uv_ip6_addr(options_.host.c_str(), options_.port,
                        reinterpret_cast<sockaddr_in6*>(&address));
  }
  if (error != 0) return error;
  uv_tcp_init(&loop_, &listener_);
  listener_.data = this;
  listening_ = true;
  error = uv_tcp_bind(&listener_, reinterpret_cast<sockaddr*>(&address), 0);
  if (error == 0) {
    error = uv_listen(reinterpret_cast<uv_stream_t*>(&listener_), 128, &Gateway::on_connection);
  }
  if (error != 0) close_listener();
  return error;
}

std::uint16_t Gateway::port() const {
  sockaddr_storage address{};
  int size = sizeof address;
  uv_tcp_getsockname(&listener_, reinterpret_cast<sockaddr*>(&address), &size);
  const auto& v4 = reinterpret_cast<const sockaddr_in&>(address);
  const auto& v6 = reinterpret_cast<const sockaddr_in6&>(address);
  return ntohs(address.ss_family == AF_INET6 ? v6.sin6_port : v4.sin_port);
}

void Gateway::on_connection(uv_stream_t* listener, int status) {
  if (status < 0) return;
  auto* self = static_cast<Gateway*>(listener->data);
  auto* fresh = new Connection(*self);
  self->connections_.insert(fresh);
  fresh->accept(listener, self->connections_.size() <= self->options_.connections_max);
}

void Gateway::close_listener() {
  if (!listening_) return;
  listening_ = false;
  uv_close(reinterpret_cast<uv_handle_t*>(&listener_), nullptr);
}

void Gateway::close_politely() {
  closing_ = true;
  close_listener();
  for (Connection* each : std::vector(connections_.begin(), connections_.end())) {
    each->close_when_idle();
  }
}

void Gateway::close_now() {
  close_politely();
  for (Connection* each : std::vector(connections_.begin(), connections_.end())) each->close();
}

}  // namespace gateway
