// Performs steps that wait for external events, and that count producers.
#include "src/replay/perform.h"

namespace djcache::conformance {
namespace {

Verdict wait_replicated(Stage& stage, const WaitStep& step) {
  std::string problem;
  auto* master = stage.inspector({}, problem);
  auto* replica = stage.inspector({.at = step.replicated}, problem);
  if (master == nullptr || replica == nullptr) return Verdict::failed("an answer", problem);
  return Verdict::compare(wait_until_replicated(*master, *replica),
                          step.replicated + " has what the main server has", "it lags behind");
}

Verdict wait_expired(Stage& stage, const WaitStep& step) {
  std::string problem;
  auto* inspector = stage.inspector(step.place, problem);
  if (inspector == nullptr) return Verdict::failed("an answer of the server", problem);
  std::optional<std::int64_t> pttl;
  stage.wait_for(
      [&] {
        pttl = inspector->pttl(*step.expired);
        return pttl == -2;
      },
      step.limit);
  return Verdict::compare(pttl == -2, "the key is gone",
                          pttl ? "pttl " + std::to_string(*pttl) : inspector->problem());
}

}  // namespace

Verdict perform(Stage& stage, const WaitStep& step) {
  if (!step.replicated.empty()) return wait_replicated(stage, step);
  if (step.expired) return wait_expired(stage, step);
  const auto end = std::chrono::steady_clock::now() + step.time;
  stage.wait_for([end] { return std::chrono::steady_clock::now() >= end; },
                 step.time + std::chrono::seconds(5));
  return {};
}

Verdict perform(Stage& stage, const CountedStep& step) {
  for (const auto& [name, count] : step.counts) {
    const auto found = stage.counters.find(name);
    const std::int64_t seen = found == stage.counters.end() ? 0 : found->second;
    if (seen != count) {
      return Verdict::failed(name + " called " + std::to_string(count) + " times",
                             std::to_string(seen) + " times");
    }
  }
  return {};
}

}  // namespace djcache::conformance
