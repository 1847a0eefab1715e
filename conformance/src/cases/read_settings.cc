// Reads caches, servers and peer: the environment of a case.
#include <djcache/harness/peer_script.h>

#include "src/cases/read_case.h"
#include "src/cases/read_value.h"

namespace djcache::conformance {
namespace {

void check_location(const Node& node) {
  if (node.is_string()) {
    (void)node.text();
    return;
  }
  for (const Node& url : node.elements()) (void)url.text();
}

Json read_cache(const Node& node) {
  node.only({"BACKEND", "LOCATION", "TIMEOUT", "KEY_PREFIX", "VERSION", "KEY_FUNCTION", "OPTIONS"});
  Json cache = node.json();
  if (node.has("BACKEND")) (void)node["BACKEND"].text();
  if (node.has("LOCATION")) check_location(node["LOCATION"]);
  if (node.has("KEY_FUNCTION")) (void)node["KEY_FUNCTION"].text();
  if (node.has("VERSION")) (void)node["VERSION"].integer();
  if (node.has("KEY_PREFIX")) cache["KEY_PREFIX"] = read_string(node["KEY_PREFIX"], {});
  if (node.has("OPTIONS")) (void)node["OPTIONS"].items();
  if (node.has("TIMEOUT")) {
    const Node timeout = node["TIMEOUT"];
    if (!timeout.json().is_number() && !timeout.json().is_null()) {
      timeout.fail_expected("a number of seconds or null");
    }
  }
  return cache;
}

harness::AclUser read_user(const Node& node) {
  node.only({"name", "password", "rules"}).need({"name"});
  harness::AclUser user{.name = node["name"].text()};
  if (node.has("password")) user.password = node["password"].text_or_empty();
  if (node.has("rules")) user.rules = node["rules"].text();
  return user;
}

ServerSpec read_server_spec(const Node& node) {
  node.only({"password", "users", "config", "replica_of"});
  ServerSpec spec;
  if (node.has("password")) spec.password = node["password"].text();
  if (node.has("replica_of")) spec.replica_of = node["replica_of"].text();
  if (node.has("users")) {
    for (const Node& user : node["users"].elements()) spec.users.push_back(read_user(user));
  }
  if (node.has("config")) {
    for (const Node& line : node["config"].elements()) spec.config.push_back(line.text());
  }
  return spec;
}

}  // namespace

Json read_caches(const Node& node) {
  Json caches = Json::object();
  for (const auto& [alias, settings] : node.items()) caches[alias] = read_cache(settings);
  if (caches.empty()) node.fail_expected("at least one alias");
  return caches;
}

std::map<std::string, ServerSpec> read_servers(const Node& node) {
  std::map<std::string, ServerSpec> servers;
  for (const auto& [name, spec] : node.items()) {
    if (name == "replica" || name == "peer" || name == "nowhere" || name.find(':') != name.npos) {
      node.fail("a server cannot be called \"" + name + "\"");
    }
    servers[name] = read_server_spec(spec);
  }
  for (const auto& [name, spec] : servers) {
    const auto& master = spec.replica_of;
    if (!master.empty() && master != "server" && servers.count(master) == 0) {
      node[name].fail("replica_of names no server of the case");
    }
    if (!master.empty() && servers.count(master) != 0 && !servers.at(master).replica_of.empty()) {
      node[name].fail("replica_of names a replica");
    }
  }
  return servers;
}

std::vector<harness::PeerScript> read_peer(const Node& node) {
  std::string text;
  for (const Node& line : node.elements()) text += line.text_or_empty() + "\n";
  auto parsed = harness::parse_peer_scripts(text);
  if (!parsed) node.fail(parsed.problem);
  return std::move(parsed.scripts);
}

}  // namespace djcache::conformance
