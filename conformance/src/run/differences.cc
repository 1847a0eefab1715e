#include "src/run/differences.h"

#include <algorithm>
#include <fstream>
#include <sstream>

#include "src/cases/parse_json.h"

namespace djcache::conformance {
namespace {

constexpr std::string_view sometimes = " sometimes";

Difference read_difference(const Node& node) {
  node.only({"reason", "source", "flavour", "cases"}).need({"reason", "source", "cases"});
  Difference difference{.reason = node["reason"].text(), .source = node["source"].text()};
  if (node.has("flavour")) difference.flavour = node["flavour"].text();
  for (const Node& each : node["cases"].elements()) {
    std::string name = each.text();
    const bool may = name.ends_with(sometimes);
    if (may) name.resize(name.size() - sometimes.size());
    if (may) difference.sometimes.insert(name);
    difference.cases.insert(std::move(name));
  }
  return difference;
}

void apply(const Difference& difference, const std::string& name, CaseResult& result) {
  if (result.status == Status::failed) {
    result.status = Status::differs;
    result.known = difference.reason;
    result.source = difference.source;
  } else if (result.status == Status::passed && difference.sometimes.count(name) == 0) {
    result.status = Status::failed;
    result.reason = "listed as a known difference (" + difference.reason + "), and does not differ";
  }
}

}  // namespace

std::vector<Difference> read_differences(const std::string& file) {
  std::ifstream in(file, std::ios::binary);
  std::ostringstream text;
  text << in.rdbuf();
  const Json json = parse_json(text.str());
  const Node node(json, "");
  node.only({"format", "differences"}).need({"format", "differences"});
  if (node["format"].integer() != 1) node["format"].fail_expected("1");
  std::vector<Difference> differences;
  for (const Node& each : node["differences"].elements()) {
    differences.push_back(read_difference(each));
  }
  return differences;
}

void check_differences(const std::vector<Difference>& differences, const std::vector<Case>& cases) {
  std::set<std::string> known;
  for (const Case& c : cases) known.insert(c.id);
  for (const Difference& difference : differences) {
    for (const std::string& name : difference.cases) {
      if (known.count(name.substr(0, name.find(' '))) == 0) {
        throw FileError("there is no case " + name);
      }
    }
  }
}

void apply_differences(const std::vector<Difference>& differences, const Plan& plan,
                       std::vector<CaseResult>& results) {
  for (std::size_t run = 0; run < results.size(); ++run) {
    const Configuration& k = plan.configurations[plan.runs[run].configuration];
    const std::string id = plan.cases[plan.runs[run].case_index].id;
    for (const Difference& difference : differences) {
      if (!difference.flavour.empty() && difference.flavour != k.flavour->name) continue;
      const auto names = {id, id + " " + std::string(k.backend->name),
                          id + " " + std::string(k.backend->name) + " " + k.serializer};
      for (const std::string& name : names) {
        if (difference.cases.count(name) == 0) continue;
        apply(difference, name, results[run]);
        break;
      }
    }
  }
}

}  // namespace djcache::conformance
