// Shared by the tests of the raw client.
#pragma once

#include <djcache/client.h>
#include <djcache/subscriber.h>
#include <unistd.h>

#include "engine/engine_fixture.h"

namespace djcache {

inline Reply integer(std::int64_t number) {
  return {.type = Reply::Type::integer, .integer = number};
}
inline Reply text(std::string of) { return {.type = Reply::Type::string, .text = std::move(of)}; }
inline Reply status(std::string of) { return {.type = Reply::Type::status, .text = std::move(of)}; }
inline Reply list(std::vector<Reply> of) {
  return {.type = Reply::Type::array, .elements = std::move(of)};
}
inline void PrintTo(const Reply& reply, std::ostream* out) { *out << to_string(reply); }

class RawTest : public EngineTest {
 protected:
  template <class Who>
  Result<Reply> ask(Who& who, Arguments words, const CommandOptions& options = {}) {
    Answer<Reply> answer;
    who.command(words, options, answer.callback());
    return wait(answer);
  }
  template <class Who>
  Result<std::vector<Reply>> run(Who& who, const Pipeline& pipeline) {
    Answer<std::vector<Reply>> answer;
    who.run(pipeline, {}, answer.callback());
    return wait(answer);
  }
  // Null on failure; `problem` says why.
  std::unique_ptr<Lease> lease(Client& client) {
    std::unique_ptr<Lease> lease;
    bool told = false;
    client.lease({}, [&](Result<Lease> result) {
      told = true;
      if (result.ok()) lease = std::make_unique<Lease>(std::move(*result));
      if (!result.ok()) problem = result.error();
    });
    run_until([&] { return told; });
    return lease;
  }
  PoolInfo pool() { return engine().pools().at(0).info(); }
  // "redis_server", "valkey_server": its path if it is installed, otherwise "".
  static std::string server_binary(std::string name) {
    name.replace(name.find('_'), 1, "-");
    for (const char* folder : {"/usr/bin/", "/usr/local/bin/"}) {
      if (access((folder + name).c_str(), X_OK) == 0) return folder + name;
    }
    return {};
  }
  // The number of our connections on the server.
  std::size_t clients() { return inspector().count_clients("djcache").value_or(999); }

  Error problem;
};

}  // namespace djcache
