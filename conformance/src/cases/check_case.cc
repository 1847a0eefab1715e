// Checks that span steps: collects what a case uses and compares it with its declarations.
#include <algorithm>
#include <set>

#include "src/cases/placeholder.h"
#include "src/cases/read_case.h"

namespace djcache::conformance {
namespace {

// Whether a command affects more than one database of the server: never allowed on a user's server.
bool reaches_beyond(std::string name) {
  static constexpr std::string_view commands[] = {
      "ACL",  "CLIENT", "CONFIG", "DEBUG",     "FAILOVER", "FLUSHALL", "FUNCTION", "MODULE",
      "MOVE", "SAVE",   "SCRIPT", "REPLICAOF", "SELECT",   "SHUTDOWN", "SLAVEOF",  "SWAPDB"};
  std::transform(name.begin(), name.end(), name.begin(),
                 [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  return std::find(std::begin(commands), std::end(commands), name) != std::end(commands);
}

class Checker {
 public:
  Checker(const Node& node, Case& c) : node_(node), case_(c) {}

  void run() {
    if (case_.servers.count("server") != 0) add_need("own_server");
    check_locations();
    for (const Step& step : case_.steps) {
      step_ = &step;
      std::visit([this](const auto& action) { check(action); }, step.action);
    }
    if (!started_.empty()) node_.fail("\"" + *started_.begin() + "\" is started and never awaited");
    check_needs();
    check_time();
    check_backends();
  }

 private:
  [[noreturn]] void fail(const std::string& what) const {
    throw FileError(step_->path + ": " + what);
  }

  void add_need(const std::string& need) {
    if (!case_.needs_one(need)) {
      case_.needs.push_back(need);
      std::sort(case_.needs.begin(), case_.needs.end());
    }
    used_.insert(need);
  }

  // --- Places.
  // Records the need for the server of this name. Fails for an unknown name.
  void use_server(const std::string& name, int db, const std::string& where) {
    if (name == "server") {
      if (db > 0) used_.insert("databases");
      return;
    }
    beyond_memory_ = beyond_memory_ || name != "server:2";
    if (name == "server:2" || name == "replica:1" || name == "replica:2") {
      used_.insert(name);
    } else if (case_.servers.count(name) == 0) {
      throw FileError(where + ": no server is called \"" + name + "\" in this case");
    }
  }

  void use_placeholder(const Placeholder& found, const std::string& where) {
    if (!found.part.empty()) beyond_memory_ = true;
    if (found.part == "unix") used_.insert("unix");
    if (found.name == "peer") {
      used_.insert("peer");
      beyond_memory_ = true;
      if (!found.part.empty()) throw FileError(where + ": the peer has only a URL");
    } else if (found.name == "nowhere") {
      beyond_memory_ = true;
    } else {
      use_server(found.name, found.db, where);
    }
  }

  void check_location(const std::string& alias, const Json& location) {
    const std::string where = node_.path() + ".caches." + alias + ".LOCATION";
    for (const Json& text : location.is_array() ? location : Json::array({location})) {
      std::string problem;
      replace_placeholders(
          text.get<std::string>(),
          [&](const Placeholder& found) { return use_placeholder(found, where), std::string(); },
          problem);
      if (!problem.empty()) throw FileError(where + ": " + problem);
      if (text.get<std::string>().find('{') == std::string::npos) {
        throw FileError(where + ": no placeholder: a case never names a server of the outside");
      }
    }
  }

  void check_locations() {
    for (const auto& [alias, settings] : case_.caches.items()) {
      if (settings.contains("LOCATION")) check_location(alias, settings["LOCATION"]);
    }
  }

  // --- Needs.
  void check_needs() const {
    for (const std::string& need : used_) {
      if (!case_.needs_one(need)) node_.fail("the case uses " + need + ": add it to \"needs\"");
    }
    for (const std::string& need : case_.needs) {
      if (need != "own_server" && used_.count(need) == 0) {
        node_.fail("nothing in the case uses its need " + need);
      }
    }
    if (case_.needs_one("peer") != !case_.peer.empty()) {
      node_.fail("a case that needs the peer has a script \"peer\", and no other case");
    }
  }

  void check_time() const {
    if (case_.has_label("slow") && case_.has_label("core")) {
      node_.fail("a slow case is never core");
    }
    if (waits_ && !case_.has_label("slow")) {
      node_.fail("a case that waits for time to pass is labelled \"slow\"");
    }
  }

  void check_backends() const {
    const char* problem = only_with_server_ ? "has steps that need a server"
                          : beyond_memory_  ? "names servers beyond {server} and {server:2}"
                                            : nullptr;
    for (const char* backend : {"memory", "dummy"}) {
      if (problem != nullptr && case_.not_for_backend.count(backend) == 0) {
        node_.fail(std::string("the case ") + problem + ": it cannot be for " + backend);
      }
    }
  }

  void djcache_only(const char* what) const {
    if (case_.not_for_django.empty()) {
      fail(std::string(what) +
           " is djcache's own: say in \"django\" why Django does not replay it");
    }
  }

  void need_own_server(const std::string& name) {
    only_with_server_ = true;
    if (name == "server") used_.insert("own_server");
  }

  // --- Steps.
  void begin(const std::string& name) {
    if (!started_.insert(name).second) fail("\"" + name + "\" is started twice");
  }

  void check_alias(const std::string& alias, const Expectation* expected) const {
    if (case_.caches.contains(alias)) return;
    const auto* raises = expected == nullptr ? nullptr : std::get_if<Raises>(expected);
    if (raises == nullptr || raises->errc != Errc::unknown_alias) {
      fail("\"caches\" has no alias \"" + alias + "\"");
    }
  }

  void check(const CallStep& step) {
    check_alias(step.call.on, &step.expected);
    if (step.call.producer && step.call.producer->does) {
      check_alias(step.call.producer->does->on, nullptr);
    }
    if (!step.start.empty()) begin(step.start);
  }
  void check(const AwaitStep& step) {
    if (started_.erase(step.name) == 0) fail("\"" + step.name + "\" was not started");
    if (std::holds_alternative<Dropped>(step.expected)) djcache_only("dropped");
  }
  void check(const CancelStep& step) {
    if (started_.count(step.name) == 0) fail("\"" + step.name + "\" was not started");
    djcache_only("cancel");
  }
  void check(const ServerStep& step) { use_server(step.place.at, step.place.db, step_->path); }
  void check(const RawStep& step) {
    only_with_server_ = true;
    if (step.place.at == "server" && reaches_beyond(step.words[0])) used_.insert("own_server");
    use_server(step.place.at, step.place.db, step_->path);
  }
  void check(const RecordStep& step) {
    use_server(step.at, 0, step_->path);
    need_own_server(step.at);
    recording_.insert(step.at);
  }
  void check(const RecordedStep& step) {
    if (recording_.count(step.at) == 0)
      fail("nothing records " + step.at + ": begin with \"record\"");
  }
  void check(const ClientsStep& step) {
    for (const auto& [name, count] : step.counts) {
      use_server(name, 0, step_->path);
      need_own_server(name);
    }
  }
  void check(const ControlStep& step) {
    only_with_server_ = true;
    for (const auto& [name, verb] : step.actions) {
      use_server(name, 0, step_->path);
      if (case_.servers.count(name) == 0) used_.insert("own_server");
    }
  }
  void check(const LoopStep&) { djcache_only("loop"); }
  void check(const DisconnectStep& step) {
    if (!step.alias.empty()) check_alias(step.alias, nullptr);
    if (!step.start.empty()) begin(step.start);
  }
  void check(const PoolsStep&) { djcache_only("pools"); }
  void check(const EventsStep&) { djcache_only("events"); }
  void check(const EngineStep&) { djcache_only("engine"); }
  void check(const PeerStep&) {
    djcache_only("peer");
    used_.insert("peer");
  }
  void check(const WaitStep& step) {
    if (!step.replicated.empty()) {
      if (step.replicated == "server") fail("the main server is no replica");
      use_server(step.replicated, 0, step_->path);
      only_with_server_ = true;
      return;
    }
    waits_ = true;
    if (step.expired) {
      only_with_server_ = true;
      use_server(step.place.at, step.place.db, step_->path);
    }
  }
  void check(const CountedStep&) {}

  const Node& node_;
  Case& case_;
  const Step* step_ = nullptr;
  std::set<std::string> started_;
  std::set<std::string> recording_;
  std::set<std::string> used_;
  bool waits_ = false;
  bool only_with_server_ = false;
  bool beyond_memory_ = false;
};

}  // namespace

void check_case(const Node& node, Case& c) { Checker(node, c).run(); }

}  // namespace djcache::conformance
