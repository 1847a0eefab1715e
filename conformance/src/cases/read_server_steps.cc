// Reads steps about the content of the server and its clients.
#include <algorithm>

#include "src/cases/read_step.h"

namespace djcache::conformance {
namespace {

PttlExpectation read_pttl(const Node& node) {
  using Kind = PttlExpectation::Kind;
  if (node.is_string()) {
    return {node.word({"none", "missing"}) == "none" ? Kind::none : Kind::missing};
  }
  node.only({"min", "max"}).need({"min", "max"});
  return {Kind::within, read_bounds(node)};
}

void read_stored_bytes(const Node& node, const Scope& scope, ServerStep& step) {
  node.only({"text", "msgpack", "pickle", "json", "raw"});
  if (node.json().empty()) node.fail_expected("the stored bytes");
  for (const auto& [name, bytes] : node.items()) {
    if (name == "text") {
      step.text = read_string(bytes, scope);
    } else {
      step.raw[name] = read_hex(bytes);
    }
  }
  if (step.text && !step.raw.empty()) node.fail("\"text\" stands alone: it is for all serializers");
}

// Fields present in the node replace those of `step`.
ServerStep read_server(const Node& node, const Scope& scope, ServerStep step = {}) {
  node.only({"key", "type", "pttl", "raw", "keys", "dbsize", "at", "db"});
  read_place(node, step.place);
  if (node.has("key")) step.key = read_word(node["key"], scope);
  if (node.has("type")) {
    step.type = node["type"].word({"string", "list", "hash", "set", "zset", "stream", "none"});
  }
  if (node.has("pttl")) step.pttl = read_pttl(node["pttl"]);
  if (node.has("raw")) {
    step.text.reset();
    step.raw.clear();
    read_stored_bytes(node["raw"], scope, step);
  }
  if (node.has("keys")) {
    step.keys.emplace();
    for (const Node& key : node["keys"].elements()) step.keys->push_back(read_word(key, scope));
    std::sort(step.keys->begin(), step.keys->end());
  }
  if (node.has("dbsize")) step.dbsize = node["dbsize"].integer(0, INT64_MAX);
  return step;
}

std::vector<std::string> read_words(const Node& node, const Scope& scope) {
  std::vector<std::string> words;
  for (const Node& word : node.elements()) words.push_back(read_word(word, scope));
  return words;
}

RecordedStep read_recorded(const Node& node, const Scope& scope) {
  node.only({"at", "count", "names", "commands"});
  RecordedStep step;
  if (node.has("at")) step.at = node["at"].text();
  if (node.has("count")) step.count = node["count"].integer(0, INT64_MAX);
  if (node.has("names")) step.names = read_words(node["names"], scope);
  if (node.has("commands")) {
    step.commands.emplace();
    for (const Node& command : node["commands"].elements()) {
      step.commands->push_back(read_words(command, scope));
    }
  }
  if (!step.count && !step.names && !step.commands) {
    node.fail_expected("count, names or commands");
  }
  return step;
}

std::map<std::string, Bounds> read_counts(const Node& node) {
  std::map<std::string, Bounds> counts;
  for (const auto& [name, bounds] : node.items()) counts[name] = read_bounds(bounds);
  if (counts.empty()) node.fail_expected("at least one server");
  return counts;
}

}  // namespace

Action read_server_step(const Node& node, const StepContext& context) {
  node.only({"server", "django", "comment"});
  ServerStep step = read_server(node["server"], context.scope);
  const Node server = node["server"];
  const bool of_key = step.type || step.pttl || step.text || !step.raw.empty();
  if (!step.key && of_key) server.fail("type, pttl and raw are of a \"key\"");
  if (step.key && !of_key) server.fail("what should the key be like? give type, pttl or raw");
  if (!step.key && !step.keys && !step.dbsize) server.fail_expected("key, keys or dbsize");
  if (step.key && (step.keys || step.dbsize)) server.fail("keys and dbsize stand without \"key\"");
  check_django(node, context, {"server"});
  if (node.has("django")) {
    step.django =
        std::make_shared<ServerStep>(read_server(node["django"]["server"], context.scope, step));
  }
  return step;
}

Action read_raw_step(const Node& node, const StepContext& context) {
  node.only({"raw", "reply", "at", "db", "comment"});
  RawStep step;
  read_place(node, step.place);
  step.words = read_words(node["raw"], context.scope);
  if (step.words.empty()) node["raw"].fail_expected("a command");
  if (node.has("reply")) {
    const Node reply = node["reply"];
    if (reply.json().is_object() && reply.has("$error")) {
      step.reply = ErrorReply{reply.only({"$error"})["$error"].text()};
    } else {
      step.reply = read_value(reply, context.scope);
    }
  }
  return step;
}

Action read_record_step(const Node& node, const StepContext&) {
  node.only({"record", "comment"});
  return RecordStep{node["record"].text()};
}

Action read_recorded_step(const Node& node, const StepContext& context) {
  node.only({"recorded", "django", "comment"});
  check_django(node, context, {"recorded"});
  RecordedStep step = read_recorded(node["recorded"], context.scope);
  if (node.has("django")) {
    step.django =
        std::make_shared<RecordedStep>(read_recorded(node["django"]["recorded"], context.scope));
    step.django->at = step.at;
  }
  return step;
}

Action read_clients_step(const Node& node, const StepContext& context) {
  node.only({"clients", "named", "django", "comment"});
  ClientsStep step;
  step.counts = read_counts(node["clients"]);
  if (node.has("named")) step.named = node["named"].text();
  check_django(node, context, {"clients"});
  if (node.has("django")) {
    step.django = std::make_shared<ClientsStep>(
        ClientsStep{.counts = read_counts(node["django"]["clients"]), .named = step.named});
  }
  return step;
}

Action read_control_step(const Node& node, const StepContext&) {
  node.only({"control", "comment"});
  ControlStep step;
  for (const auto& [server, verb] : node["control"].items()) {
    step.actions.emplace_back(server, verb.word({"kill", "restart", "stop", "cont"}));
  }
  if (step.actions.empty()) node["control"].fail_expected("a server and what happens to it");
  return step;
}

}  // namespace djcache::conformance
