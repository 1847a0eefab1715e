// Errors: each needs a cause.
#include <algorithm>

#include "simulation/judge.h"
#include "simulation/memory.h"

namespace djcache::simulation {

void Judge::note_disconnect(std::uint32_t engine, std::size_t operations) {
  if (disconnected_before_.size() <= engine) disconnected_before_.resize(engine + 1);
  disconnected_before_[engine] = operations;
}

bool Judge::any(std::initializer_list<Fault> faults) const {
  return std::any_of(faults.begin(), faults.end(),
                     [this](Fault fault) { return world_.has_happened(fault); });
}

bool Judge::has_cause(const Operation& operation, std::size_t place, Errc code) const {
  using enum Fault;
  const bool shares = operation.kind == Operation::Kind::get_or_set;
  const Micros waited = world_.now - operation.issued;
  // What needs a connection may be told that there was no memory to make one.
  const bool starved = Memory::has_failed();
  switch (code) {
    case Errc::no_memory:
      return starved;
    case Errc::timeout: {
      const std::uint32_t limit =
          shares ? std::min(operation.limit_ms, operation.producer_limit_ms) : operation.limit_ms;
      return shares || waited + 1000 >= limit * Micros{1000};
    }
    case Errc::cancelled:
      return operation.cancelled || operation.produces;
    case Errc::no_value:
      return operation.produces;
    case Errc::disconnected:
      return operation.engine < disconnected_before_.size() &&
             (shares || place < disconnected_before_[operation.engine]);
    case Errc::overloaded:
      return plan_->pending_max < 1000 || plan_->pending_max_bytes < 1'000'000;
    case Errc::connection_lost:
      // Where operations time out, a slow network may be taken for a silent one.
      return starved || plan_->may_time_out || plan_->failovers > 0 ||
             any({reset, half_close, silence, stall, restart, full, garbage, strange, error_reply});
    case Errc::no_primary:
      // A Sentinel has half a second, which a slow network may take from it, and the program may
      // disconnect one.
      if (plan_->sentinels == 0) return false;
      if (plan_->latency_max > 2000 || !disconnected_before_.empty()) return true;
      if (plan_->tls_of_sentinels && plan_->refuses_clients + plan_->strangers > 0) return true;
      [[fallthrough]];
    case Errc::connect_failed:
      return starved || plan_->failovers > 0 || plan_->may_time_out ||
             any({reset, half_close, silence, stall, restart, full, garbage, refuse, connect_stall,
                  resolve, error_reply, busy});
    case Errc::tls_failed:
      return plan_->tls && (starved || plan_->may_time_out || plan_->failovers > 0 ||
                            plan_->refuses_clients > 0 || plan_->strangers > 0 ||
                            any({reset, half_close, silence, stall, restart, full, garbage, refuse,
                                 connect_stall, resolve}));
    case Errc::protocol_error:
      return any({garbage, strange});
    case Errc::unavailable:
    case Errc::out_of_memory:
    case Errc::read_only:
      return any({error_reply});
    case Errc::key_not_found:
      return truth_.first(operation.first, [&](const Execution& execution) {
        if (execution.key != operation.made[0]) return false;
        if (plan_->lacks_scripts) {
          return execution.verb == Verb::get ? execution.seen.kind == Seen::Kind::missing
                                             : execution.verb == Verb::exists && !execution.ok;
        }
        return !execution.ok && (execution.verb == Verb::incr || execution.verb == Verb::move);
      }) != Truth::npos;
    default:
      return false;
  }
}

void Judge::lost(const PoolEvent& event) {
  using enum Fault;
  if (event.reason.find("the primary is elsewhere now") != std::string::npos) {
    truth_.note_move(world_.now);
    if (truth_.moves_made > truth_.moves_told) {
      world_.fail("a server is left though no Sentinel has named another when asked");
    }
  }
  // Where an operation times out, a slow network may be taken for a silent one.
  if (Memory::has_failed() || event.reason.find(": silent for ") != std::string::npos) return;
  if (any({reset, half_close, silence, stall, restart, full, garbage, strange, error_reply}))
    return;
  if (plan_->failovers > 0) return;
  world_.fail("a connection is lost without a cause: " + event.reason);
}

void Judge::error(Operations& all, std::size_t place, const Error& error) {
  if (has_cause(all[place], place, error.code)) return;
  complain(all[place], place, "ended without a cause with " + djcache::to_string(error));
}

}  // namespace djcache::simulation
