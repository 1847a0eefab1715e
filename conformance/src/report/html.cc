// One self-contained page: failures with their steps, skips with their reasons, the whole matrix.
#include <map>

#include <djcache/version.h>

#include "src/report/html_style.h"
#include "src/report/report.h"

namespace djcache::conformance {
namespace {

std::string element(const std::string& tag, const std::string& text, const std::string& css = "") {
  const std::string attribute = css.empty() ? "" : " class=\"" + css + "\"";
  return "<" + tag + attribute + ">" + escape_xml(text) + "</" + tag + ">";
}

std::string step_row(std::size_t number, const StepResult& step) {
  using S = StepResult::Status;
  const std::string css = step.status == S::failed   ? "fail"
                          : step.status == S::passed ? ""
                                                     : "idle";
  const std::string mark = step.status == S::failed           ? "✗"
                           : step.status == S::passed         ? "✓"
                           : step.status == S::not_applicable ? "n/a"
                                                              : "·";
  std::string html = "<li class=\"" + css + "\"><span title=\"step " + std::to_string(number) +
                     "\">" + mark + "</span><div>" + element("div", step.text, "step");
  if (step.status == S::failed) {
    html += "<dl>" + element("dt", "expected") + element("dd", step.expected) +
            element("dt", "seen") + element("dd", step.seen) + "</dl>";
  }
  return html + "</div></li>\n";
}

std::string join_sources(const Case& c) {
  std::string text;
  for (const std::string& source : c.sources) text += (text.empty() ? "" : " · ") + source;
  return text;
}

std::string failure(const Case& c, const Configuration& configuration, const CaseResult& result) {
  std::string html =
      "<article>" + element("h3", c.id) + element("p", c.claim) +
      element("p", configuration.name() + " · " + configuration.server.title, "soft") +
      element("p", join_sources(c), "soft");
  if (result.steps.empty()) return html + element("pre", result.reason) + "</article>\n";
  html += "<ol class=\"steps\">\n";
  for (std::size_t i = 0; i < result.steps.size(); ++i) html += step_row(i + 1, result.steps[i]);
  return html + "</ol></article>\n";
}

std::string failures(const Plan& plan, const std::vector<CaseResult>& results) {
  std::string html;
  for (std::size_t i = 0; i < results.size(); ++i) {
    if (results[i].status != Status::failed) continue;
    html += failure(plan.cases[plan.runs[i].case_index],
                    plan.configurations[plan.runs[i].configuration], results[i]);
  }
  return html.empty() ? "" : element("h2", "Failures") + html;
}

std::string skips(const Plan& plan, const std::vector<CaseResult>& results) {
  std::map<std::string, std::pair<std::size_t, std::string>> by_reason;
  for (std::size_t i = 0; i < results.size(); ++i) {
    if (results[i].status != Status::skipped) continue;
    auto& [number, names] = by_reason[results[i].reason];
    ++number;
    names += (names.empty() ? "" : ", ") + plan.cases[plan.runs[i].case_index].id;
  }
  if (by_reason.empty()) return {};
  std::string html = element("h2", "Skipped, and why");
  for (const auto& [reason, entry] : by_reason) {
    html += "<details><summary>" + element("b", reason) +
            element("span", std::to_string(entry.first) + " skipped", "cell skipped") +
            "</summary><p class=\"soft\" style=\"padding:0 .9rem .6rem\">" +
            escape_xml(entry.second) + "</p></details>\n";
  }
  return html;
}

std::string cell(const CaseResult& result) {
  const std::string word(to_string(result.status));
  const std::string mark = result.status == Status::passed   ? "✓ "
                           : result.status == Status::failed ? "✗ "
                                                             : "– ";
  return "<td><span class=\"cell " + word + "\" title=\"" + escape_xml(result.reason) + "\">" +
         mark + word + "</span></td>";
}

// The runs of one group, case by case.
struct Group {
  Totals totals;
  std::string failing, others;  // rows
};

std::string group_details(const std::string& name, const Group& group, const std::string& head) {
  const auto chip = [](std::size_t number, const std::string& word) {
    return number == 0 ? "" : element("span", std::to_string(number) + " " + word, "cell " + word);
  };
  return std::string("<details") + (group.totals.failed > 0 ? " open" : "") + "><summary>" +
         element("b", name) + chip(group.totals.failed, "failed") +
         chip(group.totals.passed, "passed") + chip(group.totals.skipped, "skipped") +
         "</summary><div class=\"scroll\"><table><thead><tr><th>case</th>" + head +
         "</tr></thead><tbody>\n" + group.failing + group.others +
         "</tbody></table></div></details>\n";
}

std::string matrix(const Plan& plan, const std::vector<CaseResult>& results) {
  std::string head;
  for (const Configuration& k : plan.configurations) {
    head += "<th>" +
            escape_xml(std::string(k.backend->name) + " · " + std::string(k.flavour->name)) +
            "<br>" + escape_xml(k.serializer + " · " + k.server.title) + "</th>";
  }
  std::map<std::string, Group> groups;
  const std::size_t width = plan.configurations.size();
  for (std::size_t c = 0; c < plan.cases.size(); ++c) {
    Group& group = groups[plan.cases[c].group];
    std::string row = "<tr><td>" + element("code", plan.cases[c].id) + "<br>" +
                      element("span", plan.cases[c].claim, "soft") + "</td>";
    bool fails = false;
    for (std::size_t k = 0; k < width; ++k) {
      const CaseResult& result = results[c * width + k];
      row += cell(result);
      fails = fails || result.status == Status::failed;
      group.totals.passed += result.status == Status::passed;
      group.totals.failed += result.status == Status::failed;
      group.totals.skipped += result.status == Status::skipped;
    }
    (fails ? group.failing : group.others) += row + "</tr>\n";
  }
  std::string failing, others;
  for (const auto& [name, group] : groups) {
    (group.totals.failed > 0 ? failing : others) += group_details(name, group, head);
  }
  return element("h2", "Matrix: case × backend × flavour × serializer × server") + failing + others;
}

std::string head(const Plan& plan, const Totals& totals) {
  const std::string title = totals.failed > 0
                                ? "Conformance: " + std::to_string(totals.failed) + " failed"
                                : "Conformance: all passed";
  std::string html =
      "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" "
      "content=\"width=device-width, initial-scale=1\"><title>" +
      escape_xml(title) + "</title><style>" + html_style + "</style></head><body>\n" +
      element("h1", title) +
      element("p",
              std::to_string(plan.cases.size()) + " cases in " +
                  std::to_string(plan.configurations.size()) +
                  " configurations · djcache " DJCACHE_VERSION_STRING,
              "soft");
  html += "<ul class=\"totals\">";
  if (totals.failed > 0) html += element("li", std::to_string(totals.failed) + " failed", "failed");
  html += element("li", std::to_string(totals.passed) + " passed", "passed");
  html += element("li", std::to_string(totals.skipped) + " skipped", "skipped");
  return html + "</ul>\n";
}

}  // namespace

std::string html_report(const Plan& plan, const std::vector<CaseResult>& results) {
  return head(plan, count(results)) + failures(plan, results) + matrix(plan, results) +
         skips(plan, results) + "</body></html>\n";
}

}  // namespace djcache::conformance
