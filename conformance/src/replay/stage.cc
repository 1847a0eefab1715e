#include "src/replay/stage.h"

#include <djcache/harness/redis_server.h>

#include "src/subject/settings_of.h"

namespace djcache::conformance {
namespace {

std::string_view name_of(PoolEvent::Kind kind) {
  switch (kind) {
    case PoolEvent::Kind::connected:
      return "connected";
    case PoolEvent::Kind::disconnected:
      return "disconnected";
    case PoolEvent::Kind::retrying:
      return "retrying";
    case PoolEvent::Kind::fell_back:
      return "fell_back";
    case PoolEvent::Kind::unverified:
      return "unverified";
  }
  return "";
}

}  // namespace

Stage::Stage(const Case& the_case, const Configuration& the_configuration, Servers& the_servers)
    : c(the_case), configuration(the_configuration), servers(the_servers), settings_(Settings{}) {
  if (!c.peer.empty()) open_peer();
  if (!problem_.empty()) return;
  const ServerHandle* main = servers.find("server");
  const SettingsInput input{.backend = *configuration.backend,
                            .serializer = configuration.serializer,
                            .client_name = main != nullptr ? main->client_name() : "",
                            .tls = servers.tls(),
                            .sentinel = servers.sentinel(),
                            .resolve = [this](const Placeholder& p) { return resolve(p); }};
  caches_ = caches_of(c, input);
  settings_ = settings_of(caches_, c, input);
  if (settings_.ok()) {
    settings_->on_warning = [this](std::string_view, std::string_view text) {
      warnings.emplace_back(text);
    };
    settings_->on_event = [this](const PoolEvent& event) {
      if (!is_sentinel(event.endpoint)) events.emplace_back(name_of(event.kind));
    };
  }
  const auto warn = [this](std::string text) { warnings.push_back(std::move(text)); };
  subject = configuration.flavour->make({c, *configuration.backend, configuration.serializer,
                                         caches_, runner, settings_, counters, later_, warn});
}

void Stage::open_peer() {
  auto opened = harness::ScriptedPeer::listen(runner.loop());
  problem_ = opened.problem;
  if (!opened) return;
  peer = std::move(opened.value);
  peer->play(c.peer);
}

std::string Stage::resolve(const Placeholder& placeholder) {
  if (!configuration.backend->has_server) {
    return c.id + "/" + placeholder.name + "/" + std::to_string(placeholder.db);
  }
  if (placeholder.name == "peer") return peer->url(placeholder.db);
  if (placeholder.name == "nowhere") {
    return (servers.tls() != nullptr ? "rediss" : "redis") + std::string("://127.0.0.1:") +
           std::to_string(harness::unused_port()) + "/" + std::to_string(placeholder.db);
  }
  const ServerHandle* server = servers.find(placeholder.name);
  if (server == nullptr) return {};  // the loader has checked the name
  if (placeholder.part == "unix") return server->unix_url(placeholder.db);
  if (placeholder.part == "host") return "127.0.0.1";
  if (placeholder.part == "port") return std::to_string(server->port());
  return server->url(placeholder.db);
}

bool Stage::run_until(const std::function<bool()>& predicate, std::chrono::milliseconds limit,
                      std::chrono::milliseconds check_every) {
  const auto turn = [&] {
    for (auto& action : std::exchange(later_, {})) action();
    return predicate();
  };
  return runner.run_until(turn, {.limit = limit, .check_every = check_every});
}

bool Stage::wait_for(const std::function<bool()>& predicate, std::chrono::milliseconds limit) {
  return run_until(predicate, limit, std::chrono::milliseconds(2));
}

void Stage::turn(int n) {
  (void)run_until([n]() mutable { return n-- <= 0; }, std::chrono::seconds(60),
                  std::chrono::milliseconds(1));
}

harness::Inspector* Stage::inspector(const Place& place, std::string& problem) {
  ServerHandle* server = servers.find(place.at);
  if (server == nullptr) {
    problem = "there is no server " + place.at;
    return nullptr;
  }
  return server->inspector(place.db, problem);
}

bool Stage::is_sentinel(std::string_view endpoint) const {
  const std::uint16_t port = servers.sentinel();
  return port != 0 && endpoint.starts_with("127.0.0.1:" + std::to_string(port) + "/");
}

std::string Stage::teardown() {
  std::string problem = disconnect_everything();
  if (problem.empty() && peer != nullptr && !peer->ok()) problem = "the peer: " + peer->problem();
  for (const std::string& name : stopped) {
    if (auto* process = servers.find(name)->process()) (void)process->cont();
  }
  logs.clear();
  const std::string left = close_loop();
  if (problem.empty()) problem = left;
  return problem.empty() ? count_clients() : problem;
}

std::string Stage::disconnect_everything() {
  std::string problem;
  if (subject->exists()) {
    auto pending = std::make_shared<Pending>();
    DisconnectStep all;
    all.options = {.mode = DisconnectMode::abort};
    subject->disconnect(all, pending);
    if (!run_until([&] { return pending->ended(); })) {
      problem = "disconnect did not report: " + runner.problem();
    } else if (!pending->broken_rule.empty()) {
      problem = "disconnect: " + pending->broken_rule;
    } else if (const auto left = runner.handles_under_test(); !left.empty()) {
      problem = "handles left when disconnect reported: " + harness::format(left);
    }
  }
  for (const auto& [name, pending] : started) {
    if (problem.empty() && !pending->ended() && subject->exists()) {
      problem = "the callback of \"" + name + "\" did not run before disconnect reported";
    }
  }
  subject->destroy();
  if (problem.empty()) problem = subject->trouble().broken;
  // Handles of an engine destroyed within the case may still be closing.
  const auto gone = [this] { return runner.handles_under_test().empty(); };
  if (problem.empty() && !run_until(gone, std::chrono::seconds(2))) {
    problem = "handles left by a destroyed engine: " + runner.problem();
  }
  return problem;
}

std::string Stage::close_loop() {
  if (peer != nullptr) {
    bool closed = false;
    peer->close([&closed] { closed = true; });
    if (!run_until([&closed] { return closed; })) return "the peer did not close";
  }
  const auto report = runner.teardown();
  return report.ok ? std::string() : report.problem;
}

std::string Stage::count_clients() {
  for (const auto& [name, server] : servers.current()) {
    if (!server->reachable()) continue;
    std::string problem;
    auto* inspector = server->inspector(0, problem);
    if (inspector == nullptr) return name + ": " + problem;
    // A user's server may refuse CLIENT LIST; the report says so at its beginning.
    if (server->process() == nullptr && !inspector->count_clients()) continue;
    const auto outcome =
        inspector->wait_for_clients(0, std::chrono::seconds(2), server->client_name());
    if (!outcome) return "connections left on " + name + ": " + outcome.problem;
  }
  return {};
}

}  // namespace djcache::conformance
