// The commands of get_or_set. Their callbacks find the operation by its ticket: it may have been
// cancelled, timed out or destroyed with the engine meanwhile.
//
// Pure. Private to cache/.
#pragma once

#include <memory>
#include <optional>
#include <utility>

#include "cache/operation.h"

namespace djcache::cache {

// A call that stores the product.
class StoringCall : public Call {
 public:
  // Called by the loop once the commands are answered. May destroy *this.
  virtual void stored(Result<Value> result) = 0;

  Value product;
  std::unique_ptr<const Error> add_error;
};

// The arguments of a get_or_set.
struct Order {
  std::string key;
  std::string made;
  AsyncProducer producer;  // empty: a value was given
  Expiry expiry;
  CallOptions options;
  std::uint64_t producer_limit_ms = 0;
  std::uint64_t negative_ttl_ms = 0;
  double early_refresh_beta = 0;

  Key full() const { return {made, key}; }
};

template <class Operation>
Operation* find_operation(const std::weak_ptr<Calls>& calls, Ticket ticket) {
  const auto alive = calls.lock();
  return alive ? static_cast<Operation*>(alive->find_also_given_up(ticket)) : nullptr;
}

// Creates a call for the backend and lets `send(call)` pass it on; `next(operation, result)` is
// called with its result if the operation still exists.
template <class T, class Operation, class Convert, class Next, class Send>
void take_step(Alias& alias, Operation& operation, Convert convert, Next next, Send send) {
  Callback<T> then = [calls = std::weak_ptr(alias.calls), ticket = operation.ticket(),
                      next](Result<T> result) {
    if (auto* self = find_operation<Operation>(calls, ticket)) next(*self, std::move(result));
  };
  alias.calls->issue(alias.calls->make<ResultCall<T, Convert>>(std::move(then), std::move(convert)),
                     send);
}

struct Decode {
  const codec::Codec* codec;
  Result<std::optional<Value>> operator()(const Outcome& outcome) const {
    if (!outcome.flag) return std::optional<Value>();
    std::optional<Value> value(std::in_place);
    Error error;
    if (codec->decode(outcome.bytes, *value, error)) return value;
    return name_key(std::move(error), outcome);
  }
};

template <class Operation, class Next>
void look(Alias& alias, Operation& operation, const Order& order, const CallOptions& options,
          Next next) {
  take_step<std::optional<Value>>(
      alias, operation, Decode{alias.codec.get()}, next, [&](Call* step) {
        alias.backend->ask({.verb = Verb::get, .key = order.full(), .options = options}, step);
      });
}

// Encodes and adds `product`, and gets the key again; self.stored() receives the value that counts.
// Both commands are sent together: one round trip.
void add_and_look(Alias& alias, StoringCall& self, const Order& order);
// Encodes and sets `product`, replacing an existing entry.
void replace(Alias& alias, StoringCall& self, const Order& order);

}  // namespace djcache::cache
