// The machine-readable report, also used by the oracle: FORMAT.md, "What a replay reports".
#include "src/report/report.h"

namespace djcache::conformance {

std::string json_report(const Plan& plan, const std::vector<CaseResult>& results, bool with_state) {
  Json all = Json::array();
  for (std::size_t i = 0; i < results.size(); ++i) {
    const Case& c = plan.cases[plan.runs[i].case_index];
    const Configuration& configuration = plan.configurations[plan.runs[i].configuration];
    all.push_back({{"id", c.id},
                   {"backend", std::string(configuration.backend->name)},
                   {"flavour", std::string(configuration.flavour->name)},
                   {"serializer", configuration.serializer},
                   {"server", configuration.server.title},
                   {"status", std::string(to_string(results[i].status))},
                   {"reason", results[i].reason},
                   {"milliseconds", results[i].milliseconds}});
    if (with_state) all.back()["state"] = results[i].state;
  }
  const Json report = {{"format", 1}, {"results", std::move(all)}};
  return report.dump(1, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace djcache::conformance
