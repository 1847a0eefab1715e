#include "src/run/compare_states.h"

#include <algorithm>
#include <set>

namespace djcache::conformance {
namespace {

constexpr std::int64_t pttl_slack_ms = 5000;  // plus the duration of both runs

std::string subject_of(const Configuration& configuration) {
  return configuration.flavour->hello != nullptr ? configuration.flavour->hello->name : "djcache";
}

// Whether a case stores sets, the order of whose elements is undefined.
bool stores_sets(const Case& c) {
  const auto has_set = [](const Step& step) {
    const auto* call = std::get_if<CallStep>(&step.action);
    if (call == nullptr) return false;
    const std::string text =
        call->call.arguments.dump(-1, ' ', false, Json::error_handler_t::replace);
    return text.find("\"$set\"") != text.npos || text.find("\"$frozenset\"") != text.npos;
  };
  return std::any_of(c.steps.begin(), c.steps.end(), has_set);
}

std::string text_of(const Json& entry, const char* field) {
  return entry.contains(field) ? entry[field].get<std::string>() : "";
}

bool same_bytes(std::string a, std::string b, bool in_any_order) {
  if (a == b) return true;
  if (!in_any_order || a.size() != b.size()) return false;
  const auto sorted = [](const std::string& hex) {
    std::vector<std::string> bytes;
    for (std::size_t i = 0; i < hex.size(); i += 2) bytes.push_back(hex.substr(i, 2));
    std::sort(bytes.begin(), bytes.end());
    return bytes;
  };
  return sorted(a) == sorted(b);
}

struct Tolerance {
  bool any_order;  // of bytes
  std::int64_t pttl_ms;
};

std::string entry_difference(const Json& first, const Json& second, const Tolerance& tolerance) {
  if (first["type"] != second["type"]) {
    return "type " + second["type"].dump() + " instead of " + first["type"].dump();
  }
  const auto a = first["pttl"].get<std::int64_t>(), b = second["pttl"].get<std::int64_t>();
  if ((a < 0) != (b < 0) || std::abs(a - b) > tolerance.pttl_ms) {
    return "pttl " + std::to_string(b) + " instead of " + std::to_string(a);
  }
  const std::string bytes = text_of(second, "raw_hex"), others = text_of(first, "raw_hex");
  if (same_bytes(bytes, others, tolerance.any_order)) return {};
  return "bytes " + bytes.substr(0, 200) + " instead of " + others.substr(0, 200);
}

std::map<std::string, const Json*> by_place(const Json& state) {
  std::map<std::string, const Json*> places;
  for (const Json& entry : state) {
    places[entry["at"].get<std::string>() + " db " + entry["db"].dump() + " " +
           entry["key_hex"].get<std::string>()] = &entry;
  }
  return places;
}

std::string name_of(const Json& entry) {
  return entry["at"].get<std::string>() + " db " + entry["db"].dump() + " " +
         entry["key"].get<std::string>();
}

// The first difference; "" if there is none.
std::string difference(const Json& first, const Json& second, const Tolerance& tolerance) {
  const auto a = by_place(first), b = by_place(second);
  for (const auto& [place, entry] : a) {
    const auto found = b.find(place);
    if (found == b.end()) return name_of(*entry) + ": missing";
    const std::string what = entry_difference(*entry, *found->second, tolerance);
    if (!what.empty()) return name_of(*entry) + ": " + what;
  }
  for (const auto& [place, entry] : b) {
    if (a.count(place) == 0) return name_of(*entry) + ": left behind";
  }
  return {};
}

}  // namespace

StateComparison::StateComparison(const Plan& plan, std::vector<CaseResult>& results, bool keep)
    : plan_(plan), results_(results), keep_(keep) {
  std::map<std::string, const Flavour*> first;  // of each subject
  for (const Configuration& k : plan.configurations) first.emplace(subject_of(k), k.flavour);
  for (std::size_t run = 0; run < plan.runs.size(); ++run) {
    const Configuration& k = plan.configurations[plan.runs[run].configuration];
    if (!k.backend->has_server || first.at(subject_of(k)) != k.flavour) continue;
    const Id id{plan.runs[run].case_index, k.serializer, k.server.name};
    groups_[id].runs.push_back(run);
    ++groups_[id].missing;
    of_run_[run] = id;
  }
}

void StateComparison::ended(std::size_t run) {
  const auto found = of_run_.find(run);
  if (found == of_run_.end()) {
    if (!keep_) results_[run].state = Json::array();
    return;
  }
  Group& group = groups_.at(found->second);
  if (--group.missing > 0) return;
  compare(group);
  if (keep_) return;
  for (const std::size_t one : group.runs) results_[one].state = Json::array();
}

void StateComparison::compare(const Group& group) {
  const auto comparable = [this](std::size_t run) {
    return results_[run].status == Status::passed && !results_[run].diverged;
  };
  const std::size_t first = group.runs.front();
  if (!comparable(first)) return;
  const Case& c = plan_.cases[plan_.runs[first].case_index];
  for (const std::size_t run : group.runs) {
    if (run == first || !comparable(run)) continue;
    ++compared_;
    const Tolerance tolerance{
        stores_sets(c), pttl_slack_ms + results_[first].milliseconds + results_[run].milliseconds};
    const std::string what = difference(results_[first].state, results_[run].state, tolerance);
    if (what.empty()) continue;
    results_[run].status = Status::failed;
    results_[run].reason = "leaves something else than " +
                           plan_.configurations[plan_.runs[first].configuration].name() + ": " +
                           what;
  }
}

}  // namespace djcache::conformance
