// The HTML report, one self-contained page: results of each subject by group, failures by case,
// known differences by reason, the whole matrix, skips with their reasons.
#include <cstdio>
#include <map>

#include <djcache/version.h>

#include "src/report/html_parts.h"
#include "src/report/html_style.h"

namespace djcache::conformance {
namespace {

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

// A link if the source is public: Django's tests and its documentation.
std::string source_link(const std::string& source) {
  const auto after = [&source](std::string_view prefix) {
    return source.rfind(prefix, 0) == 0 ? source.substr(prefix.size()) : std::string();
  };
  if (std::string path = after("django: "); path.find(".py") != path.npos) {
    return link("https://github.com/django/django/blob/4.2/" + path.substr(0, path.find(".py") + 3),
                source);
  }
  if (std::string page = after("docs: "); !page.empty()) {
    const auto hash = page.find('#');
    page.insert(hash == page.npos ? page.size() : hash, "/");
    return link("https://docs.djangoproject.com/en/4.2/" + page, source);
  }
  if (const std::string ticket = after("ticket: "); !ticket.empty()) {
    return link("https://code.djangoproject.com/ticket/" + ticket, source);
  }
  return escape_xml(source);
}

std::string file_name(const std::string& path) { return path.substr(path.rfind('/') + 1); }

// A failed outcome of one case; configurations with the same outcome are shown once.
struct Outcome {
  const CaseResult* result = nullptr;
  std::string configurations = {};
};

std::string failure(const Plan& plan, std::size_t case_index,
                    const std::vector<Outcome>& outcomes) {
  const Case& c = plan.cases[case_index];
  std::string html = "<article id=\"failed-" + c.id + "\"><h3>" + link("#failed-" + c.id, c.id) +
                     "</h3>" + element("p", c.claim) + "<p class=soft>" +
                     escape_xml(file_name(c.file)) + " · " + link("#" + c.id, "in the matrix");
  for (const std::string& source : c.sources) html += " · " + source_link(source);
  html += "</p>\n";
  for (const Outcome& outcome : outcomes) {
    html += element("p", outcome.configurations);
    if (outcome.result->steps.empty()) html += element("pre", outcome.result->reason);
    html += "<ol class=steps>\n";
    for (std::size_t i = 0; i < outcome.result->steps.size(); ++i) {
      html += step_row(i + 1, outcome.result->steps[i]);
    }
    html += "</ol>";
  }
  return html + "</article>\n";
}

std::string failures(const Plan& plan, const std::vector<CaseResult>& results) {
  std::map<std::size_t, std::vector<Outcome>> by_case;
  for (std::size_t i = 0; i < results.size(); ++i) {
    if (results[i].status != Status::failed) continue;
    auto& outcomes = by_case[plan.runs[i].case_index];
    auto same = outcomes.begin();
    while (same != outcomes.end() && same->result->reason != results[i].reason) ++same;
    if (same == outcomes.end()) same = outcomes.insert(same, Outcome{&results[i]});
    same->configurations += (same->configurations.empty() ? "" : ", ") +
                            plan.configurations[plan.runs[i].configuration].name();
  }
  if (by_case.empty()) return {};
  std::string html = element("h2", "Failures: " + std::to_string(by_case.size()) + " cases");
  for (const auto& [case_index, outcomes] : by_case) html += failure(plan, case_index, outcomes);
  return html;
}

// The cases of each reason, without duplicates, and the number of runs.
struct Reasons {
  struct Entry {
    std::size_t runs = 0;
    std::string last, cases, note;
  };
  std::map<std::string, Entry> entries;

  void add(const std::string& reason, const std::string& id, const std::string& note = "") {
    Entry& entry = entries[reason];
    ++entry.runs;
    entry.note = note;
    if (entry.last == id) return;
    entry.cases += (entry.cases.empty() ? "" : ", ") + link("#" + id, id);
    entry.last = id;
  }
  std::string html(const std::string& title, const std::string& css) const {
    if (entries.empty()) return {};
    std::string text = element("h2", title);
    for (const auto& [reason, entry] : entries) {
      text += "<details><summary>" + element("b", reason) +
              element("span", std::to_string(entry.runs) + " runs", "cell " + css) + "</summary>" +
              (entry.note.empty() ? "" : element("p", entry.note)) + "<p class=soft>" +
              entry.cases + "</p></details>\n";
    }
    return text;
  }
};

std::string reasons(const Plan& plan, const std::vector<CaseResult>& results, bool known) {
  const Subjects subjects = subjects_of(plan);
  Reasons differs, skipped, away;
  for (std::size_t i = 0; i < results.size(); ++i) {
    const CaseResult& result = results[i];
    const std::string& id = plan.cases[plan.runs[i].case_index].id;
    if (result.status == Status::differs) {
      differs.add(subjects.names[subjects.of[plan.runs[i].configuration]] + ": " + result.known, id,
                  result.source);
    } else if (result.status == Status::skipped) {
      (result.not_applicable ? away : skipped).add(result.reason, id);
    }
  }
  if (known) return differs.html("Known differences, and why", "differs");
  return skipped.html("Skipped, and why", "skipped") + away.html("Not applicable, and why", "away");
}

std::string head(const Plan& plan, const std::vector<CaseResult>& results, const Stamp& stamp) {
  const Totals totals = count(results);
  const std::string title = totals.failed > 0
                                ? "Conformance: " + std::to_string(totals.failed) + " failed"
                                : "Conformance: none failed";
  std::string html =
      "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" "
      "content=\"width=device-width, initial-scale=1\"><title>" +
      escape_xml(title) + "</title><style>" + html_style + "</style></head><body>\n" +
      element("h1", title);
  std::string text = "Django's cache contract: " + std::to_string(plan.cases.size()) +
                     " cases in " + std::to_string(plan.configurations.size()) +
                     " configurations · djcache-conformance " DJCACHE_VERSION_STRING;
  for (const std::string& more : {stamp.commit, stamp.date, stamp.duration, stamp.compiler}) {
    if (!more.empty()) text += " · " + more;
  }
  html += element("p", text, "soft") + "<ul class=totals>";
  const auto chip = [&html](std::size_t number, const char* word, const char* css) {
    if (number > 0) html += element("li", std::to_string(number) + " " + word, css);
  };
  chip(totals.failed, "failed", "failed");
  chip(totals.differs, "differ as listed", "differs");
  chip(totals.passed, "passed", "passed");
  chip(totals.skipped - totals.not_applicable, "skipped", "skipped");
  chip(totals.not_applicable, "not applicable", "away");
  html += "</ul>\n<ul class=quote>";
  for (const std::string& line : summary(plan, results)) html += element("li", line);
  return html + "</ul>\n";
}

}  // namespace

std::string element(const std::string& tag, const std::string& text, const std::string& css) {
  const std::string attribute = css.empty() ? "" : " class=\"" + css + "\"";
  return "<" + tag + attribute + ">" + escape_xml(text) + "</" + tag + ">";
}

std::string link(const std::string& to, const std::string& text) {
  return "<a href=\"" + escape_xml(to) + "\">" + escape_xml(text) + "</a>";
}

std::string html_report(const Plan& plan, const std::vector<CaseResult>& results,
                        const Stamp& stamp) {
  return head(plan, results, stamp) + group_table(plan, results) + failures(plan, results) +
         reasons(plan, results, true) + matrix(plan, results) + reasons(plan, results, false) +
         "<script>" + html_script + "</script></body></html>\n";
}

}  // namespace djcache::conformance
