// get_or_set: get; on a miss produce, add, and get again with the product as fallback
// (django/core/cache/backends/base.py, get_or_set). Producers are shared: production.h.
#include <djcache/cache.h>

#include "cache/production.h"
#include "cancelled.h"

namespace djcache {

using namespace cache;
using detail::Alias;

namespace {

// The state of one get_or_set. Its steps are calls of their own and find it by its ticket.
class GetOrSet final : public ProductWaiter {
 public:
  GetOrSet(std::shared_ptr<Alias> alias, Callback<Value>&& done, std::unique_ptr<Order> order,
           Value fallback)
      : alias_(std::move(alias)), done_(std::move(done)), order_(std::move(order)) {
    product = std::move(fallback);
  }

  void start();

  // Called with errors only: by defer(), cancel() and the limit of its producer.
  void finish(const Outcome& outcome) override {
    end(outcome.error != nullptr ? Result<Value>(*outcome.error) : Result<Value>(Value()));
  }
  void end(Result<Value> result) override;
  void stored(Result<Value> result) override { end(std::move(result)); }
  std::unique_ptr<Order> give_order() override { return std::move(order_); }

 private:
  // The state of an entry that may be due for an early refresh.
  struct Probe {
    std::uint64_t duration_ms = 0;
    std::optional<std::int64_t> remaining_ms{};
    std::optional<Value> found{};
    bool answered = false;
  };

  void give_up(const Error& error) override;
  void count(const Error* error);
  void leave();
  void ask_for_remaining_life(std::uint64_t duration_ms);
  void looked(Result<std::optional<Value>> found);
  void found_and_probed();
  void join();

  std::shared_ptr<Alias> alias_;
  Callback<Value> done_;
  std::unique_ptr<Order> order_;
  std::unique_ptr<Probe> probe_;
  Ticket production_;
  bool counted_ = false;
};

void GetOrSet::start() {
  if (order_->early_refresh_beta > 0 && order_->producer) {
    const auto duration = alias_->stampede.duration(order_->made);
    if (duration && Production::find(*alias_, order_->made) == nullptr) {
      ask_for_remaining_life(*duration);
    }
  }
  look(*alias_, *this, *order_, order_->options,
       [](GetOrSet& self, Result<std::optional<Value>> found) { self.looked(std::move(found)); });
}

// The first time it counts as an operation; later only an error counts, because the time is the
// producer's.
void GetOrSet::count(const Error* error) {
  if (!std::exchange(counted_, true)) return count_end(error);
  if (error != nullptr) ++alias_->statistics.errors[static_cast<std::size_t>(error->code)];
}

void GetOrSet::give_up(const Error& error) {
  Callback<Value> done = std::move(done_);
  count(&error);
  if (done) done(failed<Value>(error));
}

void GetOrSet::end(Result<Value> result) {
  leave();
  if (given_up()) return release();
  if (result.ok() && being_cancelled()) result = cancelled_by_caller();
  Callback<Value> done = std::move(done_);
  if (!counted_ || !result.ok()) count(result.ok() ? nullptr : &result.error());
  release();
  if (done) done(std::move(result));
}

void GetOrSet::leave() {
  if (production_.generation == 0) return;
  auto* production = static_cast<Production*>(alias_->calls->find(production_));
  if (production != nullptr) production->leave();
}

// --- The first look.

void GetOrSet::looked(Result<std::optional<Value>> found) {
  if (given_up()) return release();
  if (!found.ok()) return end(std::move(found).error());
  CacheStatistics& statistics = alias_->statistics;
  count(nullptr);
  if (found->has_value()) {
    ++statistics.hits;
    if (!probe_) return end(std::move(**found));
    probe_->found = std::move(*found);
    if (probe_->answered) found_and_probed();
    return;
  }
  ++statistics.misses;
  if (!order_->producer) return add_and_look(*alias_, *this, *order_);
  if (order_->negative_ttl_ms > 0 && alias_->stampede.known_missing(order_->made)) {
    ++statistics.negative_hits;
    return end(Error{Errc::no_value, text::named_key(order_->made) +
                                         ": a producer said not long ago that there is nothing"});
  }
  join();
}

void GetOrSet::join() {
  if (alias_->calls->parked() >= parked_max) {
    return alias_->calls->defer(
        this, {Errc::overloaded,
               std::to_string(parked_max) + " operations wait for their producers already"});
  }
  Production* production = Production::find(*alias_, order_->made);
  if (production != nullptr) {
    ++alias_->statistics.coalesced;
    production_ = production->ticket();
    production->join(*this);
    if (production->producing()) alias_->calls->park(this, order_->producer_limit_ms);
    return;
  }
  alias_->calls->park(this, order_->producer_limit_ms);
  production = &Production::begin(alias_, std::move(order_), false);
  production_ = production->ticket();
  production->join(*this);
  production->produce();
}

// --- Early refresh.

void GetOrSet::ask_for_remaining_life(std::uint64_t duration_ms) {
  struct ToRemaining {
    Result<std::optional<std::int64_t>> operator()(const Outcome& outcome) const {
      return outcome.flag ? std::optional(outcome.integer) : std::nullopt;
    }
  };
  probe_ = std::make_unique<Probe>();
  probe_->duration_ms = duration_ms;
  take_step<std::optional<std::int64_t>>(
      *alias_, *this, ToRemaining{},
      [](GetOrSet& self, auto remaining) {
        self.probe_->answered = true;
        if (remaining.ok()) self.probe_->remaining_ms = *remaining;
        if (self.probe_->found) self.found_and_probed();
      },
      [&](Call* step) {
        alias_->backend->ask(
            {.verb = Verb::remaining, .key = order_->full(), .options = order_->options}, step);
      });
}

// The caller is answered at once, and the producer works for later callers.
void GetOrSet::found_and_probed() {
  const auto alias = alias_;
  auto order = std::move(order_);
  const bool due = probe_->remaining_ms.has_value() &&
                   alias->stampede.due_early(order->early_refresh_beta, probe_->duration_ms,
                                             *probe_->remaining_ms);
  end(*std::move(probe_->found));
  if (!due || !usable(*alias) || alias->calls->parked() >= parked_max) return;
  if (Production::find(*alias, order->made) != nullptr) return;
  ++alias->statistics.early_refreshes;
  Production::begin(alias, std::move(order), true).produce();
}

Ticket start_get_or_set(const std::shared_ptr<Alias>& shared, std::string_view key, Value fallback,
                        AsyncProducer producer, const GetOrSetOptions& options,
                        Callback<Value> done) {
  Alias& alias = *shared;
  if (!usable(alias)) return {};
  auto order = std::make_unique<Order>();
  order->key = key;
  order->made = made_key(alias, key, options.version);
  order->producer = std::move(producer);
  order->expiry = expiry_of(alias, options.ttl);
  order->options.limit_ms = limit_of(alias, options.limit);
  order->producer_limit_ms = limit_of(alias, options.producer_limit);
  order->negative_ttl_ms = static_cast<std::uint64_t>(
      std::max<std::int64_t>(0, static_cast<std::int64_t>(options.negative_ttl.count())));
  order->early_refresh_beta = options.early_refresh_beta;
  auto* call =
      alias.calls->make<GetOrSet>(shared, std::move(done), std::move(order), std::move(fallback));
  const Ticket ticket = call->ticket();
  alias.calls->issue(call, [&](Call*) {
    alias.calls->enroll(call);
    if (alias.broken) return alias.calls->defer(call, *alias.broken);
    call->count_in(alias.statistics);
    if (!accept(alias, options.ttl, call)) return;
    call->start();
  });
  return ticket;
}

}  // namespace

Ticket Cache::get_or_set(std::string_view key, Value fallback, const GetOrSetOptions& options,
                         Callback<Value> done) const {
  return start_get_or_set(alias_, key, std::move(fallback), {}, options, std::move(done));
}

Ticket Cache::get_or_set(std::string_view key, AsyncProducer producer,
                         const GetOrSetOptions& options, Callback<Value> done) const {
  return start_get_or_set(alias_, key, Value(), std::move(producer), options, std::move(done));
}

}  // namespace djcache
