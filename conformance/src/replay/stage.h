// Stage: the environment of one case, and the state that steps leave for later steps.
#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include <djcache/harness/command_log.h>
#include <djcache/harness/loop_runner.h>
#include <djcache/harness/scripted_peer.h>

#include "src/cases/model.h"
#include "src/cases/placeholder.h"
#include "src/replay/configuration.h"
#include "src/replay/result.h"
#include "src/replay/servers.h"
#include "src/subject/subject.h"

namespace djcache::conformance {

class Stage {
 public:
  Stage(const Case& c, const Configuration& configuration, Servers& servers);

  // Why the case cannot begin, or "".
  const std::string& problem() const { return problem_; }

  // Runs the loop until the predicate is true; also runs functions deferred by producers.
  bool run_until(const std::function<bool()>& predicate,
                 std::chrono::milliseconds limit = std::chrono::seconds(15),
                 std::chrono::milliseconds check_every = std::chrono::milliseconds(0));
  // The same for conditions outside of the loop: checked again every few milliseconds.
  bool wait_for(const std::function<bool()>& predicate,
                std::chrono::milliseconds limit = std::chrono::seconds(2));

  // Turns the loop n times, each for a millisecond if nothing happens. Also works if nothing keeps
  // the loop alive (an idle pool does not), in which case uv_run alone would return at once.
  void turn(int n);
  // Lets the engine notice events on its connections.
  void notice() { turn(3); }

  // The inspector of a server that the case names, or null with a problem.
  harness::Inspector* inspector(const Place& place, std::string& problem);

  // Whether a pool or event of this endpoint is that of the Sentinel that knows the servers.
  bool is_sentinel(std::string_view endpoint) const;

  // Ends the case. Returns "" if nothing was left, otherwise what was.
  std::string teardown();

  const Case& c;
  const Configuration& configuration;
  Servers& servers;
  harness::LoopRunner runner;
  std::unique_ptr<Subject> subject;
  std::unique_ptr<harness::ScriptedPeer> peer;

  std::vector<std::string> warnings;                        // of the current call
  std::vector<std::string> events;                          // kinds, since the last events step
  std::map<std::string, std::shared_ptr<Pending>> started;  // not yet awaited
  std::map<std::string, std::int64_t> counters;             // of producers
  std::map<std::string, std::unique_ptr<harness::CommandLog>> logs;  // by server
  std::set<std::string> stopped;                                     // servers under SIGSTOP
  bool diverged = false;  // the subject differed from djcache's expectation

 private:
  std::string resolve(const Placeholder& placeholder);
  void open_peer();
  std::string disconnect_everything();
  std::string close_loop();
  std::string count_clients();

  std::vector<std::function<void()>> later_;
  Json caches_;
  Result<Settings> settings_;
  std::string problem_;
};

}  // namespace djcache::conformance
