#include "probe.h"

#include <djcache/djcache.h>
#include <uv.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace tools {
namespace {

using djcache::Client;
using djcache::Lease;
using djcache::Reply;
using djcache::Result;

using Command = std::vector<std::string>;

// Every operation of the client has a limit, so this loop ends.
template <class T, class Start>
Result<T> wait(uv_loop_t& loop, Start start) {
  std::optional<Result<T>> answer;
  start([&](Result<T> result) { answer.emplace(std::move(result)); });
  while (!answer) uv_run(&loop, UV_RUN_ONCE);
  return *std::move(answer);
}

// The value of a field of an INFO reply, such as "redis_version:7.0.15"; "" without that field.
std::string field(const std::string& info, const std::string& name) {
  const std::size_t at = ('\n' + info).find('\n' + name + ':');
  if (at == std::string::npos) return {};
  const std::size_t start = at + name.size() + 1;
  return info.substr(start, info.find_first_of("\r\n", start) - start);
}

std::string server_in(const std::string& info) {
  const std::string valkey = field(info, "valkey_version");
  return valkey.empty() ? "redis " + field(info, "redis_version") : "valkey " + valkey;
}

// The commands of each verb (engine/docs/servers.md), for a key that does not exist.
struct Verb {
  const char* name;
  std::vector<const char*> commands;
};
const Verb verbs[] = {
    {"get, get_many", {"GET", "MGET"}},
    {"set, set_many", {"SET", "MSET", "DEL", "EXEC"}},
    {"add, replace", {"SET", "EXISTS", "DEL"}},
    {"delete_, delete_many", {"DEL"}},
    {"has_key", {"EXISTS"}},
    {"touch", {"EXPIRE", "PERSIST", "DEL"}},
    {"incr, decr", {"EVAL", "EXISTS", "INCRBY", "GET", "DEL"}},
    {"incr_version, decr_version", {"EVAL", "GET", "SET", "DEL"}},
    {"ttl, pttl", {"PTTL"}},
    {"expire, pexpire, expire_at, persist", {"PEXPIRE", "PEXPIREAT", "PERSIST"}},
    {"keys, iter_keys, delete_pattern", {"SCAN", "DEL"}},
    {"clear", {"FLUSHDB"}},
    {"lock", {"SET", "EVAL", "GET", "DEL", "PTTL", "PEXPIRE", "EXISTS"}},
};

std::vector<Command> commands_on(const std::string& key) {
  return {{"GET", key},
          {"MGET", key},
          {"SET", key, "1"},
          {"MSET", key, "1"},
          {"DEL", key},
          {"EXISTS", key},
          {"EXPIRE", key, "1"},
          {"PERSIST", key},
          {"INCRBY", key, "1"},
          {"PTTL", key},
          {"PEXPIRE", key, "1"},
          {"PEXPIREAT", key, "1"},
          {"SCAN", "0"},
          {"EVAL", "return 1", "1", key},
          {"FLUSHDB"}};
}

class Session {
 public:
  Session(uv_loop_t& loop, Lease lease) : loop_(loop), lease_(std::move(lease)) {}

  Result<Reply> send(const Command& command) {
    const std::vector<std::string_view> words(command.begin(), command.end());
    return wait<Reply>(loop_, [&](auto done) { lease_.command(words, std::move(done)); });
  }
  // The commands that the server refuses, with its error messages. They are queued in a MULTI that
  // is never executed, because the connection is closed first. If the server executes the first
  // one, a GET, instead of queueing it, nothing more is sent.
  std::map<std::string, std::string> refused(const std::string& key) {
    std::map<std::string, std::string> refusals;
    for (const std::string needed : {"MULTI", "EXEC", "MULTI"}) {
      const auto answer = send({needed});
      if (!answer.ok()) refusals[needed] = answer.error().detail;
      if (!answer.ok() && needed == "MULTI") return refusals;
      if (!answer.ok()) break;  // a refused EXEC leaves the MULTI open
    }
    for (const Command& command : commands_on(key)) {
      const auto answer = send(command);
      if (!answer.ok()) refusals[command.front()] = answer.error().detail;
      if (answer.ok() && answer->text != "QUEUED") return {{"MULTI", "commands are not queued"}};
      if (!lease_.usable()) break;
    }
    return refusals;
  }

 private:
  uv_loop_t& loop_;
  Lease lease_;
};

bool tell_verbs(const std::map<std::string, std::string>& refusals) {
  if (const auto multi = refusals.find("MULTI"); multi != refusals.end()) {
    std::printf("    verbs: cannot be told without MULTI: %s\n", multi->second.c_str());
    return false;
  }
  bool all = true;
  for (const Verb& verb : verbs) {
    for (const char* command : verb.commands) {
      const auto refusal = refusals.find(command);
      if (refusal == refusals.end()) continue;
      std::printf("    may not: %s: %s\n", verb.name, refusal->second.c_str());
      all = false;
      break;
    }
  }
  if (all) std::puts("    verbs: may run them all");
  return all;
}

// Prints the TLS peer of the connection; nothing if it is not encrypted.
void tell_tls(const djcache::Engine& engine) {
  const std::optional<djcache::TlsPeer> peer = engine.pools().at(0).info().tls;
  if (!peer) return;
  using namespace std::chrono;
  const auto days = duration_cast<hours>(peer->valid_until - system_clock::now()).count() / 24;
  const std::string name =
      peer->name.empty() ? "whatever its name" : "for '" + peer->name + "', which was checked";
  std::printf("    TLS: %s, %s; certificate %s, issued by '%s'%s, %lld days left\n",
              peer->version.c_str(), peer->cipher.c_str(), name.c_str(), peer->issuer.c_str(),
              peer->verified ? "" : " (which nobody verified)", static_cast<long long>(days));
}

bool probe_on(uv_loop_t& loop, djcache::Engine& engine, const std::string& name) {
  Client client = engine.cache("default").client({});
  auto lease = wait<Lease>(loop, [&](auto done) { client.lease({}, std::move(done)); });
  if (!lease.ok()) {
    std::printf("  %s: %s\n", name.c_str(), to_string(lease.error()).c_str());
    return false;
  }
  Session session(loop, *std::move(lease));
  std::uint64_t fastest = UINT64_MAX;
  for (int i = 0; i < 3; ++i) {
    const std::uint64_t start = uv_hrtime();
    (void)session.send({"PING"});  // an error reply takes as long
    fastest = std::min(fastest, uv_hrtime() - start);
  }
  const auto info = session.send({"INFO", "server"});
  std::printf("  %s: connected, %s, %.2f ms a round trip\n", name.c_str(),
              info.ok() ? server_in(info->text).c_str() : "its version is not for this user",
              static_cast<double>(fastest) / 1e6);
  tell_tls(engine);
  return tell_verbs(session.refused(engine.cache("default").make_key("djcache-settings probe")));
}

}  // namespace

bool probe(const djcache::CacheSettings& cache, const std::string& name) {
  uv_loop_t loop;
  uv_loop_init(&loop);
  bool good = false;
  {
    djcache::Engine engine(loop, {.caches = {{"default", cache}}});
    good = probe_on(loop, engine, name);
    engine.disconnect({.mode = djcache::DisconnectMode::abort}, nullptr);
    uv_run(&loop, UV_RUN_DEFAULT);
  }
  uv_loop_close(&loop);
  return good;
}

}  // namespace tools
