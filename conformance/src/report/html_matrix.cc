// The matrix of the HTML report: percentages of groups, and each case in each configuration.
#include <map>

#include "src/report/html_parts.h"

namespace djcache::conformance {
namespace {

std::string head_row(const std::string& first, const std::vector<std::string>& names) {
  std::string html = "<thead><tr><th>" + first + "</th>";
  for (const std::string& name : names) html += "<th>" + name + "</th>";
  return html + "</tr></thead><tbody>\n";
}

// A cell with a one-letter class; the style sheet adds its sign, because there are tens of
// thousands of cells.
std::string cell(const CaseResult& result) {
  const auto with_reason = [](char css, const std::string& reason) {
    return std::string("<td class=") + css + " title=\"" + escape_xml(reason.substr(0, 300)) +
           "\">";
  };
  switch (result.status) {
    case Status::passed:
      return "<td class=p>";
    case Status::failed:
      return with_reason('f', result.reason);
    case Status::differs:
      return with_reason('d', result.known);
    case Status::skipped:
      break;
  }
  return result.not_applicable ? "<td class=a>" : "<td class=s>";
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
  const Totals& t = group.totals;
  return "<details class=group id=\"group-" + name + "\"" + (t.failed > 0 ? " open" : "") +
         "><summary>" + element("b", name) + chip(t.failed, "failed") + chip(t.differs, "differs") +
         chip(t.passed, "passed") + chip(t.skipped - t.not_applicable, "skipped") +
         "</summary><div class=scroll><table>" + head + group.failing + group.others +
         "</tbody></table></div></details>\n";
}

}  // namespace

std::string group_table(const Plan& plan, const std::vector<CaseResult>& results) {
  const Subjects subjects = subjects_of(plan);
  std::map<std::string, std::vector<Totals>> groups;
  for (std::size_t i = 0; i < results.size(); ++i) {
    auto& row = groups[plan.cases[plan.runs[i].case_index].group];
    row.resize(subjects.names.size());
    add(row[subjects.of[plan.runs[i].configuration]], results[i]);
  }
  std::vector<std::string> names;
  for (const std::string& name : subjects.names) names.push_back(escape_xml(name));
  std::string html =
      element("h2", "Groups") + "<div class=scroll><table>" + head_row("group", names);
  for (const auto& [name, row] : groups) {
    html += "<tr><th>" + link("#group-" + name, name) + "</th>";
    for (const Totals& totals : row) {
      const std::string css = totals.failed > 0 ? "n f" : totals.differs > 0 ? "n d" : "n";
      html += "<td class=\"" + css + "\">&nbsp;" + percent(totals) + "</td>";
    }
    html += "</tr>\n";
  }
  return html + "</tbody></table></div>\n";
}

std::string matrix(const Plan& plan, const std::vector<CaseResult>& results) {
  std::vector<std::string> names;
  for (const Configuration& k : plan.configurations) {
    names.push_back(escape_xml(subject_name(k)) + "<br>" +
                    escape_xml(std::string(k.backend->name)) + " " + escape_xml(k.serializer) +
                    "<br>" + escape_xml(k.server.title));
  }
  const std::string head = head_row("case", names);
  std::map<std::string, Group> groups;
  const std::size_t width = plan.configurations.size();
  for (std::size_t c = 0; c < plan.cases.size(); ++c) {
    const std::string& id = plan.cases[c].id;
    Group& group = groups[plan.cases[c].group];
    std::string row = "<tr id=\"" + id + "\"><th>" + link("#" + id, id) + "<br>" +
                      element("span", plan.cases[c].claim, "soft") + "</th>";
    bool fails = false;
    for (std::size_t k = 0; k < width; ++k) {
      const CaseResult& result = results[c * width + k];
      row += cell(result);
      fails = fails || result.status == Status::failed;
      add(group.totals, result);
    }
    (fails ? group.failing : group.others) += row + "\n";
  }
  std::string failing, others;
  for (const auto& [name, group] : groups) {
    (group.totals.failed > 0 ? failing : others) += group_details(name, group, head);
  }
  return "<h2 id=matrix>Matrix: case × subject, backend, serializer, server</h2><p class=soft>"
         "<span class=p></span> passed, <span class=f></span> failed, <span class=d></span> "
         "differs as "
         "listed, <span class=s></span> skipped, <span class=a></span> not applicable</p>\n" +
         failing + others;
}

}  // namespace djcache::conformance
