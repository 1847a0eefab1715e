#include "calls.h"

#include <algorithm>
#include <new>

#include "cancelled.h"
#include "planted.h"

namespace djcache {

void Calls::add_slab() {
  while (first_gap_ < slabs_.size() && slabs_[first_gap_].blocks != nullptr) ++first_gap_;
  if (first_gap_ == slabs_.size()) slabs_.emplace_back();
  Slab& slab = slabs_[first_gap_];
  slab.blocks = std::make_unique<Block[]>(blocks_per_slab);
  ++slabs_there_;
  const auto base = static_cast<std::uint32_t>(first_gap_ * blocks_per_slab);
  for (std::size_t i = blocks_per_slab; i-- > 0;) {
    Block& block = slab.blocks[i];
    block.index = base + static_cast<std::uint32_t>(i);
    block.generation = slab.generation;
    block.next_free = free_;
    free_ = &block;
  }
}

// --- Memory.

void Calls::fall_back(std::uint64_t now) {
  if (fall_back_at_ > now) return;
  const std::size_t needed = std::max(std::exchange(most_used_, used_), kept_blocks);
  // Not down to the exact need: a fluctuating need must not allocate again and again.
  if (room() > 2 * needed) shrink(needed);
  fall_back_at_ = roomy() ? now + fall_back_ms : UINT64_MAX;
}

void Calls::note_need(std::uint64_t now) {
  most_used_ = std::max(most_used_, used_);
  if (fall_back_at_ == UINT64_MAX) fall_back_at_ = now + fall_back_ms;
}

void Calls::rest() {
  fall_back_at_ = UINT64_MAX;
  most_used_ = used_;
  if (roomy()) shrink(std::max(most_used_, kept_blocks));
}

// Shrinks to this many blocks if the used ones allow it. Free blocks are then taken from the first
// slab on, so that the last slabs become free.
void Calls::shrink(std::size_t blocks) {
  free_ = nullptr;
  for (std::size_t i = slabs_.size(); i-- > 0;) {
    Slab& slab = slabs_[i];
    if (slab.blocks == nullptr) continue;
    bool in_use = false;
    std::uint32_t generation = slab.generation;
    for (std::size_t k = 0; k < blocks_per_slab; ++k) {
      in_use = in_use || slab.blocks[k].call != nullptr;
      generation = std::max(generation, slab.blocks[k].generation);
    }
    if (!in_use && room() >= blocks + blocks_per_slab) {
      slab.generation = generation;
      slab.blocks.reset();
      --slabs_there_;
      first_gap_ = std::min(first_gap_, i);
      continue;
    }
    for (std::size_t k = blocks_per_slab; k-- > 0;) {
      Block& block = slab.blocks[k];
      if (block.call != nullptr) continue;
      block.next_free = free_;
      free_ = &block;
    }
  }
  parked_.resize(parked_count_);
  const auto fit = [blocks](auto& list) {
    if (list.capacity() > 2 * blocks) list.shrink_to_fit();
  };
  fit(parked_);
  fit(enrolled_);
  fit(unstamped_);
  fit(due_);
  limits_.fit();
}

Call* Calls::find(Ticket ticket) {
  Call* call = find_also_given_up(ticket);
  return call == nullptr || call->given_up_ ? nullptr : call;
}

Call* Calls::find_also_given_up(Ticket ticket) {
  if (ticket.generation == 0 || ticket.index >= slabs_.size() * blocks_per_slab) return nullptr;
  if (slabs_[ticket.index / blocks_per_slab].blocks == nullptr) return nullptr;
  Block& block = at(ticket.index);
  if (block.generation != ticket.generation || block.call == nullptr) return nullptr;
  return block.call;
}

// The first one requests the turn in which all are run.
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
    some_unlisted_ = true;  // pending operations bring further turns
  }
  return true;
}

bool Calls::give_up(Ticket ticket, Error error) {
  if (find(ticket) == nullptr) return false;
  put_off({Deferred::What::cancel, ticket, std::make_unique<Error>(std::move(error))});
  return true;
}

void Calls::run_deferred() {
  // Calls deferred by callbacks wait for the next turn.
  std::vector<Deferred> due = std::exchange(deferred_, std::exchange(spare_, {}));
  for (Deferred& each : due) {
    // Cancelling applies to pending calls; a failure or success also frees a call that was
    // cancelled.
    Call* call =
        each.what == Deferred::What::cancel ? find(each.ticket) : find_also_given_up(each.ticket);
    // answered meanwhile, or destroyed with the engine by a callback
    if (call == nullptr) continue;
    // Cancelled; or a success after cancel() returned true.
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
  // Only the producer knows a call that waits for it, so it ends here.
  if (unpark(&call)) {
    Outcome outcome;
    outcome.error = &error;
    return call.finish(outcome);
  }
  call.given_up_ = true;
  ++given_up_;
  if (DJCACHE_PLANTED(slot_removed_on_cancel)) Planted::cancelled(call);
  call.give_up(error);
}

void Calls::cancel_the_unlisted() {
  some_unlisted_ = false;
  each([this](Call& call) {
    if (!call.given_up_ && call.cancelling_) give_up_now(call, cancelled_by_caller());
  });
}

void Calls::spoil_and_ask_for_turn() noexcept {
  spoil();
  try {
    request_turn_();
  } catch (const std::bad_alloc&) {
    // Then an event will come: pending operations have a timer.
  }
}

void Calls::end_all() {
  spoiled_ = some_unlisted_ = false;
  // Callbacks may create others, or end the engine.
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
      // Its callback has run, and could not complete its work.
    }
  });
}

void Calls::park(Call* call, std::uint64_t limit_ms) {
  request_turn_();
  if (parked_count_ == parked_.size()) parked_.push_back(std::make_unique<Parked>());
  unstamped_.push_back(call->ticket_);
  Parked& parked = *parked_[parked_count_];
  limits_.enter(parked);
  parked.call = call;
  parked.limit_ms = limit_ms;
  call->parked_at_ = static_cast<std::uint32_t>(parked_count_++);
}

bool Calls::unpark(Call* call) {
  const std::uint32_t place = std::exchange(call->parked_at_, Call::not_parked);
  if (place == Call::not_parked) return false;
  limits_.leave(*parked_[place]);
  std::swap(parked_[place], parked_[--parked_count_]);
  if (place < parked_count_) parked_[place]->call->parked_at_ = place;
  return true;
}

bool Calls::is_parked(Ticket ticket) {
  const Call* call = find(ticket);
  return call != nullptr && call->parked_at_ != Call::not_parked;
}

void Calls::stamp(std::uint64_t now) {
  if (roomy()) [[unlikely]]
    note_need(now);
  for (const Ticket ticket : unstamped_) {
    const Call* const call = find_also_given_up(ticket);
    if (call == nullptr || call->parked_at_ == Call::not_parked) continue;
    Parked& parked = *parked_[call->parked_at_];
    if (parked.deadline.bound() == Deadline::never) limits_.expect(parked, now + parked.limit_ms);
  }
  unstamped_.clear();
}

void Calls::expire_parked(std::uint64_t now) {
  if (limits_.earliest() > now) return;
  due_.clear();
  limits_.due_by(now, due_);
  std::sort(due_.begin(), due_.end(), [](const Parked* a, const Parked* b) {
    return a->deadline.bound() < b->deadline.bound();
  });
  for (const Parked* each : due_) {
    unpark(each->call);
    defer(each->call, {Errc::timeout, "the producer did not resolve within " +
                                          std::to_string(each->limit_ms) + " ms"});
  }
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
  // A closure may own what resolves another call, which must then find its operation gone.
  for (std::size_t i = 0; i < parked_count_; ++i) parked_[i]->call->parked_at_ = Call::not_parked;
  limits_.clear();
  parked_.clear();
  parked_count_ = 0;
  unstamped_.clear();
  fall_back_at_ = UINT64_MAX;
  // Destroying a closure may run code of the user, which must find this engine gone, not half gone.
  each([this](Call& call) { give_back(&call); });
}

}  // namespace djcache
