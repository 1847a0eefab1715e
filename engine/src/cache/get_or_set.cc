// get_or_set: get; on a miss produce, add, and get again with the product as fallback
// (django/core/cache/backends/base.py, get_or_set).
#include <djcache/cache.h>

#include "cache/operation.h"

namespace djcache {

using namespace cache;
using detail::Alias;

namespace {

// How many operations of an engine may wait for their producers.
constexpr std::size_t parked_max = 100'000;

// The state of one get_or_set. Its steps are calls of their own, which find it by its ticket: it
// may have been cancelled, timed out or destroyed with the engine meanwhile.
class GetOrSet final : public Call {
 public:
  struct Plan {
    std::string key;
    std::string made;
    Value fallback;
    AsyncProducer producer;  // empty: the fallback counts
    Expiry expiry;
    CallOptions options;
    std::uint64_t producer_limit_ms = 0;
  };

  GetOrSet(std::shared_ptr<Alias> alias, Callback<Value>&& done, std::unique_ptr<Plan> plan)
      : alias_(std::move(alias)), done_(std::move(done)), plan_(std::move(plan)) {}

  void start() {
    look(plan_->options,
         [](GetOrSet& self, Result<std::optional<Value>> found) { self.looked(std::move(found)); });
  }

  // Only errors end it this way: from defer(), cancel() and the end of its producer's time.
  void finish(const Outcome& outcome) override {
    end(outcome.error != nullptr ? Result<Value>(*outcome.error) : Result<Value>(Value()));
  }

 private:
  struct Resolver;

  void give_up(const Error& error) override {
    Callback<Value> done = std::move(done_);
    if (done) done(Result<Value>(error));
  }

  void end(Result<Value> result) {
    if (given_up()) return release();
    Callback<Value> done = std::move(done_);
    release();
    if (done) done(std::move(result));
  }

  static GetOrSet* find(const std::weak_ptr<Calls>& calls, Ticket ticket) {
    const auto alive = calls.lock();
    return alive ? static_cast<GetOrSet*>(alive->find_also_given_up(ticket)) : nullptr;
  }

  Key key() const { return {plan_->made, plan_->key}; }

  // Gets the entry and goes on with `next`, unless this has come to its end.
  template <class Next>
  void look(const CallOptions& options, Next next) {
    struct Decode {
      const codec::Codec* codec;
      Result<std::optional<Value>> operator()(const Outcome& outcome) const {
        if (!outcome.flag) return std::optional<Value>();
        std::optional<Value> value(std::in_place);
        Error error;
        if (codec->decode(outcome.bytes, *value, error)) return value;
        return name_key(std::move(error), outcome, 0);
      }
    };
    Callback<std::optional<Value>> then = [calls = std::weak_ptr(alias_->calls), ticket = ticket(),
                                           next](auto found) {
      if (GetOrSet* self = find(calls, ticket)) next(*self, std::move(found));
    };
    Call* step = alias_->calls->make<ResultCall<std::optional<Value>, Decode>>(
        std::move(then), Decode{alias_->codec.get()});
    alias_->backend->get(key(), options, step);
  }

  void looked(Result<std::optional<Value>> found);

  void produced(Result<Value> product) {
    alias_->calls->unpark(this);
    if (!product.ok()) return alias_->calls->defer(this, std::move(product).error());
    plan_->fallback = std::move(*product);
    store();
  }

  // Both commands leave together: one round trip.
  void store() {
    CallOptions options = plan_->options;
    options.continuation = true;
    options.primary = true;  // a replica may not have the entry yet
    // Django warns for its get, its add and its second get.
    for (int i = 0; i < 2 && needs_warning(plan_->made); ++i) warn(*alias_, plan_->made);
    codec::Encoded encoded;
    if (!encode(*alias_, plan_->fallback, plan_->made, encoded, this)) return;
    const auto calls = std::weak_ptr(alias_->calls);
    Callback<bool> added = [calls, ticket = ticket()](Result<bool> r) {
      if (r.ok()) return;
      if (GetOrSet* self = find(calls, ticket)) self->add_error_ = std::move(r).error();
    };
    Call* step = alias_->calls->make<ResultCall<bool, ToFlag>>(std::move(added), ToFlag{});
    alias_->backend->add(key(), encoded, plan_->expiry, options, step);
    look(options, [](GetOrSet& self, Result<std::optional<Value>> found) {
      if (self.add_error_) return self.end(*std::move(self.add_error_));
      if (!found.ok()) return self.end(std::move(found).error());
      self.end(found->has_value() ? std::move(**found) : std::move(self.plan_->fallback));
    });
  }

  std::shared_ptr<Alias> alias_;
  Callback<Value> done_;
  std::unique_ptr<Plan> plan_;
  std::optional<Error> add_error_;
};

// What a producer is given. Dropped unresolved, it says so.
struct GetOrSet::Resolver {
  std::weak_ptr<Calls> calls;
  Ticket ticket;

  Resolver(const std::shared_ptr<Calls>& to, Ticket of) : calls(to), ticket(of) {}
  Resolver(Resolver&& other) noexcept
      : calls(std::exchange(other.calls, {})), ticket(std::exchange(other.ticket, {})) {}
  Resolver& operator=(Resolver&&) = delete;
  ~Resolver() {
    if (ticket.generation != 0) {
      resolve(Error{Errc::cancelled, "the producer was dropped without resolving"});
    }
  }
  void operator()(Result<Value> product) { resolve(std::move(product)); }

 private:
  void resolve(Result<Value> product) {
    const Ticket of = std::exchange(ticket, {});
    const auto alive = calls.lock();
    if (!alive) return;
    // Cancelled or timed out meanwhile: nobody waits.
    auto* self = static_cast<GetOrSet*>(alive->find(of));
    if (self != nullptr && alive->is_parked(of)) self->produced(std::move(product));
  }
};

void GetOrSet::looked(Result<std::optional<Value>> found) {
  if (given_up()) return release();
  if (!found.ok()) return end(std::move(found).error());
  if (found->has_value()) return end(std::move(**found));
  if (!plan_->producer) return store();
  if (alias_->calls->parked() >= parked_max) {
    return alias_->calls->defer(
        this, {Errc::overloaded, std::to_string(parked_max) + " producers are at work already"});
  }
  alias_->calls->park(this, plan_->producer_limit_ms);
  // The producer may do anything, also destroy the engine and with it *this.
  AsyncProducer producer = std::move(plan_->producer);
  producer(Resolve(Resolver(alias_->calls, ticket())));
}

Ticket start_get_or_set(const std::shared_ptr<Alias>& shared, std::string_view key, Value fallback,
                        AsyncProducer producer, const GetOrSetOptions& options,
                        Callback<Value> done) {
  Alias& alias = *shared;
  if (!usable(alias)) return {};
  auto plan = std::make_unique<GetOrSet::Plan>();
  plan->key = key;
  plan->made = made_key(alias, key, options.version);
  plan->fallback = std::move(fallback);
  plan->producer = std::move(producer);
  plan->expiry = expiry_of(alias, options.ttl);
  plan->options.limit_ms = limit_of(alias, options.limit);
  plan->producer_limit_ms = limit_of(alias, options.producer_limit);
  auto* call = alias.calls->make<GetOrSet>(shared, std::move(done), std::move(plan));
  const Ticket ticket = call->ticket();
  alias.calls->enroll(call);
  if (alias.broken) {
    alias.calls->defer(call, *alias.broken);
  } else {
    call->start();
  }
  return ticket;
}

}  // namespace

Ticket Cache::get_or_set(std::string_view key, Value fallback, const GetOrSetOptions& options,
                         Callback<Value> done) {
  return start_get_or_set(alias_, key, std::move(fallback), {}, options, std::move(done));
}

Ticket Cache::get_or_set(std::string_view key, AsyncProducer producer,
                         const GetOrSetOptions& options, Callback<Value> done) {
  return start_get_or_set(alias_, key, Value(), std::move(producer), options, std::move(done));
}

}  // namespace djcache
