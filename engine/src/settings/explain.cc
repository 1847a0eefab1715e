// Settings::explain(): a readable description of what each alias resolves to.
#include <djcache/settings.h>

#include <array>
#include <chrono>

#include "built.h"
#include "settings/read_value.h"
#include "settings/resolve.h"
#include "settings/where.h"

namespace djcache {
namespace settings {
namespace {

constexpr std::array<std::string_view, 4> serializer_names = {"msgpack", "pickle", "json", "raw"};

std::string servers_of(const AliasPlan& plan) {
  std::string lines;
  for (std::size_t i = 0; i < plan.servers.size(); ++i) {
    const ServerPlan& server = plan.servers[i];
    lines += "  server " + std::to_string(i + 1) + ": ";
    if (server.service) {
      lines += std::string(server.service->primary ? "the primary" : "a replica") + " of " +
               in_quotes(server.service->name) + ", database " + std::to_string(server.db) +
               ", which " + std::to_string(server.service->sentinels.addresses.size()) +
               " Sentinels know";
    } else {
      lines += server.endpoint();
    }
    if (server.credentials) {
      lines += ", credentials of the program, " + in_seconds(server.connect_limit.count()) +
               " s to connect\n";
      continue;
    }
    if (!server.username.empty()) lines += ", user " + in_quotes(server.username);
    lines += server.password.empty() ? ", no password" : ", with a password";
    if (server.transport == ServerUrl::Transport::tls) {
      lines += server.tls.verify ? ", TLS" : ", TLS without a look at the certificate";
    }
    lines += ", " + in_seconds(server.connect_limit.count()) + " s to connect\n";
  }
  return lines;
}

std::string values_of(const Options& options) {
  std::string line(serializer_names.at(static_cast<std::size_t>(options.serializer)));
  if (options.compressor != Compressor::none) {
    line += ", compressed by " + std::string(to_string(options.compressor));
  }
  return line + (options.signing_keys.empty() ? "" : ", signed");
}

std::string of_redis(const CacheSettings& cache, const AliasPlan& plan) {
  return servers_of(plan) + "  limit: " + in_seconds(plan.command_limit.count()) +
         " s an operation\n  values: " + values_of(cache.options) + '\n';
}

std::string of_memory(const StoreSettings& store) {
  std::string lines = "  store: " + in_quotes(store.name) + ", at most " +
                      std::to_string(store.max_entries) + " entries";
  if (store.max_bytes != 0) lines += " and " + std::to_string(store.max_bytes) + " bytes";
  return lines + '\n';
}

std::string keys_of(const CacheSettings& cache) {
  if (cache.key_function) return "  keys: by a function of its own\n";
  const std::string version =
      cache.version_text.empty() ? std::to_string(cache.version) : cache.version_text;
  return "  keys: " + in_quotes(cache.key_prefix + ':' + version + ":<key>") + '\n';
}

std::string timeout_of(const CacheSettings& cache) {
  if (cache.timeout.is_forever()) return "  timeout: none, entries live for ever\n";
  const std::int64_t life = cache.timeout.omitted() ? 300'000 : cache.timeout.milliseconds();
  return "  timeout: " + in_seconds(life) + " s\n";
}

}  // namespace
}  // namespace settings

std::string Settings::explain(std::string_view alias) const {
  const settings::Plan plan = settings::resolve(*this);
  const auto planned = plan.aliases.find(alias);
  const auto given = caches.find(alias);
  const CacheSettings cache = given == caches.end() ? CacheSettings() : given->second;
  const std::string place = settings::Where::alias(alias).text();
  if (planned == plan.aliases.end()) return place + ": there is none\n";
  if (planned->second.broken) return place + ": does not work\n";
  std::string text = place + ": " + std::string(settings::to_string(planned->second.kind)) + '\n';
  const settings::BackendKind kind = planned->second.kind;
  if (kind == settings::BackendKind::dummy) return text;
  text += kind == settings::BackendKind::redis ? settings::of_redis(cache, planned->second)
                                               : settings::of_memory(planned->second.store);
  return text + settings::keys_of(cache) + settings::timeout_of(cache);
}

}  // namespace djcache
