// The summary of a run per subject: a line to quote, and a badge.
#include <cctype>
#include <cstdio>

#include "src/report/html_parts.h"

namespace djcache::conformance {
namespace {

std::size_t judged(const Totals& totals) { return totals.passed + totals.failed + totals.differs; }

std::vector<Totals> totals_of(const Subjects& subjects, const Plan& plan,
                              const std::vector<CaseResult>& results) {
  std::vector<Totals> all(subjects.names.size());
  for (std::size_t i = 0; i < results.size(); ++i) {
    add(all[subjects.of[plan.runs[i].configuration]], results[i]);
  }
  return all;
}

// Approximates the width of the text in a browser at 11 px.
int width_of(const std::string& text) { return 12 + static_cast<int>(text.size()) * 13 / 2; }

std::string badge(const std::string& left, const std::string& right, const char* colour) {
  const int a = width_of(left), b = width_of(right);
  const auto number = [](int n) { return std::to_string(n); };
  const auto word = [&](int middle, const std::string& text) {
    return "<text x=\"" + number(middle) + "\" y=\"14\">" + escape_xml(text) + "</text>";
  };
  return "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"" + number(a + b) +
         "\" height=\"20\" role=\"img\" aria-label=\"" + escape_xml(left + ": " + right) +
         "\"><title>" + escape_xml(left + ": " + right) + "</title><rect width=\"" + number(a + b) +
         "\" height=\"20\" rx=\"3\" fill=\"#4a5058\"/><path d=\"M" + number(a) + " 0h" +
         number(b - 3) + "a3 3 0 0 1 3 3v14a3 3 0 0 1 -3 3H" + number(a) + "z\" fill=\"" + colour +
         "\"/><g fill=\"#fff\" text-anchor=\"middle\" font-family=\"DejaVu "
         "Sans,Verdana,sans-serif\" "
         "font-size=\"11\">" +
         word(a / 2, left) + word(a + b / 2, right) + "</g></svg>\n";
}

}  // namespace

std::string subject_name(const Configuration& configuration) {
  const Flavour& flavour = *configuration.flavour;
  return flavour.hello == nullptr ? "djcache " + flavour.name : flavour.name;
}

Subjects subjects_of(const Plan& plan) {
  Subjects subjects;
  for (const Configuration& k : plan.configurations) {
    const std::string name = subject_name(k);
    std::size_t place = 0;
    while (place < subjects.names.size() && subjects.names[place] != name) ++place;
    if (place == subjects.names.size()) {
      subjects.names.push_back(name);
      subjects.titles.push_back(k.flavour->hello == nullptr ? "" : k.flavour->hello->title);
    }
    subjects.of.push_back(place);
  }
  return subjects;
}

void add(Totals& totals, const CaseResult& result) {
  totals.passed += result.status == Status::passed;
  totals.failed += result.status == Status::failed;
  totals.skipped += result.status == Status::skipped;
  totals.differs += result.status == Status::differs;
  totals.not_applicable += result.not_applicable;
}

// "100%" only if all passed: 999 of 1000 are 99.9%, and so are 99,999 of 100,000.
std::string percent(const Totals& totals) {
  if (judged(totals) == 0) return "–";
  const std::size_t tenths = totals.passed * 1000 / judged(totals);
  if (tenths == 1000) return "100%";
  return std::to_string(tenths / 10) + "." + std::to_string(tenths % 10) + "%";
}

std::vector<std::string> summary(const Plan& plan, const std::vector<CaseResult>& results) {
  const Subjects subjects = subjects_of(plan);
  const std::vector<Totals> all = totals_of(subjects, plan, results);
  std::vector<std::string> lines;
  for (std::size_t i = 0; i < all.size(); ++i) {
    const Totals& t = all[i];
    std::string line = subjects.names[i] + " passes " + percent(t) + " of the contract (" +
                       std::to_string(t.passed) + " of " + std::to_string(judged(t)) + " runs";
    if (t.differs > 0) line += ", " + std::to_string(t.differs) + " differ as listed";
    if (t.failed > 0) line += ", " + std::to_string(t.failed) + " failed";
    if (t.skipped > t.not_applicable) {
      line += ", " + std::to_string(t.skipped - t.not_applicable) + " skipped";
    }
    line += ")";
    if (!subjects.titles[i].empty()) line += ": " + subjects.titles[i];
    lines.push_back(std::move(line));
  }
  return lines;
}

std::vector<std::pair<std::string, std::string>> badges(const Plan& plan,
                                                        const std::vector<CaseResult>& results) {
  const Subjects subjects = subjects_of(plan);
  const std::vector<Totals> all = totals_of(subjects, plan, results);
  std::vector<std::pair<std::string, std::string>> files;
  for (std::size_t i = 0; i < all.size(); ++i) {
    std::string file = subjects.names[i];
    for (char& c : file) c = c == ' ' ? '-' : c;
    const char* colour = all[i].failed > 0 ? "#a3161f" : all[i].differs > 0 ? "#8a5a00" : "#1a6b3c";
    files.emplace_back(file + ".svg", badge("Django cache contract, " + subjects.names[i],
                                            percent(all[i]), colour));
  }
  return files;
}

}  // namespace djcache::conformance
