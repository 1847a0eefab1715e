#include "cache/production.h"

#include <algorithm>

namespace djcache::cache {

// The function passed to a producer. If it is destroyed uncalled, the operation is told.
struct Production::Resolver {
  std::weak_ptr<Calls> calls;
  Ticket ticket;
  std::uint32_t attempt;

  Resolver(const std::shared_ptr<Calls>& to, Ticket of, std::uint32_t number)
      : calls(to), ticket(of), attempt(number) {}
  Resolver(Resolver&& other) noexcept
      : calls(std::exchange(other.calls, {})),
        ticket(std::exchange(other.ticket, {})),
        attempt(other.attempt) {}
  Resolver& operator=(Resolver&&) = delete;
  ~Resolver() {
    if (ticket.generation != 0) resolve(nullptr);
  }
  void operator()(Result<Value> product) { resolve(&product); }

 private:
  void resolve(Result<Value>* product) {  // null: dropped
    const Ticket of = std::exchange(ticket, {});
    const auto alive = calls.lock();
    // All callers have ended, or the producer's limit has passed.
    if (!alive || !alive->is_parked(of)) return;
    auto* self = static_cast<Production*>(alive->find(of));
    if (self->attempt_ != attempt) return;
    try {
      self->resolved(product != nullptr
                         ? std::move(*product)
                         : Error{Errc::cancelled, "the producer was dropped without resolving"});
    } catch (const std::bad_alloc&) {
      alive->spoil_and_ask_for_turn();  // waiting callers have no timer any more
    }
  }
};

Production::Production(std::shared_ptr<Alias> alias, std::unique_ptr<Order> order,
                       bool in_background)
    : alias_(std::move(alias)), order_(std::move(order)), in_background_(in_background) {}

Production::~Production() {
  // A production that was given up may have a successor.
  if (alias_->stampede.production(order_->made) != ticket()) return;
  alias_->stampede.end_production(order_->made);
}

Production* Production::find(Alias& alias, std::string_view made) {
  return static_cast<Production*>(alias.calls->find(alias.stampede.production(made)));
}

Production& Production::begin(const std::shared_ptr<Alias>& alias, std::unique_ptr<Order> order,
                              bool in_background) {
  auto* self = alias->calls->make<Production>(alias, std::move(order), in_background);
  alias->stampede.begin_production(self->order_->made, self->ticket());
  // Its waiters are enrolled themselves.
  if (in_background) alias->calls->enroll(self);
  return *self;
}

void Production::join(ProductWaiter& waiter) {
  ++waiting_;
  constexpr std::size_t few = 64;
  if (waiters_.size() > 2 * waiting_ + few) {
    std::erase_if(waiters_, [this](Ticket each) { return alias_->calls->find(each) == nullptr; });
  }
  waiters_.push_back(waiter.ticket());
}

void Production::leave() {
  if (--waiting_ == 0 && producing_ && !in_background_) release();
}

void Production::produce() {
  ++alias_->statistics.produced;
  ++attempt_;
  producing_ = true;
  began_ms_ = alias_->stampede.clock();
  alias_->calls->park(this, order_->producer_limit_ms);
  AsyncProducer producer = std::move(order_->producer);
  producer(Resolve(Resolver(alias_->calls, ticket(), attempt_)));
}

// Called by the program, perhaps inside a call of the API: callbacks must not run before the next
// turn.
void Production::resolved(Result<Value> result) {
  Calls& calls = *alias_->calls;
  calls.unpark(this);
  producing_ = false;
  // From here on the limits of the commands apply.
  for (const Ticket each : waiters_) {
    if (Call* waiter = calls.find(each)) calls.unpark(waiter);
  }
  if (result.ok()) {
    alias_->stampede.remember_duration(order_->made, alias_->stampede.clock() - began_ms_);
    product = std::move(*result);
    return in_background_ ? replace(*alias_, *this, *order_)
                          : add_and_look(*alias_, *this, *order_);
  }
  if (result.error().code == Errc::no_value && order_->negative_ttl_ms > 0) {
    alias_->stampede.remember_missing(order_->made, order_->negative_ttl_ms);
  }
  calls.defer(this, std::move(result).error());
}

void Production::finish(const Outcome& outcome) {
  const Error error = outcome.error != nullptr ? *outcome.error : Error{};
  if (producing_ && error.code == Errc::timeout) return let_the_next_produce(error);
  stored(error);
}

// The most recent waiter has the most time left, so its producer runs next.
void Production::let_the_next_produce(const Error& late) {
  const auto next = std::find_if(waiters_.rbegin(), waiters_.rend(),
                                 [this](Ticket each) { return alias_->calls->is_parked(each); });
  if (next == waiters_.rend()) return stored(late);
  order_ = static_cast<ProductWaiter*>(alias_->calls->find(*next))->give_order();
  in_background_ = false;
  produce();
}

void Production::stored(Result<Value> result) {
  const auto alias = alias_;
  const auto calls = alias->calls;
  const std::vector<Ticket> waiters = std::move(waiters_);
  if (in_background_ && !result.ok()) {
    ++alias->statistics.errors[static_cast<std::size_t>(result.error().code)];
  }
  release();  // first: a callback that requests the key again finds the result
  for (const Ticket each : waiters) {
    // A callback may have destroyed the engine, or ended other waiters.
    auto* waiter = static_cast<ProductWaiter*>(calls->find_also_given_up(each));
    if (waiter != nullptr) waiter->end(result);
  }
}

}  // namespace djcache::cache
