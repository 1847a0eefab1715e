#include "src/run/run_plan.h"

#include <poll.h>

#include <memory>

#include "src/run/worker.h"

namespace djcache::conformance {
namespace {

class Crew {
 public:
  Crew(const Plan& plan, const Options& options, const Progress& progress)
      : plan_(plan), options_(options), progress_(progress), results_(plan.runs.size()) {}

  std::vector<CaseResult> work() {
    const std::size_t wanted = std::min<std::size_t>(options_.jobs, plan_.runs.size());
    while (workers_.size() < wanted) hire();
    while (finished_ < plan_.runs.size()) {
      for (auto& worker : workers_) {
        if (!worker->started()) worker = std::make_unique<Worker>(plan_, options_);
        if (!worker->started()) return abandon();
        if (!worker->busy() && next_ < plan_.runs.size()) worker->begin(next_++);
      }
      listen();
    }
    return std::move(results_);
  }

 private:
  void hire() { workers_.push_back(std::make_unique<Worker>(plan_, options_)); }

  std::vector<CaseResult> abandon() {
    for (CaseResult& result : results_) {
      if (result.reason.empty() && result.milliseconds == 0 && result.status == Status::failed) {
        result.reason = "no process could be made to play it";
      }
    }
    return std::move(results_);
  }

  void listen() {
    std::vector<pollfd> polls;
    for (const auto& worker : workers_) polls.push_back({worker->fd(), POLLIN, 0});
    ::poll(polls.data(), polls.size(), 200);
    for (std::size_t i = 0; i < polls.size(); ++i) {
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
    progress_(plan_.runs[run], results_[run]);
  }

  const Plan& plan_;
  const Options& options_;
  const Progress& progress_;
  std::vector<CaseResult> results_;
  std::vector<std::unique_ptr<Worker>> workers_;
  std::size_t next_ = 0;
  std::size_t finished_ = 0;
};

}  // namespace

std::vector<CaseResult> run_plan(const Plan& plan, const Options& options, Servers* location,
                                 const Progress& progress) {
  if (location == nullptr && !options.in_process) return Crew(plan, options, progress).work();
  Replayer replayer(plan, options, location);
  std::vector<CaseResult> results;
  for (const Run& run : plan.runs) {
    results.push_back(replayer.play(run));
    progress(run, results.back());
  }
  return results;
}

}  // namespace djcache::conformance
