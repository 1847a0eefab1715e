#include "src/replay/replay.h"

#include <algorithm>
#include <chrono>

#include "src/replay/perform.h"
#include "src/replay/server_state.h"

namespace djcache::conformance {
namespace {

void play(Stage& stage, const Case& c, CaseResult& result) {
  for (const Step& step : c.steps) result.steps.push_back({.text = step.text});
  for (std::size_t i = 0; i < c.steps.size(); ++i) {
    const Verdict verdict =
        std::visit([&](const auto& action) { return perform(stage, action); }, c.steps[i].action);
    StepResult& step = result.steps[i];
    step.status = verdict.status;
    step.expected = verdict.expected;
    step.seen = verdict.seen;
    if (verdict.status == StepResult::Status::not_applicable) ++result.steps_not_applicable;
    if (verdict.status != StepResult::Status::failed) continue;
    result.status = Status::failed;
    result.reason = "step " + std::to_string(i + 1) + ", " + step.text + ": expected " +
                    verdict.expected + ", saw " + verdict.seen;
    return;
  }
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
  if (const auto found = c.not_for_flavour.find(flavour); found != c.not_for_flavour.end()) {
    return "not for " + flavour + ": " + found->second;
  }
  const auto& names = c.serializers;
  const auto is_for = [&names](std::string_view name) {
    return std::find(names.begin(), names.end(), name) != names.end();
  };
  // A backend's own serializer preserves every value, like those two.
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
