#include "engine/pool_config.h"

#include <algorithm>

namespace djcache::detail {

link::Millis millis(std::chrono::milliseconds duration) {
  return duration.count() > 0 ? static_cast<link::Millis>(duration.count()) : 0;
}

link::PoolConfig pool_config(const settings::ServerPlan& server, const Options& options) {
  using Transport = settings::ServerUrl::Transport;
  link::PoolConfig config;
  config.unix_socket = server.transport == Transport::unix_socket;
  config.host = config.unix_socket ? server.path : server.host;
  config.port = config.unix_socket ? 0 : server.port;
  config.connections_max = std::max<std::size_t>(1, options.connections_max);
  config.leases_max = options.leases_max;
  config.pending_max = options.pending_max;
  config.pending_max_bytes = options.pending_max_bytes;
  link::ConnectionConfig& connection = config.connection;
  connection.endpoint = server.endpoint();
  if (server.service) {
    connection.endpoint = server.host + '/' + std::to_string(server.db) +
                          (server.service->primary ? "" : " (replicas)");
  }
  connection.credentials = server.credentials;
  if (!server.credentials) {
    connection.username = server.username;
    connection.password = server.password;
  }
  if (server.service) {
    config.service = link::ServiceConfig{server.service->name, server.service->sentinels,
                                         server.service->primary};
  }
  connection.primary = server.service && server.service->primary;
  if (server.transport == Transport::tls) {
    config.tls = server.tls;
    connection.unverified = !server.tls.verify;
  }
  connection.db = server.db;
  connection.client_name = server.client_name.value_or(options.client_name);
  connection.connect_limit = millis(server.connect_limit);
  connection.stall_limit = millis(options.stall_limit);
  connection.backoff_min = millis(options.backoff_min);
  connection.backoff_max = millis(options.backoff_max);
  connection.caps.bulk_bytes = options.value_max_bytes;
  connection.caps.elements = options.reply_max_elements;
  return config;
}

}  // namespace djcache::detail
