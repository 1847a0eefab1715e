// Reports of a run. Each writer takes the plan, and the results in the order of the plan.
#pragma once

#include <chrono>
#include <string>
#include <utility>
#include <vector>

#include "src/replay/result.h"
#include "src/run/plan.h"

namespace djcache::conformance {

struct Totals {
  std::size_t passed = 0, failed = 0, skipped = 0;
  std::size_t differs = 0;         // known differences
  std::size_t not_applicable = 0;  // part of `skipped`: does not apply to the configuration
};
Totals count(const std::vector<CaseResult>& results);
std::string closing_line(const Totals& totals);  // "312 passed, 0 failed, 4 skipped"

// Metadata of a run, for display. Each may be "".
struct Stamp {
  std::string date = {}, commit = {}, compiler = {}, duration = {};
};

// --- summary.cc: a line per subject to quote, and badges as (file name, SVG).
std::vector<std::string> summary(const Plan& plan, const std::vector<CaseResult>& results);
std::vector<std::pair<std::string, std::string>> badges(const Plan& plan,
                                                        const std::vector<CaseResult>& results);
// --- table.cc: failures with their steps, the reasons for skips (if verbose, with the skipped
// cases), and one line per group.
void print_table(const Plan& plan, const std::vector<CaseResult>& results, bool verbose);
// --- progress.cc: one changing line on a terminal, elsewhere a line every ten seconds; if verbose,
// one line per case.
class ProgressLine {
 public:
  ProgressLine(std::size_t total, bool verbose);
  ~ProgressLine();
  void step(const std::string& name, const CaseResult& result);

 private:
  std::size_t total_, done_ = 0, failed_ = 0;
  bool verbose_, terminal_;
  std::chrono::steady_clock::time_point told_ = std::chrono::steady_clock::now();
};
// --- These return the content of a file.
std::string junit_report(const Plan& plan, const std::vector<CaseResult>& results);
std::string html_report(const Plan& plan, const std::vector<CaseResult>& results,
                        const Stamp& stamp);
// Includes the state of the servers after each case if requested, which is most of the file.
std::string json_report(const Plan& plan, const std::vector<CaseResult>& results, bool with_state);
// --- ctest_list.cc: add_test commands for `program`, one per case and configuration that applies.
std::string ctest_list(const Plan& plan, const Options& options, const std::string& program);

// Escapes & < > " and control characters; invalid UTF-8 becomes a question mark.
std::string escape_xml(std::string_view text);

}  // namespace djcache::conformance
