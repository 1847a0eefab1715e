#include "src/run/plan.h"

#include <algorithm>

#include "src/subject/adapter_subject.h"

namespace djcache::conformance {
namespace {

bool has(const std::vector<std::string>& all, std::string_view one) {
  return std::find(all.begin(), all.end(), one) != all.end();
}

bool wanted(const std::vector<std::string>& chosen, std::string_view name) {
  return chosen.empty() || has(chosen, name);
}

bool selected(const Case& c, const Options& options) {
  const auto has_label = [&c](const std::string& label) { return c.has_label(label); };
  const auto matches = [&c](const std::string& pattern) { return matches_pattern(pattern, c.id); };
  const auto& [cases, labels] = std::tie(options.cases, options.labels);
  return wanted(options.groups, c.group) &&
         (cases.empty() || std::any_of(cases.begin(), cases.end(), matches)) &&
         std::all_of(labels.begin(), labels.end(), has_label) &&
         std::none_of(options.not_labels.begin(), options.not_labels.end(), has_label);
}

// Every name on the command line must exist: otherwise a typing error would select nothing and
// pass.
template <class Range, class Name>
std::string unknown_name(const char* option, const std::vector<std::string>& chosen,
                         const Range& range, Name name) {
  for (const std::string& one : chosen) {
    std::string known;
    bool found = false;
    for (const auto& item : range) {
      known += (known.empty() ? "" : ", ") + std::string(name(item));
      found = found || name(item) == one;
    }
    if (!found) return std::string(option) + " " + one + ": not here; known: " + known;
  }
  return {};
}

// djcache's own flavours, and those of each adapter. An adapter says hello here, and each process
// that replays starts it again.
std::string add_flavours(Plan& plan, const Options& options) {
  for (const Flavour& flavour : flavours()) {
    const bool named = has(options.flavours, flavour.name);
    if (named || (options.flavours.empty() && options.adapters.empty())) {
      plan.flavours.push_back(std::make_shared<Flavour>(flavour));
    }
  }
  std::string known;
  for (const std::string& command : options.adapters) {
    auto adapter =
        std::make_shared<Adapter>(command, std::chrono::seconds(options.adapter_limit_s));
    const std::string problem = adapter->begin();
    adapter->end();
    if (!problem.empty()) return "--adapter " + command + ": " + problem;
    for (const std::string& name : adapter->hello().flavours) {
      const auto make = [adapter = adapter.get(), name](const SubjectSetup& setup) {
        return std::make_unique<AdapterSubject>(setup, *adapter, name);
      };
      Flavour flavour{adapter->hello().name + "." + name, make, &adapter->hello()};
      known += ", " + flavour.name;
      if (!wanted(options.flavours, flavour.name)) continue;
      plan.flavours.push_back(std::make_shared<Flavour>(std::move(flavour)));
    }
    plan.adapters.push_back(std::move(adapter));
  }
  for (const std::string& name : options.flavours) {
    const auto is_it = [&name](const auto& flavour) { return flavour->name == name; };
    if (std::none_of(plan.flavours.begin(), plan.flavours.end(), is_it)) {
      return "--flavour " + name + ": not here; known: callback, coroutine, sync" + known;
    }
  }
  return {};
}

std::vector<std::string> serializers_for(const Backend& backend, const Flavour& flavour) {
  if (!backend.has_server || flavour.hello == nullptr) return serializers_of(backend);
  return flavour.hello->serializers;
}

void add_configurations(Plan& plan, const Options& options, const std::vector<ServerKind>& kinds) {
  for (const Backend& backend : backends()) {
    if (!wanted(options.backends, backend.name)) continue;
    for (const auto& flavour : plan.flavours) {
      const Hello* hello = flavour->hello;
      if (hello != nullptr && !has(hello->backends, backend.name)) continue;
      for (const std::string& serializer : serializers_for(backend, *flavour)) {
        if (!wanted(options.serializers, serializer)) continue;
        for (const ServerKind& kind : backend.has_server ? kinds : std::vector{ServerKind{}}) {
          if (backend.has_server && !wanted(options.servers, kind.name)) continue;
          // Each takes as long as the plain server, so it is used only if named.
          const bool plain = kind.security == Security::plain && !kind.sentinel;
          if (options.servers.empty() && !plain) continue;
          plan.configurations.push_back({&backend, flavour.get(), serializer, kind});
        }
      }
    }
  }
}

std::string check_names(const Options& options, const std::vector<ServerKind>& kinds) {
  const auto name = [](const auto& item) { return item.name; };
  const auto itself = [](const std::string& text) { return text; };
  std::vector<std::string> all_serializers = serializers();
  all_serializers.insert(all_serializers.end(), {"raw", std::string(own_serializer)});
  for (const std::string& problem :
       {unknown_name("--backend", options.backends, backends(), name),
        unknown_name("--serializer", options.serializers, all_serializers, itself),
        unknown_name("--server", options.servers, kinds, name)}) {
    if (!problem.empty()) return problem;
  }
  return {};
}

}  // namespace

bool matches_pattern(std::string_view pattern, std::string_view text) {
  if (pattern.empty()) return text.empty();
  if (pattern.front() == '*') {
    for (std::size_t i = 0; i <= text.size(); ++i) {
      if (matches_pattern(pattern.substr(1), text.substr(i))) return true;
    }
    return false;
  }
  return !text.empty() && pattern.front() == text.front() &&
         matches_pattern(pattern.substr(1), text.substr(1));
}

Plan make_plan(std::vector<Case> cases, const Options& options) {
  Plan plan;
  const auto kinds = server_kinds(options, plan.problem);
  if (plan.problem.empty()) plan.problem = check_names(options, kinds);
  if (plan.problem.empty()) plan.problem = add_flavours(plan, options);
  if (!plan.problem.empty()) return plan;
  for (Case& c : cases) {
    if (selected(c, options)) plan.cases.push_back(std::move(c));
  }
  if (plan.cases.empty()) plan.problem = "no case is selected; --list shows what there is";
  add_configurations(plan, options, kinds);
  if (plan.configurations.empty()) plan.problem = "no configuration is selected";
  for (std::size_t c = 0; c < plan.cases.size(); ++c) {
    for (std::size_t k = 0; k < plan.configurations.size(); ++k) plan.runs.push_back({c, k});
  }
  return plan;
}

}  // namespace djcache::conformance
