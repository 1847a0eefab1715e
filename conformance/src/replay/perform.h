// Performs steps, one overload per kind; they are in the *_steps.cc of their group.
#pragma once

#include "src/adapter/adapter.h"
#include "src/replay/compare.h"
#include "src/replay/result.h"
#include "src/replay/stage.h"

namespace djcache::conformance {

// What a step expected and found; the texts are for display.
struct Verdict {
  StepResult::Status status = StepResult::Status::passed;
  std::string expected = {}, seen = {};

  static Verdict compare(bool equal, std::string expected, std::string seen) {
    return {equal ? StepResult::Status::passed : StepResult::Status::failed, std::move(expected),
            std::move(seen)};
  }
  static Verdict failed(std::string expected, std::string seen) {
    return compare(false, std::move(expected), std::move(seen));
  }
  bool passed() const { return status == StepResult::Status::passed; }
};

// The verdict that applies to the subject: djcache is judged by djcache's expectation, Django by
// Django's, other clients by either. Records a divergence.
inline Verdict judge(Stage& stage, const Verdict& own, const std::optional<Verdict>& django) {
  const Hello* hello = stage.configuration.flavour->hello;
  if (hello == nullptr || !django) return own;
  stage.diverged = stage.diverged || !own.passed();
  return own.passed() && !hello->is_django ? own : *django;
}

inline Verdict judge_report(Stage& stage, const ReportBounds& expected,
                            const DisconnectReport& seen) {
  const ReportBounds bounds = stage.servers.sentinel() == 0 ? expected : at_least(expected);
  return Verdict::compare(matches(bounds, seen), describe(bounds), describe(seen));
}

// --- call_steps.cc
Verdict perform(Stage& stage, const CallStep& step);
Verdict perform(Stage& stage, const AwaitStep& step);
Verdict perform(Stage& stage, const CancelStep& step);
// --- server_steps.cc
Verdict perform(Stage& stage, const ServerStep& step);
Verdict perform(Stage& stage, const RawStep& step);
// --- traffic_steps.cc
Verdict perform(Stage& stage, const RecordStep& step);
Verdict perform(Stage& stage, const RecordedStep& step);
Verdict perform(Stage& stage, const ClientsStep& step);
Verdict perform(Stage& stage, const ControlStep& step);
// --- engine_steps.cc
Verdict perform(Stage& stage, const LoopStep& step);
Verdict perform(Stage& stage, const DisconnectStep& step);
Verdict perform(Stage& stage, const PoolsStep& step);
Verdict perform(Stage& stage, const EventsStep& step);
Verdict perform(Stage& stage, const EngineStep& step);
Verdict perform(Stage& stage, const PeerStep& step);
// --- wait_steps.cc
Verdict perform(Stage& stage, const WaitStep& step);
Verdict perform(Stage& stage, const CountedStep& step);

}  // namespace djcache::conformance
