// EngineCore: every disconnect, from the call to its report.
#include <algorithm>

#include "engine/engine_core.h"
#include "engine/pool_config.h"
#include "engine/pools_in_use.h"

namespace djcache::detail {

void EngineCore::retire(net::PoolDriver& driver, link::Millis now, link::Millis deadline) {
  try {
    driver.pool().disconnect(now, deadline);
  } catch (const std::bad_alloc&) {
    spoil();
  }
}

void EngineCore::disconnect_all(const DisconnectOptions& options, DisconnectDone done) {
  std::vector<net::PoolDriver*> drivers;
  for (const auto& driver : runtime_.drivers()) drivers.push_back(driver.get());
  net::Mailbox::Letters letters = runtime_.close_mailbox();
  if (last_letters_.empty()) last_letters_.swap(letters);
  for (auto& letter : letters) last_letters_.push_back(std::move(letter));
  disconnect(std::move(drivers), true, options, std::move(done));
}

void EngineCore::disconnect(std::vector<net::PoolDriver*> drivers, bool whole_engine,
                            const DisconnectOptions& options, DisconnectDone done) {
  if (stopped()) return;
  // The connections to Sentinels close together with the last that need them.
  for (net::PoolDriver* each : without(sentinels_only_for(drivers), drivers)) {
    drivers.push_back(each);
  }
  const std::vector<sentinel::Service*> ending = services_ending_with(drivers);
  const link::Millis now = runtime_.now();
  Job job;
  job.deadline = options.mode == DisconnectMode::abort ? now : now + millis(options.limit);
  job.drivers = std::move(drivers);
  job.done = std::move(done);
  if (whole_engine) job.parked = calls_->enrolled();
  job.awaits_turn = calls_->has_deferred();
  // Even if there is nothing to close: the report never comes inside this call.
  runtime_.request_turn();
  for (net::PoolDriver* driver : job.drivers) driver->pool().prepare_disconnect();
  jobs_.reserve(jobs_.size() + 1);
  // Up to here nothing has happened; from here on the report will come.
  for (sentinel::Service* service : ending) service->rest();
  for (net::PoolDriver* driver : job.drivers) retire(*driver, now, job.deadline);
  jobs_.push_back(std::move(job));
  runtime_.rearm();
}

void EngineCore::look_after_jobs() {
  bool finished = false;
  for (Job& job : jobs_) {
    if (!job.parked.empty()) {
      std::erase_if(job.parked, [&](Ticket ticket) { return calls_->find(ticket) == nullptr; });
      // A producer that resolved during the drain may have needed a new connection: that is closed,
      // too, unless operations were issued over it since; those belong to the next disconnect.
      if (job.parked.empty()) {
        const link::Millis now = runtime_.now();
        for (net::PoolDriver* driver : job.drivers) {
          driver->pool().disconnect_unused(now, std::max(now, std::min(job.deadline, now + 1000)));
        }
      }
    }
    job.finished = job.finished || is_finished(job);
    finished = finished || job.finished;
  }
  // With nothing left to do, the last handles close before the report, which comes with their end.
  if (runtime_.has_host() && quiet()) {
    runtime_.release_host();
    calls_->rest();
  }
  // If the runtime only has work of its own left, it calls this again on its next turn.
  const bool last_handles_stay = runtime_.has_host() && !others_at_work();
  if (finished && !runtime_.host_closing() && !last_handles_stay) report_finished_jobs();
}

bool EngineCore::is_finished(Job& job) {
  if (!job.parked.empty() || job.awaits_turn) return false;
  for (net::PoolDriver* driver : job.drivers) {
    if (driver->pool().disconnecting()) return false;
  }
  if (!job.counted) count(job);
  job.drivers = leave_sentinels_of(job.drivers);
  return job.drivers.empty();
}

void EngineCore::count(Job& job) {
  for (net::PoolDriver* driver : job.drivers) {
    const DisconnectReport& report = driver->pool().report();
    job.leases.reserve(job.leases.size() + report.leases.size());
  }
  for (net::PoolDriver* driver : job.drivers) {
    const DisconnectReport& report = driver->pool().report();
    job.connections += report.connections;
    job.completed += report.completed;
    job.aborted += report.aborted;
    job.limit_reached = job.limit_reached || report.limit_reached;
    job.leases.insert(job.leases.end(), report.leases.begin(), report.leases.end());
  }
  job.counted = true;
}

bool EngineCore::quiet() const { return !runtime_.busy() && !others_at_work(); }

// Anything except finished disconnects needs the loop.
bool EngineCore::others_at_work() const {
  if (runtime_.sockets() > 0 || calls_->waiting() > 0) return true;
  // Also operations that were given up: while they fill a pool, nothing else would bring their end.
  if (runtime_.operations_left()) return true;
  return std::any_of(jobs_.begin(), jobs_.end(), [](const Job& job) { return !job.finished; });
}

void EngineCore::report_finished_jobs() {
  // A report may disconnect again, or destroy the engine.
  while (!stopped()) {
    const auto it =
        std::find_if(jobs_.begin(), jobs_.end(), [](const Job& job) { return job.finished; });
    if (it == jobs_.end()) return;
    Job job = std::move(*it);
    jobs_.erase(it);
    if (!job.done) continue;
    DisconnectReport report;
    report.connections = job.connections;
    report.completed = job.completed;
    report.aborted = job.aborted;
    report.limit_reached = job.limit_reached;
    report.leases = std::move(job.leases);
    job.done(std::move(report));
  }
}

}  // namespace djcache::detail
