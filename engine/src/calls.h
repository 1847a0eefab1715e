// Calls: all pending operations of an engine, in blocks that are used again and again.
//
// Pure: no I/O, no clock of its own. Hands out tickets, keeps what must be told on the next turn instead of
// inside a call, and lets go of everything uncalled at the end.
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
  using Clock = std::uint64_t (*)();  // microseconds, never going back

  // `request_turn` makes run_deferred() be called on the next turn of the loop. `clock` is read at
  // most once between two calls of let_time_pass(): latencies are those of turns, and cost no look
  // at the clock per operation.
  explicit Calls(std::function<void()> request_turn, Clock clock = nullptr)
      : request_turn_(std::move(request_turn)), clock_(clock) {}
  ~Calls() { drop_all(); }
  Calls(const Calls&) = delete;
  Calls& operator=(const Calls&) = delete;

  template <class T, class... Args>
  T* make(Args&&... args) {  // std::bad_alloc: nothing has happened, and `args` are as they were
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

  // The call of a ticket while somebody waits for it; else null.
  Call* find(Ticket ticket);
  // The same, also when nobody waits any more but the call has yet to be finished.
  Call* find_also_given_up(Ticket ticket);
  // Takes back a call that could not be issued: its callback is destroyed uncalled. REQUIRES: nobody
  // else knows it.
  void discard(Call* call) { give_back(call); }
  // Lets `send(call)` hand a call to whoever will end it. What it throws is passed on, and the call is
  // discarded. REQUIRES: what throws in `send` comes before the handing over.
  template <class Send>
  void issue(Call* call, Send send) {
    // By unwinding, so that what the callback owns can tell this from the end of the engine.
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
  // The same, with an empty Outcome instead of an error.
  void defer_success(Call* call);
  // Ends a call on the next turn with an outcome that is valid now: its result is made at once.
  void settle(Call* call, const Outcome& outcome);
  // Runs the callback with `cancelled` on the next turn. False when nobody waits any more.
  bool cancel(Ticket ticket);
  // The same with an error of the engine's own. A reply that comes before that turn wins.
  bool give_up(Ticket ticket, Error error);
  void run_deferred();
  // Memory ran out where nothing could be done about it: everything must end on the next turn.
  void spoil() { spoiled_ = true; }
  // The same outside of an event of the loop, which need not be due: asks for the turn.
  void spoil_and_ask_for_turn() noexcept;
  bool spoiled() const { return spoiled_; }
  // Ends all calls there are, whoever was at work on them, with an error for which there is no memory
  // to speak of. What their callbacks issue is not ended.
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

  // A call of several steps, which may park between them: a disconnect waits for all of it.
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

  // --- Giving back the memory that a burst needed.

  // On each tick: gives it back when it is time, as next_deadline() said.
  void fall_back(std::uint64_t now);
  // The engine rests, and no tick will come: at once. REQUIRES: no function of a call is under way.
  void rest();
  // Blocks, used or free.
  std::size_t room() const { return slabs_there_ * blocks_per_slab; }
  // So many free ones are kept, or as many again.
  static constexpr std::size_t kept_blocks = 2048;
  static constexpr std::uint64_t fall_back_ms = 3'000;

  // Callbacks not yet run.
  std::size_t waiting() const { return used_ - given_up_ - background_; }
  // `more` calls (fewer, if negative) run in the background: they keep no loop running.
  void background(int more) { background_ += static_cast<std::size_t>(more); }
  // Destroys every pending call, callback uncalled; nothing is accepted any more.
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
    std::unique_ptr<Block[]> blocks;  // null: given back
    std::uint32_t generation = 1;     // that no ticket of its places has had
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
  // All that there are, also those that `f` makes there to be.
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
  std::size_t first_gap_ = 0;  // none of the slabs before has been given back
  Block* free_ = nullptr;
  std::vector<Deferred> deferred_;
  std::vector<Deferred> spare_;                  // memory for the next one
  std::vector<std::unique_ptr<Parked>> parked_;  // in no order; each call knows its place
  std::size_t parked_count_ = 0;                 // those behind are to be used again
  Deadlines<Parked> limits_;
  std::vector<Ticket> unstamped_;  // some of them may be parked no more
  std::vector<Parked*> due_;       // scratch of expire_parked()
  std::vector<Ticket> enrolled_;   // some of them may have ended
  std::size_t prune_at_ = 64;
  std::size_t used_ = 0;       // blocks
  std::size_t given_up_ = 0;   // of these: their callers have stopped waiting
  std::size_t most_used_ = 0;  // at the ends of turns since the last look
  std::size_t background_ = 0;
  std::uint64_t fall_back_at_ = UINT64_MAX;
  Clock clock_;
  std::uint64_t now_us_ = 0;
  bool now_is_known_ = false;
  bool spoiled_ = false;
  bool some_unlisted_ = false;  // calls were cancelled for which there was no room in deferred_
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

// Short enough to need none.
inline Error no_memory() { return {Errc::no_memory, "no memory left"}; }

// What a callback is told of `error`, or of the lack of memory to say so.
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
  // A value for which there is no memory costs its own caller an error, and nobody else.
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
