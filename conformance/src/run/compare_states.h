// Two subjects must leave the same state on the same server after the same case: the first flavour
// of djcache and of each adapter is compared with the first of them all.
#pragma once

#include <map>
#include <tuple>
#include <vector>

#include "src/replay/result.h"
#include "src/run/plan.h"

namespace djcache::conformance {

class StateComparison {
 public:
  // `plan` and `results` must outlive the object.
  StateComparison(const Plan& plan, std::vector<CaseResult>& results, bool keep);

  // To be called when a run has its result. Once all runs to compare are complete, fails the
  // results whose state differs.
  void ended(std::size_t run);
  std::size_t compared() const { return compared_; }

 private:
  struct Group {
    std::vector<std::size_t> runs;  // in the order of the plan
    std::size_t missing = 0;
  };
  using Id = std::tuple<std::size_t, std::string, std::string>;  // case, serializer, server
  void compare(const Group& group);

  const Plan& plan_;
  std::vector<CaseResult>& results_;
  const bool keep_;  // the states, for a report
  std::map<Id, Group> groups_;
  std::map<std::size_t, Id> of_run_;
  std::size_t compared_ = 0;
};

}  // namespace djcache::conformance
