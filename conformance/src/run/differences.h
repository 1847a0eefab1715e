// The differences of a subject that are known, each with its reason. A listed case that fails
// differs; one that does not fail any more fails the run, so that the list stays true.
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
  std::set<std::string> sometimes{};  // of these: may differ or not
};

// Throws FileError.
std::vector<Difference> read_differences(const std::string& file);
// Throws FileError if one names a case that does not exist.
void check_differences(const std::vector<Difference>& differences, const std::vector<Case>& cases);
void apply_differences(const std::vector<Difference>& differences, const Plan& plan,
                       std::vector<CaseResult>& results);

}  // namespace djcache::conformance
