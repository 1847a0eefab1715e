// Production: one producer at work on one key, for all get_or_set calls that miss it meanwhile.
//
// Pure. A call of its own that no user has a ticket of: it outlives the one who began it, as long as
// somebody waits for its product. With everybody gone it ends, and what the producer resolves to is
// ignored; a refresh in the background goes on without anybody.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "cache/get_or_set_steps.h"

namespace djcache::cache {

// How many operations of an engine may wait for producers.
inline constexpr std::size_t parked_max = 100'000;

// A get_or_set that waits for a product. Parked while the producer is at work.
class ProductWaiter : public StoringCall {
 public:
  // Runs the callback and destroys the call. REQUIRES: on the loop, not inside a call of the API.
  virtual void end(Result<Value> result) = 0;
  // Its own order, never given before.
  virtual std::unique_ptr<Order> give_order() = 0;
};

class Production final : public StoringCall {
 public:
  // For begin().
  Production(std::shared_ptr<Alias> alias, std::unique_ptr<Order> order, bool in_background);
  ~Production() override;

  static Production* find(Alias& alias, std::string_view made);
  // REQUIRES: none is under way. `in_background`: goes on without anybody, to replace the entry.
  static Production& begin(const std::shared_ptr<Alias>& alias, std::unique_ptr<Order> order,
                           bool in_background);

  void join(ProductWaiter& waiter);
  bool producing() const { return producing_; }
  void leave();  // one who joined has ended by himself. May destroy *this
  // The last thing the caller does: a producer may destroy the engine.
  void produce();
  // On the loop: the producer's time is over, the product did not encode, or disconnect.
  void finish(const Outcome& outcome) override;

 private:
  struct Resolver;

  void give_up(const Error&) override {}  // nobody has its ticket
  void resolved(Result<Value> product);
  void stored(Result<Value> result) override;
  void let_the_next_produce(const Error& late);

  std::shared_ptr<Alias> alias_;
  std::unique_ptr<Order> order_;
  std::vector<Ticket> waiters_;  // in the order of their coming; some may have ended
  std::size_t waiting_ = 0;
  std::uint64_t began_ms_ = 0;
  std::uint32_t attempt_ = 0;
  bool producing_ = false;
  bool in_background_;
};

}  // namespace djcache::cache
