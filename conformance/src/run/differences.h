// The known differences of a subject, each with its reason. A listed case that fails is reported as
// a difference; a listed case that passes fails the run, so that the list stays accurate.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "src/replay/result.h"
#include "src/run/plan.h"

namespace djcache::conformance {

struct Difference {
  std::string reason = {}, source = {};
  std::string flavour = {};           // "django.async"; "": all
  std::set<std::string> cases{};      // "incr.keeps_the_ttl redis", or without the backend
  std::set<std::string> sometimes{};  // of these: may pass as well
};

// Throws FileError.
std::vector<Difference> read_differences(const std::string& file);
// Throws FileError if a difference names a case that does not exist.
void check_differences(const std::vector<Difference>& differences, const std::vector<Case>& cases);
void apply_differences(const std::vector<Difference>& differences, const Plan& plan,
                       std::vector<CaseResult>& results);

}  // namespace djcache::conformance
