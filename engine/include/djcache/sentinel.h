/// @file
/// SentinelOptions: the Sentinels that know the addresses of the servers of a service.
#pragma once

#include <djcache/export.h>
#include <djcache/tls.h>

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace djcache {

/// The Sentinels of an alias: Options::sentinel, engine/docs/sentinel.md.
///
/// With Sentinels the host in LOCATION is the name of the service, `redis://mymaster/0`, and its
/// port is ignored.
struct SentinelOptions {
  /// Where a Sentinel listens.
  struct Address {
    std::string host{};          ///< a name, or an address without brackets
    std::uint16_t port = 26379;  ///< TCP

    friend auto operator<=>(const Address&, const Address&) = default;
  };

  std::vector<Address> addresses{};  ///< `SENTINELS`; asked in turn, the last successful one first

  std::string username{};           ///< for the Sentinels; not those of the servers
  std::string password{};           ///< secret
  std::optional<TlsOptions> tls{};  ///< TLS with the Sentinels; empty: plain

  /// django-redis' SentinelClient: reads go to replicas, if there are any.
  bool read_replicas = false;

  friend auto operator<=>(const SentinelOptions&, const SentinelOptions&) = default;
};

}  // namespace djcache
