// Shared by the parts of the HTML report.
#pragma once

#include <string>
#include <vector>

#include "src/adapter/adapter.h"
#include "src/report/report.h"

namespace djcache::conformance {

std::string element(const std::string& tag, const std::string& text, const std::string& css = "");
std::string link(const std::string& to, const std::string& text);

// A subject is an API of a client. Its configurations are counted together.
std::string subject_name(const Configuration& configuration);
struct Subjects {
  std::vector<std::string> names;   // in the order of the plan
  std::vector<std::size_t> of;      // by configuration
  std::vector<std::string> titles;  // "Django 4.2.21, redis-py 4.3.4"
};
Subjects subjects_of(const Plan& plan);

// The passed share of the judged runs: "99.6%", or a dash if there are none.
std::string percent(const Totals& totals);
void add(Totals& totals, const CaseResult& result);

// --- html_matrix.cc
std::string group_table(const Plan& plan, const std::vector<CaseResult>& results);
std::string matrix(const Plan& plan, const std::vector<CaseResult>& results);

}  // namespace djcache::conformance
