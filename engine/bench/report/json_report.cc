#include "report/json_report.h"

#include <nlohmann/json.hpp>

#include "contestants/registry.h"
#include "report/goals.h"
#include "report/ratios.h"

namespace djcache::bench {
namespace {

using nlohmann::json;

json to_json(const Cell& cell) {
  return {
      {"op", name_of(cell.op)}, {"value_bytes", cell.value_bytes}, {"in_flight", cell.in_flight}};
}

json to_json(const Outcome& outcome) {
  if (!outcome.failure.empty()) return {{"failure", outcome.failure}};
  return {{"operations_per_second", outcome.operations_per_second},
          {"cpu_ns_per_operation", outcome.cpu_ns_per_operation},
          {"p50_us", outcome.p50_us},
          {"p99_us", outcome.p99_us}};
}

json to_json(const std::optional<Spread>& spread) {
  if (!spread) return nullptr;
  return {{"median", spread->median}, {"min", spread->min}, {"max", spread->max}};
}

json to_json(const std::optional<double>& number) { return number ? json(*number) : json(nullptr); }

json ratios_of(const TimedCell& cell, const std::string& name, const char* reference) {
  return {{"operations_per_second",
           to_json(ratio_of(cell, name, reference, &Outcome::operations_per_second))},
          {"cpu_ns_per_operation",
           to_json(ratio_of(cell, name, reference, &Outcome::cpu_ns_per_operation))},
          {"p99_us", to_json(ratio_of(cell, name, reference, &Outcome::p99_us))}};
}

json to_json(const TimedCell& timed) {
  json contestants = json::object();
  for (const auto& [name, rounds] : timed.rounds) {
    json outcomes = json::array();
    for (const Outcome& outcome : rounds) outcomes.push_back(to_json(outcome));
    json ratios = json::object();
    for (const char* reference : {kHiredis, kRedisBenchmark, kRedisBenchmark50x16}) {
      if (timed.rounds.contains(reference)) {
        ratios[reference] = ratios_of(timed, name, reference);
      }
    }
    contestants[name] = {{"rounds", std::move(outcomes)}, {"ratio_to", std::move(ratios)}};
  }
  return {{"cell", to_json(timed.cell)},
          {"server_cpu", timed.server_cpu},
          {"client_cpu", timed.client_cpu},
          {"contestants", std::move(contestants)}};
}

json to_json(const CountedCell& counted) {
  json item = {{"cell", to_json(counted.cell)},
               {"contestant", counted.contestant},
               {"instructions", to_json(counted.instructions)},
               {"allocations", to_json(counted.allocations)},
               {"syscalls", to_json(counted.syscalls)},
               {"syscalls_by_kind", counted.syscalls_by_kind}};
  if (!counted.failure.empty()) item["failure"] = counted.failure;
  return item;
}

json to_json(const Goal& goal) {
  return {{"what", goal.what},
          {"contestant", goal.contestant},
          {"wanted", goal.wanted},
          {"found", goal.found},
          {"reached", goal.reached ? json(*goal.reached) : json(nullptr)}};
}

json to_json(const HandleCost& cost) {
  return {{"handles", cost.handles},
          {"bytes_each", cost.bytes_each},
          {"connections", cost.connections}};
}

template <typename Item>
json list_of(const std::vector<Item>& items) {
  json list = json::array();
  for (const Item& item : items) list.push_back(to_json(item));
  return list;
}

}  // namespace

void write_json(std::ostream& out, const Results& results) {
  const json report = {{"format", 1},
                       {"server_version", results.server_version},
                       {"processor", results.processor},
                       {"seed", results.seed},
                       {"rounds", results.rounds},
                       {"instructions_by", results.instructions_by},
                       {"syscalls_by", results.syscalls_by},
                       {"timed", list_of(results.timed)},
                       {"counted", list_of(results.counted)},
                       {"handles", results.handles ? to_json(*results.handles) : json(nullptr)},
                       {"goals", list_of(judge_goals(results))},
                       {"failures", results.failures}};
  out << report.dump(2, ' ', false, json::error_handler_t::replace) << "\n";
}

}  // namespace djcache::bench
