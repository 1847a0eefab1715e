#include "src/replay/replay.h"

#include <algorithm>
#include <chrono>

#include "src/replay/perform.h"
#include "src/replay/server_state.h"
#include "src/subject/adapter_subject.h"

namespace djcache::conformance {
namespace {

void fail(StepResult& step, std::size_t number, CaseResult& result) {
  step.status = StepResult::Status::failed;
  result.status = Status::failed;
  result.reason = "step " + std::to_string(number) + ", " + step.text + ": expected " +
                  step.expected + ", saw " + step.seen;
}

void lacks(const Stage& stage, const std::string& what, CaseResult& result) {
  result.status = Status::skipped;
  result.reason = stage.configuration.flavour->hello->name + " does not support " + what;
}

// True if the case declares a divergence, and Django behaved as djcache must in every step.
bool divergence_unseen(const Stage& stage) {
  const Hello* hello = stage.configuration.flavour->hello;
  return hello != nullptr && hello->is_django && stage.c.divergence && !stage.diverged;
}

void play(Stage& stage, const Case& c, CaseResult& result) {
  const Trouble& trouble = stage.subject->trouble();
  if (!trouble.unsupported.empty()) return lacks(stage, trouble.unsupported, result);
  for (const Step& step : c.steps) result.steps.push_back({.text = step.text});
  for (std::size_t i = 0; i < c.steps.size(); ++i) {
    const Verdict verdict =
        std::visit([&](const auto& action) { return perform(stage, action); }, c.steps[i].action);
    StepResult& step = result.steps[i];
    step.status = verdict.status;
    step.expected = verdict.expected;
    step.seen = verdict.seen;
    if (verdict.status == StepResult::Status::not_applicable) ++result.steps_not_applicable;
    if (!trouble.unsupported.empty()) return lacks(stage, trouble.unsupported, result);
    if (!trouble.broken.empty()) {
      step.expected = "an answer of PROTOCOL.md";
      step.seen = trouble.broken;
      return fail(step, i + 1, result);
    }
    if (verdict.status == StepResult::Status::failed) return fail(step, i + 1, result);
  }
  result.diverged = stage.diverged;
  if (!divergence_unseen(stage)) return;
  result.status = Status::failed;
  result.reason = "the case has a divergence, and Django does what djcache must do";
}

void tear_down(Stage& stage, CaseResult& result) {
  const std::string problem = stage.teardown();
  if (problem.empty()) return;
  StepResult::Status failed = StepResult::Status::failed;
  result.steps.push_back({"teardown", failed, "nothing left", problem});
  if (result.status == Status::failed) return;
  result.status = Status::failed;
  result.reason = "teardown: " + problem;
}

void stage_and_play(const Case& c, const Configuration& configuration, Servers& servers,
                    bool with_state, CaseResult& result) {
  Stage stage(c, configuration, servers);
  if (!stage.problem().empty()) {
    result.status = Status::failed;
    result.reason = stage.problem();
    return;
  }
  play(stage, c, result);
  if (with_state && stage.stopped.empty()) result.state = server_state(servers);
  tear_down(stage, result);
  if (result.status == Status::passed) result.steps.clear();
}

std::string one_line(std::string text) {
  std::replace(text.begin(), text.end(), '\n', ' ');
  return text;
}

}  // namespace

std::string not_applicable(const Case& c, const Configuration& configuration) {
  const std::string backend(configuration.backend->name), flavour(configuration.flavour->name);
  if (const auto found = c.not_for_backend.find(backend); found != c.not_for_backend.end()) {
    return "not for " + backend + ": " + found->second;
  }
  const Hello* hello = configuration.flavour->hello;
  if (hello != nullptr) {
    if (const std::string reason = not_for_adapters(c); !reason.empty()) return reason;
  }
  if (const auto found = c.not_for_flavour.find(flavour); found != c.not_for_flavour.end()) {
    return "not for " + flavour + ": " + found->second;
  }
  const auto& names = c.serializers;
  const auto is_for = [&names](std::string_view name) {
    return std::find(names.begin(), names.end(), name) != names.end();
  };
  // A backend's own serializer preserves every value, as msgpack and pickle do.
  const bool own = configuration.serializer == own_serializer;
  if (own ? !is_for("msgpack") && !is_for("pickle") : !is_for(configuration.serializer)) {
    return "not for the serializer " + configuration.serializer;
  }
  return {};
}

CaseResult replay(const Case& c, const Configuration& configuration, Servers& servers,
                  bool with_state) {
  const auto begin = std::chrono::steady_clock::now();
  CaseResult result;
  result.status = Status::passed;
  const std::string away = not_applicable(c, configuration);
  if (!away.empty() || !c.skip.empty()) {
    result.status = Status::skipped;
    result.reason = away.empty() ? c.skip : away;
    result.not_applicable = !away.empty();
    return result;
  }
  if (const Hello* hello = configuration.flavour->hello; hello != nullptr) {
    const std::string what = not_supported(c, *hello);
    if (!what.empty()) {
      result.status = Status::skipped;
      result.reason = hello->name + " does not support " + what;
      return result;
    }
  }
  const Prepared prepared = servers.prepare(c);
  if (!prepared.problem.empty() || !prepared.skip.empty()) {
    result.status = prepared.problem.empty() ? Status::skipped : Status::failed;
    result.reason = prepared.problem.empty() ? prepared.skip : prepared.problem;
  } else {
    stage_and_play(c, configuration, servers, with_state, result);
  }
  servers.release();
  result.reason = one_line(std::move(result.reason));
  const auto time = std::chrono::steady_clock::now() - begin;
  result.milliseconds = std::chrono::duration_cast<std::chrono::milliseconds>(time).count();
  return result;
}

}  // namespace djcache::conformance
