#include "src/run/run_plan.h"

#include <poll.h>

#include <memory>

#include "src/run/compare_states.h"
#include "src/run/worker.h"

namespace djcache::conformance {
namespace {

class Crew {
 public:
  Crew(const Plan& plan, const Options& options, Interrupts* interrupts, const Progress& progress)
      : plan_(plan),
        options_(options),
        interrupts_(interrupts),
        progress_(progress),
        results_(plan.runs.size()) {
    if (options.compare_states) states_.emplace(plan, results_, options.state);
  }

  Played work() {
    const int jobs = options_.location.empty() ? options_.jobs : 1;
    const std::size_t wanted = std::min<std::size_t>(jobs, plan_.runs.size());
    while (workers_.size() < wanted) hire();
    while (finished_ < plan_.runs.size()) {
      if (const int signal = interrupts_ ? interrupts_->taken() : 0; signal != 0)
        return {.signal = signal};
      for (auto& worker : workers_) {
        if (!worker->started()) worker = std::make_unique<Worker>(plan_, options_);
        if (!worker->started()) return abandon();
        if (!worker->busy() && next_ < plan_.runs.size()) worker->begin(next_++);
      }
      listen();
    }
    const std::size_t compared = states_ ? states_->compared() : 0;
    return {std::move(results_), compared};
  }

 private:
  void hire() { workers_.push_back(std::make_unique<Worker>(plan_, options_)); }

  Played abandon() {
    for (CaseResult& result : results_) {
      if (result.reason.empty() && result.milliseconds == 0 && result.status == Status::failed) {
        result.reason = "no process could be made to play it";
      }
    }
    return {std::move(results_)};
  }

  void listen() {
    std::vector<pollfd> polls;
    for (const auto& worker : workers_) polls.push_back({worker->fd(), POLLIN, 0});
    if (interrupts_ != nullptr) polls.push_back({interrupts_->fd(), POLLIN, 0});
    ::poll(polls.data(), polls.size(), 200);
    for (std::size_t i = 0; i < workers_.size(); ++i) {
      Worker& worker = *workers_[i];
      if (!worker.busy()) continue;
      const std::size_t run = worker.run();
      if (polls[i].revents != 0) {
        if (auto result = worker.read()) finish(run, std::move(*result));
      } else if (std::chrono::steady_clock::now() - worker.begun() >
                 std::chrono::seconds(options_.case_limit_s)) {
        finish(run, worker.give_up(options_.case_limit_s));
      }
    }
  }

  void finish(std::size_t run, CaseResult result) {
    results_[run] = std::move(result);
    ++finished_;
    if (states_) states_->ended(run);
    progress_(plan_.runs[run], results_[run]);
  }

  const Plan& plan_;
  const Options& options_;
  Interrupts* interrupts_;
  const Progress& progress_;
  std::vector<CaseResult> results_;
  std::optional<StateComparison> states_;
  std::vector<std::unique_ptr<Worker>> workers_;
  std::size_t next_ = 0;
  std::size_t finished_ = 0;
};

}  // namespace

Played run_plan(const Plan& plan, const Options& options, Interrupts* interrupts,
                const Progress& progress) {
  if (!options.in_process) return Crew(plan, options, interrupts, progress).work();
  Replayer replayer(plan, options);
  Played played;
  for (const Run& run : plan.runs) {
    if (interrupts != nullptr) played.signal = interrupts->taken();
    if (played.signal != 0) break;
    played.results.push_back(replayer.play(run));
    progress(run, played.results.back());
  }
  return played;
}

}  // namespace djcache::conformance
