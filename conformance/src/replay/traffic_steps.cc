// Performs steps about commands on the wire and connected clients, and steps that stop and start
// servers.
#include <algorithm>

#include <djcache/harness/wire_text.h>

#include "src/replay/compare.h"
#include "src/replay/perform.h"

namespace djcache::conformance {
namespace {

// Whether a command belongs to a handshake rather than an operation.
bool of_handshake(const std::vector<std::string>& words) {
  static constexpr std::string_view names[] = {"CLIENT", "SELECT", "AUTH", "HELLO", "ROLE"};
  return !words.empty() &&
         std::find(std::begin(names), std::end(names), words[0]) != std::end(names);
}

std::string show(const harness::Commands& commands) {
  if (commands.empty()) return "no command";
  std::string text;
  for (const auto& words : commands) {
    std::string line;
    for (const std::string& word : words) {
      line += (line.empty() ? "" : " ") + harness::escape(word.substr(0, 100));
    }
    text += (text.empty() ? "" : "\n") + line;
  }
  return text;
}

std::string show_names(const std::vector<std::string>& names) {
  std::string text;
  for (const std::string& name : names) text += (text.empty() ? "" : " ") + name;
  return text.empty() ? "no command" : text;
}

// Servers log command names as the client spelled them.
void upper_case_names(harness::Commands& commands) {
  for (auto& words : commands) {
    if (words.empty()) continue;
    std::transform(words[0].begin(), words[0].end(), words[0].begin(),
                   [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  }
}

Verdict compare(const RecordedStep& step, const harness::Commands& commands) {
  const std::string seen = show(commands);
  if (step.count) {
    const bool equal = commands.size() == static_cast<std::size_t>(*step.count);
    if (!equal) return Verdict::failed(std::to_string(*step.count) + " commands", seen);
  }
  if (step.names) {
    std::vector<std::string> names;
    for (const auto& words : commands) names.push_back(words.empty() ? "" : words[0]);
    if (names != *step.names) return Verdict::failed(show_names(*step.names), seen);
  }
  if (step.commands && commands != *step.commands) {
    return Verdict::failed(show(*step.commands), seen);
  }
  return {};
}

Verdict count(Stage& stage, const ClientsStep& step) {
  stage.notice();
  for (const auto& [name, bounds] : step.counts) {
    std::string problem;
    auto* inspector = stage.inspector({.at = name}, problem);
    if (inspector == nullptr) return Verdict::failed("clients of " + name, problem);
    // The recording connection is the harness' own and does not count.
    std::optional<std::size_t> seen;
    stage.wait_for([&, &bounds = bounds] {
      seen = 0;
      const auto clients = inspector->client_list();
      if (!clients) return seen = {}, false;
      const auto counted = inspector->count_clients(step.named);
      if (step.named.empty()) {
        seen = counted;
      } else {
        for (const auto& client : *clients) *seen += client.name == step.named ? 1 : 0;
      }
      return seen && bounds.holds(static_cast<std::int64_t>(*seen));
    });
    const std::string text = seen ? std::to_string(*seen) : inspector->problem();
    const bool holds = seen && bounds.holds(static_cast<std::int64_t>(*seen));
    if (!holds) return Verdict::failed(name + ": " + describe(bounds) + " clients", text);
  }
  return {};
}

}  // namespace

Verdict perform(Stage& stage, const RecordStep& step) {
  auto opened = harness::CommandLog::open(stage.servers.find(step.at)->endpoint(0));
  if (!opened) return Verdict::failed("a record of the commands", opened.problem);
  stage.logs[step.at] = std::move(opened.value);
  return {};
}

Verdict perform(Stage& stage, const RecordedStep& step) {
  harness::CommandLog& log = *stage.logs.at(step.at);
  auto commands = log.take();
  if (!commands) return Verdict::failed("a record of the commands", log.problem());
  upper_case_names(*commands);
  commands->erase(std::remove_if(commands->begin(), commands->end(), of_handshake),
                  commands->end());
  std::optional<Verdict> django;
  if (step.django) django = compare(*step.django, *commands);
  return judge(stage, compare(step, *commands), django);
}

Verdict perform(Stage& stage, const ClientsStep& step) {
  const Hello* hello = stage.configuration.flavour->hello;
  if (hello == nullptr || !step.django) return count(stage, step);
  const Verdict django = count(stage, *step.django);
  if (hello->is_django) {
    stage.diverged = true;
    return django;
  }
  return django.passed() ? django : count(stage, step);
}
Verdict perform(Stage& stage, const ControlStep& step) {
  for (const auto& [name, verb] : step.actions) {
    ServerHandle* server = stage.servers.find(name);
    harness::RedisServer& process = *server->process();
    harness::Outcome outcome;
    if (verb == "kill") process.kill9();
    if (verb == "restart") outcome = process.restart();
    if (verb == "stop") outcome = process.stop();
    if (verb == "cont") outcome = process.cont();
    verb == "stop" ? (void)stage.stopped.insert(name) : (void)stage.stopped.erase(name);
    if (verb == "kill" || verb == "restart") server->forget_inspectors();
    if (!outcome) return Verdict::failed(verb + " of " + name, outcome.problem);
  }
  return {};
}

}  // namespace djcache::conformance
