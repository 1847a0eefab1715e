#include "resp_client.h"

#include <djcache/harness/inspector.h>
#include <djcache/harness/redis_server.h>

namespace djcache::harness {
namespace {

Outcome empty_server(const RedisServer& server) {
  auto inspector = Inspector::open(server.endpoint());
  if (!inspector) return {inspector.problem};
  const std::vector<std::vector<std::string>> commands{
      {"FLUSHALL"}, {"SCRIPT", "FLUSH"}, {"CONFIG", "RESETSTAT"}};
  for (const auto& words : commands) {
    const Reply reply = inspector->command(words);
    if (!reply.is_status("OK")) return {words.front() + ": " + format(reply)};
  }
  return {};
}

}  // namespace

SharedRedisServer::Result SharedRedisServer::get() {
  static StartResult shared = RedisServer::start();
  if (!shared) return {nullptr, shared.problem};
  Outcome outcome = shared->running() ? shared->cont() : shared->restart();
  if (outcome) outcome = empty_server(*shared);
  if (!outcome) return {nullptr, "the shared server: " + outcome.problem};
  return {shared.value.get(), ""};
}

}  // namespace djcache::harness
