// Configuration: one column of the matrix: backend x flavour x serializer x server.
#pragma once

#include <string>

#include "src/subject/flavours.h"

namespace djcache::conformance {

// How the code under test connects to servers started by the runner. mutual_tls: it also presents a
// certificate.
enum class Security : std::uint8_t { plain, tls, mutual_tls };

struct ServerKind {
  std::string name;         // "redis", "redis-tls", "location"; "": backends without a server
  std::string binary = {};  // the program to start
  std::string title = {};   // "redis 7.0.15", for display
  Security security = Security::plain;
  bool sentinel = false;  // a Sentinel says where the servers are
};

struct Configuration {
  const Backend* backend = nullptr;
  const Flavour* flavour = nullptr;
  std::string serializer;
  ServerKind server;

  // "redis.callback.msgpack.redis": in names of tests.
  std::string name() const {
    std::string text =
        std::string(backend->name) + "." + std::string(flavour->name) + "." + serializer;
    return server.name.empty() ? text : text + "." + server.name;
  }
};

}  // namespace djcache::conformance
