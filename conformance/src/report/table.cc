// The report on the terminal.
#include <cstdio>
#include <map>

#include "src/report/html_parts.h"

namespace djcache::conformance {
namespace {

void print_step(std::size_t number, const StepResult& step) {
  const char* mark = step.status == StepResult::Status::passed           ? "ok  "
                     : step.status == StepResult::Status::failed         ? "FAIL"
                     : step.status == StepResult::Status::not_applicable ? "n/a "
                                                                         : "-   ";
  std::printf("    %s %2zu. %s\n", mark, number, step.text.c_str());
  if (step.status != StepResult::Status::failed) return;
  std::printf("         expected: %s\n", step.expected.c_str());
  std::printf("         seen:     %s\n", step.seen.c_str());
}

void print_failure(const Case& c, const Configuration& configuration, const CaseResult& result) {
  std::printf("\nFAILED %s  [%s, %s]\n", c.id.c_str(), configuration.name().c_str(),
              configuration.server.title.c_str());
  std::printf("    %s\n", c.claim.c_str());
  for (const std::string& source : c.sources) std::printf("    %s\n", source.c_str());
  if (result.steps.empty()) std::printf("    %s\n", result.reason.c_str());
  for (std::size_t i = 0; i < result.steps.size(); ++i) print_step(i + 1, result.steps[i]);
}

void print_failures(const Plan& plan, const std::vector<CaseResult>& results) {
  for (std::size_t i = 0; i < results.size(); ++i) {
    if (results[i].status != Status::failed) continue;
    print_failure(plan.cases[plan.runs[i].case_index],
                  plan.configurations[plan.runs[i].configuration], results[i]);
  }
}

using Names = std::vector<std::string>;

void print_reasons(const char* title, const std::map<std::string, Names>& by_reason, bool verbose) {
  if (by_reason.empty()) return;
  std::printf("\n%s%s:\n", title, verbose ? "" : " (-v names them)");
  for (const auto& [reason, names] : by_reason) {
    std::printf("  %4zu  %s\n", names.size(), reason.c_str());
    if (!verbose) continue;
    for (const std::string& name : names) std::printf("          %s\n", name.c_str());
  }
}

// Cases that do not apply are only counted, unless verbose: their reasons call for no action.
void print_skips(const Plan& plan, const std::vector<CaseResult>& results, bool verbose) {
  std::map<std::string, Names> skipped, away, differs;
  std::size_t not_applicable = 0;
  for (std::size_t i = 0; i < results.size(); ++i) {
    const CaseResult& result = results[i];
    if (result.status != Status::skipped && result.status != Status::differs) continue;
    not_applicable += result.not_applicable;
    auto& kind = result.status == Status::differs ? differs
                 : result.not_applicable          ? away
                                                  : skipped;
    kind[result.status == Status::differs ? result.known : result.reason].push_back(
        plan.cases[plan.runs[i].case_index].id + " [" +
        plan.configurations[plan.runs[i].configuration].name() + "]");
  }
  print_reasons("Differs as listed", differs, verbose);
  print_reasons("Skipped", skipped, verbose);
  if (verbose) return print_reasons("Not applicable", away, verbose);
  if (not_applicable > 0) std::printf("\n%zu runs not applicable (-v: why)\n", not_applicable);
}

void print_groups(const Plan& plan, const std::vector<CaseResult>& results) {
  struct Line {
    Totals totals;
    std::int64_t milliseconds = 0;
  };
  std::map<std::string, Line> lines;
  for (std::size_t i = 0; i < results.size(); ++i) {
    Line& line = lines[plan.cases[plan.runs[i].case_index].group];
    add(line.totals, results[i]);
    line.milliseconds += results[i].milliseconds;
  }
  std::printf("\n%-28s %7s %7s %7s %7s %9s\n", "group", "passed", "failed", "differ", "skipped",
              "ms");
  for (const auto& [group, line] : lines) {
    const Totals& t = line.totals;
    std::printf("%-28s %7zu %7zu %7zu %7zu %9lld\n", group.c_str(), t.passed, t.failed, t.differs,
                t.skipped - t.not_applicable, static_cast<long long>(line.milliseconds));
  }
}

}  // namespace

Totals count(const std::vector<CaseResult>& results) {
  Totals totals;
  for (const CaseResult& result : results) {
    add(totals, result);
  }
  return totals;
}

std::string closing_line(const Totals& totals) {
  return std::to_string(totals.passed) + " passed, " + std::to_string(totals.failed) + " failed, " +
         std::to_string(totals.skipped) + " skipped" +
         (totals.differs > 0 ? ", " + std::to_string(totals.differs) + " differ as listed" : "");
}

void print_table(const Plan& plan, const std::vector<CaseResult>& results, bool verbose) {
  print_failures(plan, results);
  print_skips(plan, results, verbose);
  print_groups(plan, results);
  std::printf("\n");
  for (const Configuration& configuration : plan.configurations) {
    std::printf("%s: %s\n", configuration.name().c_str(), configuration.server.title.c_str());
  }
  std::printf("\n");
  for (const std::string& line : summary(plan, results)) std::printf("%s\n", line.c_str());
}

}  // namespace djcache::conformance
