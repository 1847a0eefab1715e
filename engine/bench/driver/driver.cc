#include "driver/driver.h"

namespace djcache::bench {

Driver::Driver(uv_loop_t& loop, Contestant& contestant, const Workload& workload)
    : loop_(loop),
      contestant_(contestant),
      workload_(workload),
      keys_(workload.keys, workload.value_bytes),
      order_(workload.seed),
      slots_(workload.in_flight) {}

Outcome Driver::run() {
  const std::uint64_t all = workload_.warmup + workload_.operations;
  const bool right =
      run_phase(Op::kSet, Order::kEachOnce, keys_.size(), false) &&
      run_phase(workload_.op, Order::kRandom, all, true) &&
      (workload_.op == Op::kGet || run_phase(Op::kGet, Order::kEachOnce, keys_.size(), false));
  if (!right && failure_.empty()) failure_ = "the loop ended before the replies came";
  return outcome();
}

bool Driver::run_phase(Op op, Order order, std::uint64_t completions, bool measured) {
  op_ = op;
  phase_order_ = order;
  wanted_ = completions;
  issued_ = completed_ = 0;
  measured_ = measured;
  now_ns_ = workload_.latency ? monotonic_ns() : 0;
  contestant_.run(loop_, [this] {
    for (std::uint32_t slot = 0; slot < workload_.in_flight && wants_more(); ++slot) issue(slot);
  });
  return failure_.empty() && completed_ >= wanted_;
}

bool Driver::wants_more() const {
  // A measured phase keeps issuing until its last completion; the others use each key once.
  return measured_ ? completed_ < wanted_ : issued_ < wanted_;
}

void Driver::issue(std::uint32_t slot) {
  const std::uint32_t key = phase_order_ == Order::kRandom ? order_.next(keys_.size())
                                                           : static_cast<std::uint32_t>(issued_);
  ++issued_;
  slots_[slot] = {.key = key, .issued_ns = now_ns_};
  if (op_ == Op::kGet) {
    contestant_.get(slot, keys_[key]);
  } else {
    contestant_.set(slot, keys_[key], keys_.value_of(key));
  }
}

void Driver::on_value(std::uint32_t slot, std::string_view value) {
  if (!keys_.is_value_of(slots_[slot].key, value)) {
    on_failure("a GET of " + keys_[slots_[slot].key].bare + " brought another value");
    return;
  }
  complete(slot);
}

void Driver::on_stored(std::uint32_t slot) { complete(slot); }

void Driver::on_failure(std::string_view detail) {
  if (failure_.empty()) failure_ = detail;
  contestant_.end(loop_);
}

void Driver::complete(std::uint32_t slot) {
  if (!failure_.empty()) return;
  ++completed_;
  if (measured_) {
    if (workload_.latency) {
      now_ns_ = monotonic_ns();
      if (completed_ > workload_.warmup && completed_ <= wanted_) {
        latency_.record(now_ns_ - slots_[slot].issued_ns);
      }
    }
    if (completed_ == workload_.warmup) begin_ = meter_.read();
    if (completed_ == wanted_) end_ = meter_.read();
  }
  if (wants_more()) {
    issue(slot);
  } else if (completed_ == issued_) {
    contestant_.end(loop_);
  }
}

Outcome Driver::outcome() const {
  Outcome found{.failure = failure_};
  if (!failure_.empty()) return found;
  const auto operations = static_cast<double>(workload_.operations);
  found.seconds = static_cast<double>(end_.wall_ns - begin_.wall_ns) / 1e9;
  found.operations_per_second = operations / found.seconds;
  found.cpu_ns_per_operation = static_cast<double>(end_.cpu_ns - begin_.cpu_ns) / operations;
  found.p50_us = static_cast<double>(latency_.percentile(50)) / 1e3;
  found.p99_us = static_cast<double>(latency_.percentile(99)) / 1e3;
  if (end_.allocations) {
    found.allocations_per_operation =
        static_cast<double>(*end_.allocations - *begin_.allocations) / operations;
  }
  if (end_.instructions) {
    found.instructions_per_operation =
        static_cast<double>(*end_.instructions - *begin_.instructions) / operations;
  }
  return found;
}

}  // namespace djcache::bench
