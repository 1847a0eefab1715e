#include "src/replay/result.h"

namespace djcache::conformance {

std::string_view to_string(Status status) {
  switch (status) {
    case Status::passed:
      return "passed";
    case Status::failed:
      return "failed";
    case Status::skipped:
      return "skipped";
    case Status::differs:
      return "differs";
  }
  return "";
}

Json to_json(const CaseResult& result) {
  Json steps = Json::array();
  for (const StepResult& step : result.steps) {
    steps.push_back({static_cast<int>(step.status), step.text, step.expected, step.seen});
  }
  return {{"status", static_cast<int>(result.status)},
          {"reason", result.reason},
          {"not_applicable", result.not_applicable},
          {"diverged", result.diverged},
          {"steps", std::move(steps)},
          {"steps_not_applicable", result.steps_not_applicable},
          {"milliseconds", result.milliseconds},
          {"state", result.state}};
}

CaseResult result_from_json(const Json& json) {
  CaseResult result;
  result.status = static_cast<Status>(json.at("status").get<int>());
  result.reason = json.at("reason").get<std::string>();
  result.not_applicable = json.at("not_applicable").get<bool>();
  result.diverged = json.at("diverged").get<bool>();
  for (const Json& step : json.at("steps")) {
    result.steps.push_back({step.at(1).get<std::string>(),
                            static_cast<StepResult::Status>(step.at(0).get<int>()),
                            step.at(2).get<std::string>(), step.at(3).get<std::string>()});
  }
  result.steps_not_applicable = json.at("steps_not_applicable").get<std::size_t>();
  result.milliseconds = json.at("milliseconds").get<std::int64_t>();
  result.state = json.at("state");
  return result;
}

}  // namespace djcache::conformance
