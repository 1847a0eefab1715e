// Reads steps that wait for external events, and that count producers.
#include "src/cases/read_step.h"

namespace djcache::conformance {

Action read_wait_step(const Node& node, const StepContext& context) {
  node.only({"wait", "comment"});
  const Node wait = node["wait"];
  wait.only({"replicated", "expired", "ms", "limit_ms", "at", "db"});
  const int kinds = wait.has("replicated") + wait.has("expired") + wait.has("ms");
  if (kinds != 1) wait.fail_expected("exactly one of replicated, expired and ms");
  WaitStep step;
  if (wait.has("replicated")) step.replicated = wait.only({"replicated"})["replicated"].text();
  if (wait.has("ms")) {
    step.time = std::chrono::milliseconds(wait.only({"ms"})["ms"].integer(1, 10'000));
  }
  if (wait.has("expired")) step.expired = read_word(wait["expired"], context.scope);
  if (wait.has("limit_ms")) {
    step.limit = std::chrono::milliseconds(wait["limit_ms"].integer(1, 30'000));
  }
  read_place(wait, step.place);
  return step;
}

Action read_counted_step(const Node& node, const StepContext&) {
  node.only({"counted", "comment"});
  CountedStep step;
  for (const auto& [name, count] : node["counted"].items()) {
    step.counts[name] = count.integer(0, INT64_MAX);
  }
  if (step.counts.empty()) node["counted"].fail_expected("at least one counter");
  return step;
}

}  // namespace djcache::conformance
