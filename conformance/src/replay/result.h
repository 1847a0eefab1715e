// The outcome of one case in one configuration, and its JSON form for a pipe.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "src/cases/node.h"

namespace djcache::conformance {

enum class Status : std::uint8_t { passed, failed, skipped, differs };
std::string_view to_string(Status status);

struct StepResult {
  enum class Status : std::uint8_t { passed, failed, not_applicable, not_reached };
  std::string text;
  Status status = Status::not_reached;
  std::string expected = {}, seen = {};
};

struct CaseResult {
  Status status = Status::failed;
  std::string reason = {};  // of a failure or a skip, one line
  // skipped because the case does not apply to this configuration
  bool not_applicable = false;
  std::string known = {}, source = {};  // of a difference: the reason, and where it is documented
  bool diverged = false;                // behaved as Django where djcache deliberately differs
  std::vector<StepResult> steps = {};   // of a failure: all steps; otherwise empty
  std::size_t steps_not_applicable = 0;
  std::int64_t milliseconds = 0;
  Json state = Json::array();  // of the servers after the last step
};

Json to_json(const CaseResult& result);
CaseResult result_from_json(const Json& json);

}  // namespace djcache::conformance
