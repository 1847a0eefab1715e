// The table of verbs, and repeat.
#include "src/cases/read_step.h"

#include <map>

namespace djcache::conformance {
namespace {

using Reader = Action (*)(const Node&, const StepContext&);

const std::map<std::string, Reader, std::less<>>& verbs() {
  static const std::map<std::string, Reader, std::less<>> all = {
      {"call", &read_call_step},
      {"await", &read_await_step},
      {"cancel", &read_cancel_step},
      {"server", &read_server_step},
      {"raw", &read_raw_step},
      {"record", &read_record_step},
      {"recorded", &read_recorded_step},
      {"clients", &read_clients_step},
      {"control", &read_control_step},
      {"loop", &read_loop_step},
      {"disconnect", &read_disconnect_step},
      {"pools", &read_pools_step},
      {"events", &read_events_step},
      {"engine", &read_engine_step},
      {"peer", &read_peer_step},
      {"wait", &read_wait_step},
      {"counted", &read_counted_step},
  };
  return all;
}

std::string verb_names() {
  std::string names;
  for (const auto& [name, reader] : verbs()) names += name + ", ";
  return names + "repeat";
}

std::string verb_of(const Node& node) {
  std::string verb;
  for (const auto& [field, value] : node.items()) {
    if (field != "repeat" && verbs().count(field) == 0) continue;
    if (!verb.empty()) node.fail("two verbs in one step, " + verb + " and " + field);
    verb = field;
  }
  if (verb.empty()) node.fail("no verb in this step; known: " + verb_names());
  return verb;
}

std::string text_of(const Node& node, const Action& action) {
  if (const auto* call = std::get_if<CallStep>(&action)) {
    return (call->start.empty() ? "" : "start " + call->start + ": ") + call->call.text;
  }
  Json shown = node.json();
  shown.erase("comment");
  std::string text = shown.dump(-1, ' ', false, Json::error_handler_t::replace);
  if (text.size() > 300) text = text.substr(0, 297) + "...";
  return text;
}

void read_repeat(const Node& step, const StepContext& context, std::vector<Step>& steps) {
  step.only({"repeat", "comment"});
  const Node repeat = step["repeat"];
  repeat.only({"times", "steps"}).need({"times", "steps"});
  if (context.scope.index) repeat.fail("a repeat within a repeat");
  const std::int64_t times = repeat["times"].integer(1, 10'000);
  if (repeat["steps"].elements().empty()) repeat["steps"].fail_expected("at least one step");
  for (std::int64_t i = 0; i < times; ++i) {
    StepContext inner = context;
    inner.scope.index = i;
    const std::size_t first = steps.size();
    for (const Node& node : repeat["steps"].elements()) read_step(node, inner, steps);
    for (std::size_t s = first; s < steps.size(); ++s) {
      steps[s].text += "  (" + std::to_string(i + 1) + " of " + std::to_string(times) + ")";
    }
  }
}

}  // namespace

void read_step(const Node& node, const StepContext& context, std::vector<Step>& steps) {
  const std::string verb = verb_of(node);
  if (node.has("comment")) (void)node["comment"].text();
  if (verb == "repeat") return read_repeat(node, context, steps);
  Action action = verbs().at(verb)(node, context);
  std::string text = text_of(node, action);
  steps.push_back({std::move(text), node.path(), std::move(action)});
}

Bounds read_bounds(const Node& node) {
  if (node.json().is_number()) {
    const std::int64_t exact = node.integer(0, INT64_MAX);
    return {exact, exact};
  }
  node.only({"min", "max"});
  Bounds bounds;
  if (node.has("min")) bounds.min = node["min"].integer(0, INT64_MAX);
  if (node.has("max")) bounds.max = node["max"].integer(0, INT64_MAX);
  if (node.json().empty() || bounds.min > bounds.max) node.fail_expected("min <= max");
  return bounds;
}

CountBounds read_optional_bounds(const Node& node, std::string_view field) {
  if (!node.has(field)) return {};
  return read_bounds(node[field]);
}

void read_place(const Node& node, Place& place) {
  if (node.has("at")) place.at = node["at"].text();
  if (node.has("db")) place.db = static_cast<int>(node["db"].integer(0, 15));
}

void check_django(const Node& step, const StepContext& context,
                  std::initializer_list<std::string_view> fields) {
  if (!step.has("django")) return;
  const Node django = step["django"];
  if (!context.diverges)
    django.fail("only a case with a \"divergence\" says what Django does instead");
  django.only(fields);
  if (django.json().empty()) django.fail_expected("what Django gives instead");
}

}  // namespace djcache::conformance
