// The driver of all contestants, a closed loop. It stores every key once, keeps `in_flight`
// operations in flight by issuing the next from the callback of a completed one, checks every
// reply, and measures between two completions in the middle of a run, so that the figures exclude
// start and end. After a SET run it reads every key back. It does not depend on any client.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "contestants/contestant.h"
#include "driver/key_set.h"
#include "driver/workload.h"
#include "measure/histogram.h"
#include "measure/usage.h"

namespace djcache::bench {

class Driver final : public ReplySink {
 public:
  Driver(uv_loop_t& loop, Contestant& contestant, const Workload& workload);

  /// The contestant must be open. Runs the loop until everything is done or something failed.
  Outcome run();

  void on_value(std::uint32_t slot, std::string_view value) override;
  void on_stored(std::uint32_t slot) override;
  void on_failure(std::string_view detail) override;

 private:
  struct Slot {
    std::uint32_t key = 0;
    std::uint64_t issued_ns = 0;
  };
  enum class Order { kEachOnce, kRandom };

  /// Issues until `completions` are reached, then waits for the rest. False after a failure.
  bool run_phase(Op op, Order order, std::uint64_t completions, bool measured);
  void issue(std::uint32_t slot);
  void complete(std::uint32_t slot);
  bool wants_more() const;
  Outcome outcome() const;

  uv_loop_t& loop_;
  Contestant& contestant_;
  const Workload workload_;
  KeySet keys_;
  KeyOrder order_;
  std::vector<Slot> slots_;

  Op op_ = Op::kSet;
  Order phase_order_ = Order::kEachOnce;
  std::uint64_t wanted_ = 0;
  std::uint64_t issued_ = 0;
  std::uint64_t completed_ = 0;
  std::uint64_t now_ns_ = 0;
  bool measured_ = false;

  Usage begin_;
  Usage end_;
  UsageMeter meter_;
  Histogram latency_;
  std::string failure_;
};

}  // namespace djcache::bench
