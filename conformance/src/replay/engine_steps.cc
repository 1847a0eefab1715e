// Performs steps about the loop, the engine with its pools and events, and the scripted peer.
#include "src/replay/compare.h"
#include "src/replay/perform.h"

namespace djcache::conformance {
namespace {

std::string show(const std::vector<std::string>& kinds) {
  std::string text;
  for (const std::string& kind : kinds) text += (text.empty() ? "" : ", ") + kind;
  return text.empty() ? "no event" : text;
}

// Checks the numbers named by the step; keeps the first one that is out of bounds.
class Counts {
 public:
  void check(const char* name, const CountBounds& bounds, std::size_t seen) {
    if (!bounds || !failed_.passed()) return;
    const std::string what = std::string(name) + " ";
    failed_ = Verdict::compare(bounds->holds(static_cast<std::int64_t>(seen)),
                               what + describe(*bounds), what + std::to_string(seen));
  }
  Verdict verdict() const { return failed_; }

 private:
  Verdict failed_;
};

// Cases number the pools of the servers.
std::optional<std::size_t> position_of(Stage& stage, std::optional<std::size_t> number) {
  if (!number || stage.servers.sentinel() == 0) return number;
  const auto pools = stage.subject->pools();
  std::size_t servers = 0;
  for (std::size_t i = 0; i < pools.size(); ++i) {
    if (!stage.is_sentinel(pools[i].endpoint) && servers++ == *number) return i;
  }
  return pools.size();
}

}  // namespace

Verdict perform(Stage& stage, const LoopStep& step) {
  if (!step.handles) {
    stage.turn(step.turns);
    return {};
  }
  const auto handles = stage.runner.handles_under_test();
  Bounds bounds = *step.handles;
  if (stage.servers.sentinel() != 0 && bounds.max > 0) bounds.max = INT64_MAX;  // its connections
  return Verdict::compare(bounds.holds(static_cast<std::int64_t>(handles.size())),
                          describe(bounds) + " handles",
                          std::to_string(handles.size()) + " handles: " + harness::format(handles));
}

Verdict perform(Stage& stage, const DisconnectStep& given) {
  DisconnectStep step = given;
  step.pool = position_of(stage, given.pool);
  auto pending = std::make_shared<Pending>();
  stage.subject->disconnect(step, pending);
  if (!step.start.empty()) {
    stage.started[step.start] = pending;
    return {};
  }
  stage.run_until([&] { return pending->ended(); });
  if (pending->state != Pending::State::value) {
    return Verdict::failed("a report", describe(*pending));
  }
  if (!pending->broken_rule.empty()) {
    return Verdict::failed("the rules of callbacks", pending->broken_rule);
  }
  if (!step.report || pending->foreign) return {};
  return judge_report(stage, *step.report, pending->report);
}

Verdict perform(Stage& stage, const PoolsStep& step) {
  auto pools = stage.subject->pools();
  std::erase_if(pools, [&](const PoolInfo& pool) { return stage.is_sentinel(pool.endpoint); });
  std::size_t connections = 0, in_flight = 0, queued = 0;
  for (const PoolInfo& pool : pools) {
    connections += pool.connections;
    in_flight += pool.in_flight;
    queued += pool.queued;
  }
  Counts counts;
  counts.check("pools", step.count, pools.size());
  counts.check("connections", step.connections, connections);
  counts.check("in flight", step.in_flight, in_flight);
  counts.check("queued", step.queued, queued);
  return counts.verdict();
}

Verdict perform(Stage& stage, const EventsStep& step) {
  stage.wait_for([&] { return stage.events.size() >= step.kinds.size(); });
  const auto seen = std::exchange(stage.events, {});
  return Verdict::compare(seen == step.kinds, show(step.kinds), show(seen));
}

Verdict perform(Stage& stage, const EngineStep& step) {
  if (step.create == stage.subject->exists()) {
    return Verdict::failed(step.create ? "no engine yet" : "an engine", "the other");
  }
  step.create ? stage.subject->create() : stage.subject->destroy();
  return {};
}

Verdict perform(Stage& stage, const PeerStep& step) {
  harness::ScriptedPeer& peer = *stage.peer;
  if (step.resume) {
    peer.resume(*step.resume);
    return {};
  }
  Verdict verdict;
  stage.wait_for([&] {
    Counts counts;
    counts.check("accepted", step.accepted, peer.accepted());
    counts.check("open", step.open, peer.open_connections());
    verdict = counts.verdict();
    if (verdict.passed() && step.finished && *step.finished != peer.finished()) {
      verdict = Verdict::failed(*step.finished ? "a finished script" : "an unfinished script",
                                peer.ok() ? "the other" : peer.problem());
    }
    return verdict.passed() || !peer.ok();
  });
  if (!peer.ok()) return Verdict::failed("what the script says", peer.problem());
  return verdict;
}

}  // namespace djcache::conformance
