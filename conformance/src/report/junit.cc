// JUnit XML for CI systems: one testsuite per configuration.
#include "src/report/report.h"

namespace djcache::conformance {
namespace {

std::string seconds(std::int64_t milliseconds) {
  char text[32];
  std::snprintf(text, sizeof text, "%.3f", static_cast<double>(milliseconds) / 1000);
  return text;
}

std::string failure_text(const CaseResult& result) {
  std::string text;
  for (std::size_t i = 0; i < result.steps.size(); ++i) {
    const StepResult& step = result.steps[i];
    text += std::to_string(i + 1) + ". " + step.text + "\n";
    if (step.status != StepResult::Status::failed) continue;
    text += "   expected: " + step.expected + "\n   seen:     " + step.seen + "\n";
  }
  return text;
}

std::string testcase(const Case& c, const Configuration& configuration, const CaseResult& result) {
  std::string xml = "    <testcase classname=\"" + escape_xml(configuration.name()) + "\" name=\"" +
                    escape_xml(c.id) + "\" time=\"" + seconds(result.milliseconds) + "\"";
  if (result.status == Status::passed) return xml + "/>\n";
  const std::string reason = " message=\"" + escape_xml(result.reason) + "\"";
  if (result.status == Status::differs) {
    return xml + "><skipped message=\"differs: " + escape_xml(result.known) + "\"/></testcase>\n";
  }
  if (result.status == Status::skipped) return xml + "><skipped" + reason + "/></testcase>\n";
  return xml + "><failure" + reason + ">" + escape_xml(c.claim + "\n" + failure_text(result)) +
         "</failure></testcase>\n";
}

}  // namespace

std::string junit_report(const Plan& plan, const std::vector<CaseResult>& results) {
  std::string xml = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n";
  for (std::size_t k = 0; k < plan.configurations.size(); ++k) {
    const Configuration& configuration = plan.configurations[k];
    std::vector<CaseResult> mine;
    std::string body;
    std::int64_t milliseconds = 0;
    for (std::size_t i = 0; i < results.size(); ++i) {
      if (plan.runs[i].configuration != k) continue;
      mine.push_back(results[i]);
      milliseconds += results[i].milliseconds;
      body += testcase(plan.cases[plan.runs[i].case_index], configuration, results[i]);
    }
    const Totals totals = count(mine);
    xml += "  <testsuite name=\"" + escape_xml(configuration.name()) + "\" tests=\"" +
           std::to_string(mine.size()) + "\" failures=\"" + std::to_string(totals.failed) +
           "\" skipped=\"" + std::to_string(totals.skipped) + "\" time=\"" + seconds(milliseconds) +
           "\">\n    <properties><property name=\"server\" value=\"" +
           escape_xml(configuration.server.title) + "\"/></properties>\n" + body +
           "  </testsuite>\n";
  }
  return xml + "</testsuites>\n";
}

}  // namespace djcache::conformance
