// Calls: all pending operations of an engine, in blocks that are reused.
//
// Pure: no I/O, no clock of its own. Issues tickets, defers what must be reported on the next turn
// rather than inside a call, and destroys everything uncalled at the end.
#pragma once

#include <algorithm>
#include <cstddef>
#include <functional>
#include <memory>
#include <new>
#include <optional>
#include <utility>
#include <vector>

#include "call.h"
#include "deadlines.h"

namespace djcache {

class Calls {
 public:
  static constexpr std::size_t block_size = 240;
  using Clock = std::uint64_t (*)();  // microseconds, never going backwards

  // `request_turn` ensures that run_deferred() is called on the next turn of the loop. `clock` is
  // read at most once between two calls of let_time_pass(): latencies are those of turns, and an
  // operation does not have to read the clock.
  explicit Calls(std::function<void()> request_turn, Clock clock = nullptr)
      : request_turn_(std::move(request_turn)), clock_(clock) {}
  ~Calls() { drop_all(); }
  Calls(const Calls&) = delete;
  Calls& operator=(const Calls&) = delete;

  template <class T, class... Args>
  T* make(Args&&... args) {  // std::bad_alloc: nothing has happened, and `args` are unchanged
    static_assert(sizeof(T) <= block_size && alignof(T) <= alignof(std::max_align_t));
    Block& block = take();
    T* call = ::new (static_cast<void*>(block.memory)) T(std::forward<Args>(args)...);
    call->owner_ = this;
    call->ticket_ = {block.index, block.generation};
    call->begun_us_ = static_cast<std::uint32_t>(now_us());
    block.call = call;
    ++used_;
    return call;
  }

  // The pending call of a ticket; null if it has ended or was given up.
  Call* find(Ticket ticket);
  // The same, including calls that were given up but are not finished yet.
  Call* find_also_given_up(Ticket ticket);
  // Takes back a call that could not be issued: its callback is destroyed uncalled. REQUIRES: there
  // is no other reference to it.
  void discard(Call* call) { give_back(call); }
  // Lets `send(call)` pass a call on to the code that will end it. If `send` throws, the call is
  // discarded and the exception passed on. REQUIRES: `send` throws only before it has passed the
  // call on.
  template <class Send>
  void issue(Call* call, Send send) {
    // During unwinding, so that what the callback owns can tell this from the end of the engine.
    struct Guard {
      Calls& calls;
      Call* call;
      ~Guard() {
        if (call != nullptr) calls.discard(call);
      }
    } guard{*this, call};
    send(call);
    guard.call = nullptr;
  }
  // Ends a call on the next turn.
  void defer(Call* call, Error error);
  // The same with an empty Outcome instead of an error.
  void defer_success(Call* call);
  // Ends a call on the next turn with an outcome that is only valid now: its result is made at
  // once.
  void settle(Call* call, const Outcome& outcome);
  // Runs the callback with `cancelled` on the next turn. False: the operation is no longer pending.
  bool cancel(Ticket ticket);
  // The same with an error of the engine. A reply that arrives before that turn wins.
  bool give_up(Ticket ticket, Error error);
  void run_deferred();
  // Memory ran out where there was no way to recover: everything must end on the next turn.
  void spoil() { spoiled_ = true; }
  // The same outside of events of the loop: requests the turn.
  void spoil_and_ask_for_turn() noexcept;
  bool spoiled() const { return spoiled_; }
  // Ends all existing calls, whatever their state, with an error that needs no memory. Operations
  // issued by their callbacks are not ended.
  void end_all();
  bool has_deferred() const { return !deferred_.empty(); }

  // A call that waits for a producer instead of a backend: it ends with `timeout` after `limit_ms`.
  void park(Call* call, std::uint64_t limit_ms);
  bool unpark(Call* call);  // false: it was not parked
  bool is_parked(Ticket ticket);
  void stamp(std::uint64_t now);
  void expire_parked(std::uint64_t now);
  std::uint64_t next_deadline() const {  // UINT64_MAX: none
    return std::min(limits_.earliest(), fall_back_at_);
  }
  std::size_t parked() const { return parked_count_; }
  bool end_parked(Ticket ticket, Error error);  // on the next turn; false: it was not parked

  // Registers a call of several steps, which may park between them: a disconnect waits for all of
  // it.
  void enroll(Call* call);
  std::vector<Ticket> enrolled();

  // An event of the loop begins or ends.
  void let_time_pass() { now_is_known_ = false; }
  std::uint64_t now_us() {
    if (!now_is_known_ && clock_ != nullptr) [[unlikely]] {
      now_us_ = clock_();
      now_is_known_ = true;
    }
    return now_us_;
  }

  // --- Freeing the memory that a burst needed.

  // On each tick: frees it when it is time, as next_deadline() said.
  void fall_back(std::uint64_t now);
  // The engine rests, and no tick will come: frees it at once. REQUIRES: no function of a call is
  // running.
  void rest();
  // Blocks, used or free.
  std::size_t room() const { return slabs_there_ * blocks_per_slab; }
  // At least this many free blocks are kept, at most twice as many.
  static constexpr std::size_t kept_blocks = 2048;
  static constexpr std::uint64_t fall_back_ms = 3'000;

  // The number of callbacks that have yet to run.
  std::size_t waiting() const { return used_ - given_up_ - background_; }
  // Counts `more` calls (fewer, if negative) as background: they do not keep the loop running.
  void background(int more) { background_ += static_cast<std::size_t>(more); }
  // Destroys every pending call, callback uncalled; no call is accepted after that.
  void drop_all();

 private:
  friend class Call;
  struct Block {
    alignas(std::max_align_t) unsigned char memory[block_size];
    Call* call = nullptr;
    Block* next_free = nullptr;
    std::uint32_t index = 0;
    std::uint32_t generation = 1;
  };
  static constexpr std::size_t blocks_per_slab = 64;
  struct Deferred {
    enum class What : std::uint8_t { failure, success, cancel } what;
    Ticket ticket;
    std::unique_ptr<const Error> error;  // null: success, or cancel() by the caller
  };
  struct Slab {
    std::unique_ptr<Block[]> blocks;  // null: freed
    std::uint32_t generation = 1;     // not used by any ticket of its blocks
  };
  struct Parked {
    Call* call = nullptr;
    std::uint64_t limit_ms = 0;
    Deadline deadline;
  };

  Block& take() {
    if (free_ == nullptr) add_slab();
    Block& block = *free_;
    free_ = block.next_free;
    return block;
  }
  void give_back(Call* call) {
    Block& block = at(call->ticket_.index);
    --used_;
    if (call->given_up_) --given_up_;
    if (call->parked_at_ != Call::not_parked) unpark(call);
    if (++block.generation == 0) block.generation = 1;  // 0 means "no operation"
    block.call = nullptr;
    call->~Call();
    block.next_free = free_;
    free_ = &block;
  }
  Block& at(std::uint32_t index) {
    return slabs_[index / blocks_per_slab].blocks[index % blocks_per_slab];
  }
  // Calls `f` for all calls, including those that `f` creates.
  template <class F>
  void each(F f) {
    for (std::size_t i = 0; i < slabs_.size() * blocks_per_slab; ++i) {
      if (slabs_[i / blocks_per_slab].blocks == nullptr) continue;
      if (Call* call = at(static_cast<std::uint32_t>(i)).call; call != nullptr) f(*call);
    }
  }
  bool roomy() const { return room() > 2 * kept_blocks; }
  void note_need(std::uint64_t now);
  void shrink(std::size_t blocks);
  void add_slab();
  void put_off(Deferred deferred);
  void give_up_now(Call& call, const Error& error);
  void cancel_the_unlisted();

  std::function<void()> request_turn_;
  std::vector<Slab> slabs_;
  std::size_t slabs_there_ = 0;
  std::size_t first_gap_ = 0;  // no slab in front of it has been freed
  Block* free_ = nullptr;
  std::vector<Deferred> deferred_;
  std::vector<Deferred> spare_;                  // memory for the next deferred_
  std::vector<std::unique_ptr<Parked>> parked_;  // unordered; each call knows its index
  std::size_t parked_count_ = 0;                 // further elements are kept for reuse
  Deadlines<Parked> limits_;
  std::vector<Ticket> unstamped_;  // some may no longer be parked
  std::vector<Parked*> due_;       // scratch memory of expire_parked()
  std::vector<Ticket> enrolled_;   // some of them may have ended
  std::size_t prune_at_ = 64;
  std::size_t used_ = 0;       // number of blocks
  std::size_t given_up_ = 0;   // of these: calls that were given up
  std::size_t most_used_ = 0;  // at the ends of turns, since the last look
  std::size_t background_ = 0;
  std::uint64_t fall_back_at_ = UINT64_MAX;
  Clock clock_;
  std::uint64_t now_us_ = 0;
  bool now_is_known_ = false;
  bool spoiled_ = false;
  bool some_unlisted_ = false;  // calls were cancelled that did not fit into deferred_
};

inline void Call::release() { owner_->give_back(this); }

inline void Call::count_end(const Error* error) {
  if (statistics_ == nullptr) return;
  ++statistics_->operations;
  statistics_->latency.add(static_cast<std::uint32_t>(owner_->now_us()) - begun_us_);
  if (error != nullptr) [[unlikely]] {
    ++statistics_->errors[static_cast<std::size_t>(error->code)];
  }
}

// Short enough not to allocate.
inline Error no_memory() { return {Errc::no_memory, "no memory left"}; }

// The result for a callback: `error`, or no_memory if there is no memory for its text.
template <class T>
Result<T> failed(const Error& error) noexcept {
  try {
    return Result<T>(error);
  } catch (const std::bad_alloc&) {
    return Result<T>(no_memory());
  }
}

// A call whose callback takes a Result<T>. `Convert` makes the Result from an Outcome; it may hold
// state.
template <class T, class Convert>
class ResultCall final : public Call {
 public:
  ResultCall(Callback<T>&& done, Convert convert)
      : done_(std::move(done)), convert_(std::move(convert)) {}

  void finish(const Outcome& outcome) override {
    if (given_up()) return release();
    Result<T> result = result_of(outcome);
    Callback<T> done = std::move(done_);
    count_end(result.ok() ? nullptr : &result.error());
    release();
    if (done) done.call(std::move(result));
  }
  void hold(const Outcome& outcome) override { held_.emplace(result_of(outcome)); }

 private:
  // A value for which there is no memory fails only its own operation.
  Result<T> result_of(const Outcome& outcome) {
    try {
      return outcome.error != nullptr ? Result<T>(*outcome.error)
             : held_.has_value()      ? *std::move(held_)
                                      : convert_(outcome);
    } catch (const std::bad_alloc&) {
      return no_memory();
    }
  }
  void give_up(const Error& error) override {
    Callback<T> done = std::move(done_);
    count_end(&error);
    if (done) done(failed<T>(error));
  }

  Callback<T> done_;
  [[no_unique_address]] Convert convert_;
  std::optional<Result<T>> held_;
};

}  // namespace djcache
