// Reads steps about the loop, the engine with its pools and events, and the scripted peer.
#include "src/cases/read_step.h"

namespace djcache::conformance {

ReportBounds read_report(const Node& node) {
  node.only({"connections", "completed", "aborted", "limit_reached"});
  ReportBounds report;
  report.connections = read_optional_bounds(node, "connections");
  report.completed = read_optional_bounds(node, "completed");
  report.aborted = read_optional_bounds(node, "aborted");
  if (node.has("limit_reached")) report.limit_reached = node["limit_reached"].flag();
  return report;
}

Action read_loop_step(const Node& node, const StepContext&) {
  node.only({"loop", "comment"});
  const Node loop = node["loop"];
  loop.only({"handles", "turns"});
  LoopStep step;
  step.handles = read_optional_bounds(loop, "handles");
  if (loop.has("turns")) step.turns = static_cast<int>(loop["turns"].integer(1, 100'000));
  if (step.handles.has_value() == (step.turns > 0)) loop.fail_expected("handles or turns");
  return step;
}

Action read_disconnect_step(const Node& node, const StepContext&) {
  node.only({"disconnect", "report", "start", "comment"});
  const Node disconnect = node["disconnect"];
  disconnect.only({"mode", "limit_ms", "scope"});
  DisconnectStep step;
  if (disconnect.has("mode") && disconnect["mode"].word({"drain", "abort"}) == "abort") {
    step.options.mode = DisconnectMode::abort;
  }
  if (disconnect.has("limit_ms")) {
    step.options.limit = std::chrono::milliseconds(disconnect["limit_ms"].integer(0, 60'000));
  }
  if (disconnect.has("scope") && disconnect["scope"].is_string()) {
    disconnect["scope"].word({"engine"});
  } else if (disconnect.has("scope")) {
    const Node scope = disconnect["scope"];
    scope.only({"alias", "pool"});
    if (scope.json().size() != 1) scope.fail_expected("\"engine\", {\"alias\"} or {\"pool\"}");
    if (scope.has("alias")) step.alias = scope["alias"].text();
    if (scope.has("pool")) step.pool = static_cast<std::size_t>(scope["pool"].integer(0, 1000));
  }
  if (node.has("start")) step.start = node["start"].name();
  if (node.has("report")) {
    if (!step.start.empty()) node["report"].fail("of a started disconnect it stands at its await");
    step.report = read_report(node["report"]);
  }
  return step;
}

Action read_pools_step(const Node& node, const StepContext&) {
  node.only({"pools", "comment"});
  const Node pools = node["pools"];
  pools.only({"count", "connections", "in_flight", "queued"});
  if (pools.json().empty()) pools.fail_expected("at least one number");
  PoolsStep step;
  step.count = read_optional_bounds(pools, "count");
  step.connections = read_optional_bounds(pools, "connections");
  step.in_flight = read_optional_bounds(pools, "in_flight");
  step.queued = read_optional_bounds(pools, "queued");
  return step;
}

Action read_events_step(const Node& node, const StepContext&) {
  node.only({"events", "comment"});
  EventsStep step;
  for (const Node& kind : node["events"].elements()) {
    step.kinds.push_back(kind.word({"connected", "disconnected", "retrying"}));
  }
  return step;
}

Action read_engine_step(const Node& node, const StepContext&) {
  node.only({"engine", "comment"});
  return EngineStep{node["engine"].word({"destroy", "create"}) == "create"};
}

Action read_peer_step(const Node& node, const StepContext&) {
  node.only({"peer", "comment"});
  const Node peer = node["peer"];
  peer.only({"resume", "accepted", "finished", "open"});
  PeerStep step;
  if (peer.has("resume")) step.resume = static_cast<std::size_t>(peer["resume"].integer(0, 1000));
  step.accepted = read_optional_bounds(peer, "accepted");
  step.open = read_optional_bounds(peer, "open");
  if (peer.has("finished")) step.finished = peer["finished"].flag();
  if (peer.json().empty() || (step.resume && peer.json().size() > 1)) {
    peer.fail_expected("resume alone, or accepted, finished, open");
  }
  return step;
}

}  // namespace djcache::conformance
