#include "calls.h"

#include <algorithm>
#include <new>

#include "cancelled.h"
#include "planted.h"

namespace djcache {

void Calls::add_slab() {
  const auto base = static_cast<std::uint32_t>(slabs_.size() * blocks_per_slab);
  slabs_.push_back(std::make_unique<Block[]>(blocks_per_slab));
  Block* slab = slabs_.back().get();
  for (std::size_t i = blocks_per_slab; i-- > 0;) {
    slab[i].index = base + static_cast<std::uint32_t>(i);
    slab[i].next_free = free_;
    free_ = &slab[i];
  }
}

Call* Calls::find(Ticket ticket) {
  Call* call = find_also_given_up(ticket);
  return call == nullptr || call->given_up_ ? nullptr : call;
}

Call* Calls::find_also_given_up(Ticket ticket) {
  if (ticket.generation == 0 || ticket.index >= slabs_.size() * blocks_per_slab) return nullptr;
  Block& block = at(ticket.index);
  if (block.generation != ticket.generation || block.call == nullptr) return nullptr;
  return block.call;
}

// The first asks for the turn in which all of them are run.
void Calls::put_off(Deferred deferred) {
  if (deferred_.empty()) request_turn_();
  deferred_.push_back(std::move(deferred));
}

void Calls::defer(Call* call, Error error) {
  put_off({Deferred::What::failure, call->ticket_, std::make_unique<Error>(std::move(error))});
}

void Calls::defer_success(Call* call) { put_off({Deferred::What::success, call->ticket_, {}}); }

void Calls::settle(Call* call, const Outcome& outcome) {
  call->hold(outcome);
  defer_success(call);
}

bool Calls::cancel(Ticket ticket) {
  Call* call = find(ticket);
  if (call == nullptr || std::exchange(call->cancelling_, true)) return false;
  try {
    put_off({Deferred::What::cancel, ticket, nullptr});
  } catch (const std::bad_alloc&) {
    some_unlisted_ = true;  // while somebody waits, turns come
  }
  return true;
}

bool Calls::give_up(Ticket ticket, Error error) {
  if (find(ticket) == nullptr) return false;
  put_off({Deferred::What::cancel, ticket, std::make_unique<Error>(std::move(error))});
  return true;
}

void Calls::run_deferred() {
  // What callbacks defer waits for the next turn.
  std::vector<Deferred> due = std::exchange(deferred_, std::exchange(spare_, {}));
  for (Deferred& each : due) {
    // Cancelling is for those who wait; a failure or success also frees a call that was cancelled.
    Call* call =
        each.what == Deferred::What::cancel ? find(each.ticket) : find_also_given_up(each.ticket);
    if (call == nullptr) continue;  // answered meanwhile, or the engine was destroyed by a callback
    // Cancelled, or succeeding though cancel() has promised that it does not.
    const bool by_caller = each.error == nullptr && call->cancelling_;
    const Error cancelled = by_caller ? cancelled_by_caller() : Error{};
    const Error* const error = by_caller ? &cancelled : each.error.get();
    if (each.what == Deferred::What::cancel) {
      give_up_now(*call, *error);
    } else {
      Outcome outcome;
      outcome.error = error;
      call->finish(outcome);
    }
  }
  if (some_unlisted_) cancel_the_unlisted();
  constexpr std::size_t kept_capacity_max = 4096;
  due.clear();
  if (due.capacity() <= kept_capacity_max) spare_ = std::move(due);
}

void Calls::give_up_now(Call& call, const Error& error) {
  // A call that waits for a producer is nobody else's either: it ends here.
  if (unpark(&call)) {
    Outcome outcome;
    outcome.error = &error;
    return call.finish(outcome);
  }
  call.given_up_ = true;
  --waiting_;
  if (DJCACHE_PLANTED(slot_removed_on_cancel)) Planted::cancelled(call);
  call.give_up(error);
}

void Calls::cancel_the_unlisted() {
  some_unlisted_ = false;
  for (std::size_t i = 0; i < slabs_.size() * blocks_per_slab; ++i) {
    Call* const call = at(static_cast<std::uint32_t>(i)).call;
    if (call == nullptr || call->given_up_ || !call->cancelling_) continue;
    give_up_now(*call, cancelled_by_caller());
  }
}

void Calls::spoil_and_ask_for_turn() noexcept {
  spoil();
  try {
    request_turn_();
  } catch (const std::bad_alloc&) {
    // Then an event must come: what waits has a timer.
  }
}

void Calls::end_all() {
  spoiled_ = some_unlisted_ = false;
  // Both loops look at slabs_ anew each time: callbacks may add some, or end the engine.
  const auto each = [this](auto f) {
    for (std::size_t i = 0; i < slabs_.size() * blocks_per_slab; ++i) {
      if (Call* call = at(static_cast<std::uint32_t>(i)).call; call != nullptr) f(*call);
    }
  };
  each([](Call& call) { call.ending_ = true; });
  const Error error = no_memory();
  Outcome outcome;
  outcome.error = &error;
  each([&](Call& call) {
    if (!call.ending_) return;
    call.ending_ = false;
    unpark(&call);
    try {
      call.finish(outcome);
    } catch (const std::bad_alloc&) {
      // Its callback has run, and could not do all it wanted.
    }
  });
}

void Calls::park(Call* call, std::uint64_t limit_ms) {
  request_turn_();
  parked_.push_back({call, limit_ms, UINT64_MAX});
  call->parked_at_ = static_cast<std::uint32_t>(parked_.size() - 1);
  some_unstamped_ = true;
}

bool Calls::unpark(Call* call) {
  const std::uint32_t place = std::exchange(call->parked_at_, Call::not_parked);
  if (place == Call::not_parked) return false;
  parked_[place] = parked_.back();
  parked_.pop_back();
  if (place < parked_.size()) parked_[place].call->parked_at_ = place;
  if (parked_.empty()) earliest_ = UINT64_MAX;
  return true;
}

bool Calls::is_parked(Ticket ticket) {
  const Call* call = find(ticket);
  return call != nullptr && call->parked_at_ != Call::not_parked;
}

void Calls::stamp(std::uint64_t now) {
  if (!std::exchange(some_unstamped_, false)) return;
  for (Parked& each : parked_) {
    if (each.deadline != UINT64_MAX) continue;
    each.deadline = now + each.limit_ms;
    earliest_ = std::min(earliest_, each.deadline);
  }
}

void Calls::expire_parked(std::uint64_t now) {
  if (earliest_ > now) return;
  std::uint64_t earliest = UINT64_MAX;
  for (std::size_t i = 0; i < parked_.size();) {
    const Parked each = parked_[i];
    if (each.deadline > now) {
      earliest = std::min(earliest, each.deadline);
      ++i;
      continue;
    }
    unpark(each.call);  // another one takes its place
    defer(each.call, {Errc::timeout, "the producer did not resolve within " +
                                         std::to_string(each.limit_ms) + " ms"});
  }
  earliest_ = earliest;
}

bool Calls::end_parked(Ticket ticket, Error error) {
  Call* call = find(ticket);
  if (call == nullptr || !unpark(call)) return false;
  defer(call, std::move(error));
  return true;
}

void Calls::enroll(Call* call) {
  if (enrolled_.size() >= prune_at_) prune_at_ = std::max<std::size_t>(64, 2 * enrolled().size());
  enrolled_.push_back(call->ticket_);
}

std::vector<Ticket> Calls::enrolled() {
  std::erase_if(enrolled_, [&](Ticket ticket) { return find(ticket) == nullptr; });
  return enrolled_;
}

void Calls::drop_all() {
  deferred_.clear();
  enrolled_.clear();
  // A closure may own what resolves another call, which then finds nobody who waits for it.
  for (const Parked& each : parked_) each.call->parked_at_ = Call::not_parked;
  parked_.clear();
  // Destroying a closure may run code of the user, which may find this engine gone, not half gone.
  for (auto& slab : slabs_) {
    for (std::size_t i = 0; i < blocks_per_slab; ++i) {
      if (slab[i].call != nullptr) give_back(slab[i].call);
    }
  }
}

}  // namespace djcache
