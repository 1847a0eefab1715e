#include "src/replay/server_state.h"

#include <djcache/harness/wire_text.h>

#include "src/cases/write_value.h"

namespace djcache::conformance {
namespace {

void add_keys(const std::string& at, int db, harness::Inspector& inspector, Json& state) {
  const auto keys = inspector.keys();  // sorted
  if (!keys) return;
  for (const std::string& key : *keys) {
    const std::string type = inspector.type(key).value_or("?");
    Json entry = {{"at", at},
                  {"db", db},
                  {"key", harness::escape(key)},
                  {"key_hex", hexadecimal(key)},
                  {"type", type},
                  {"pttl", inspector.pttl(key).value_or(-3)}};
    if (type == "string") {
      if (const auto raw = inspector.raw(key)) entry["raw_hex"] = hexadecimal(*raw);
    }
    state.push_back(std::move(entry));
  }
}

}  // namespace

Json server_state(const Servers& servers) {
  Json state = Json::array();
  for (const auto& [at, server] : servers.current()) {
    if (!server->reachable()) continue;
    for (const int db : server->databases()) {
      std::string problem;
      if (auto* inspector = server->inspector(db, problem)) add_keys(at, db, *inspector, state);
    }
  }
  return state;
}

}  // namespace djcache::conformance
