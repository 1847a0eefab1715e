// Production: a running producer of one key, for all get_or_set calls that miss the key meanwhile.
//
// Pure. A call without a ticket: it outlives the operation that began it, as long as any operation
// waits for its product. When all have ended it ends, too, and the producer's result is dropped; a
// refresh in the background continues without any.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "cache/get_or_set_steps.h"

namespace djcache::cache {

// How many operations of an engine may wait for producers.
inline constexpr std::size_t parked_max = 100'000;

// A get_or_set that waits for a product. Parked while the producer runs.
class ProductWaiter : public StoringCall {
 public:
  // Runs the callback and destroys the call. REQUIRES: called by the loop, not inside a call of the
  // API.
  virtual void end(Result<Value> result) = 0;
  // Its own order, which can be taken once.
  virtual std::unique_ptr<Order> give_order() = 0;
};

class Production final : public StoringCall {
 public:
  // Used by begin().
  Production(std::shared_ptr<Alias> alias, std::unique_ptr<Order> order, bool in_background);
  ~Production() override;

  static Production* find(Alias& alias, std::string_view made);
  // REQUIRES: the key has no production. `in_background`: continues without waiters, to replace the
  // entry.
  static Production& begin(const std::shared_ptr<Alias>& alias, std::unique_ptr<Order> order,
                           bool in_background);

  void join(ProductWaiter& waiter);
  bool producing() const { return producing_; }
  void leave();  // a waiter has ended. May destroy *this
  // The last action of the caller, because a producer may destroy the engine.
  void produce();
  // Called by the loop: the producer's limit, a product that cannot be encoded, or a disconnect.
  void finish(const Outcome& outcome) override;

 private:
  struct Resolver;

  void give_up(const Error&) override {}  // no ticket exists, so it is never given up
  void resolved(Result<Value> product);
  void stored(Result<Value> result) override;
  void let_the_next_produce(const Error& late);

  std::shared_ptr<Alias> alias_;
  std::unique_ptr<Order> order_;
  std::vector<Ticket> waiters_;  // in order of arrival; some may have ended
  std::size_t waiting_ = 0;
  std::uint64_t began_ms_ = 0;
  std::uint32_t attempt_ = 0;
  bool producing_ = false;
  bool in_background_;
};

}  // namespace djcache::cache
