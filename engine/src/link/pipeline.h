// Pipeline: the ledger of one connection: which operation waits for which reply.
//
// Pure. A slot is appended with its command and is removed only when its reply has been read (or
// the connection is gone): an operation that times out or is cancelled leaves a tombstone, so a
// reply can never reach another caller.
#pragma once

#include <cstdint>
#include <limits>

#include "link/out_buffer.h"
#include "ring.h"

namespace djcache {
class Call;
}

namespace djcache::link {

class Connection;
class Pool;
struct Completion;

// Takes the completions of operations. Each operation is issued with the handler that reads its
// reply. Outlives every connection.
class Handler {
 public:
  // Ends the call of `completion`, now or later.
  virtual void end(Pool& pool, Connection& connection, const Completion& completion) const = 0;

 protected:
  ~Handler() = default;
};

// Milliseconds of the loop's clock.
using Millis = std::uint64_t;
inline constexpr Millis never = std::numeric_limits<Millis>::max();
// Memory of a burst is kept for this long after the last need, and up to twice as long.
inline constexpr Millis fall_back_ms = 3'000;

struct Slot {
  Call* call = nullptr;  // null: a tombstone
  const Handler* handler = nullptr;
  Millis deadline = never;     // set at the end of the turn in which the operation was issued
  std::uint32_t bytes = 0;     // of the command or commands in the out buffer
  std::uint32_t replies = 1;   // how many replies its commands have; the last one is the result
  std::uint32_t answered = 0;  // how many of those have been read
  std::uint32_t limit_ms = 0;
  bool idempotent = false;    // may be sent again after it may have been executed
  bool retried = false;       // bytes of it were sent over a connection that was lost
  bool continuation = false;  // part of an operation that began earlier
  bool barrier = false;       // alone in flight: sent after all earlier replies, and awaited alone
  bool script = false;        // an EVAL: a barrier until the server is known to accept scripts
  bool loose = false;         // its parts are SETs, with or without a MULTI in front
};

class Pipeline {
 public:
  OutBuffer& out() { return out_; }
  const OutBuffer& out() const { return out_; }

  // Ensures that the next push() does not allocate.
  void reserve_slot() { slots_.reserve_one(); }
  // REQUIRES: the command was just committed to out().
  void push(const Slot& slot) { slots_.push_back(slot); }
  bool empty() const { return slots_.empty(); }
  std::size_t size() const { return slots_.size(); }
  // Slots whose commands have been sent completely.
  std::size_t in_flight() const { return in_flight_; }
  // Some bytes of the next slot have been sent, but not all.
  bool partly_sent() const { return credit_ > 0; }
  // How much of that slot is unsent.
  std::size_t rest_of_partly_sent() const {
    return partly_sent() ? slots_[in_flight_].bytes - credit_ : 0;
  }
  // What is known about scripts on this server. Until they work, each one is a barrier; if they are
  // refused, none is sent.
  enum class Scripts : std::uint8_t { untried, work, refused };
  Scripts scripts() const { return scripts_; }
  void scripts(Scripts known) { scripts_ = known; }
  bool is_barrier(const Slot& slot) const {
    return slot.barrier || (slot.script && scripts_ != Scripts::work);
  }
  bool has_barrier() const;
  // The oldest operation is a script that must take a detour.
  bool detour_is_due() const {
    return scripts_ == Scripts::refused && in_flight_ == 0 && !slots_.empty() &&
           slots_.front().script;
  }
  // How many bytes may be sent before the reply to a barrier, or to an operation in front of one,
  // arrives.
  std::size_t sendable() const;
  Slot& operator[](std::size_t i) { return slots_[i]; }
  const Slot& operator[](std::size_t i) const { return slots_[i]; }
  Slot& front() { return slots_.front(); }
  const Slot& front() const { return slots_.front(); }

  // `bytes` of out() were passed to the socket.
  void sent(std::size_t bytes) {
    out_.sent(bytes);
    credit_ += bytes;
    while (in_flight_ < slots_.size() && credit_ >= slots_[in_flight_].bytes) {
      credit_ -= slots_[in_flight_].bytes;
      ++in_flight_;
    }
  }
  // The last reply of the front slot was read; its bytes stay in out() until release(). REQUIRES:
  // in_flight() > 0.
  void pop() {
    --in_flight_;
    if (unstamped_from_ > 0) --unstamped_from_;
    slots_.pop_front();
  }
  void release(std::size_t bytes) { out_.release(bytes); }

  // Forgets everything. Returns the old bytes, like rebuild(). Does not allocate.
  OutBuffer take_all() {
    OutBuffer old;
    std::swap(out_, old);
    slots_.clear();
    in_flight_ = credit_ = unstamped_from_ = behind_tombstones_ = 0;
    return old;
  }

  // Whether more memory is held than a few operations need.
  bool roomy() const {
    return slots_.capacity() > kept_slots || out_.held() > OutBuffer::first_chunk_bytes;
  }
  // Notes the current need, at the end of a turn with pending operations.
  void note_need() noexcept;
  // Frees what was not needed since the last call. REQUIRES: everything popped has been released.
  void fall_back() noexcept;
  // This many slots are always kept.
  static constexpr std::size_t kept_slots = 1024;

  // Gives a deadline to every slot without one; returns the earliest of those, or `never`.
  Millis stamp(Millis now);
  bool stamped() const { return unstamped_from_ == slots_.size(); }
  // The earliest deadline of the pending operations.
  Millis earliest() const;
  // Calls `f(slot)` for the slots whose deadline is not later than `now`, and makes them
  // tombstones. While deadlines are in order, as those of equal limits are, it looks at these slots
  // alone, and earliest() at one.
  template <class F>
  void expire(Millis now, F f) {
    std::size_t gone = leading_tombstones();
    for (std::size_t i = gone; i < unstamped_from_; ++i) {
      Slot& slot = slots_[i];
      if (slot.call != nullptr && slot.deadline > now) {
        if (in_order_) break;
        continue;
      }
      if (slot.call != nullptr) f(slot);
      slot.call = nullptr;
      if (i == gone) ++gone;
    }
    behind_tombstones_ = unstamped_from_ - gone;
  }

  enum class Sent : std::uint8_t { no, partly, wholly };
  // Keeps the slots for which `keep(slot, sent)` is true; all of them become unsent. Returns the
  // old bytes: a socket may be reading from them until it is closed.
  template <class Keep>
  OutBuffer rebuild(Keep keep) {
    OutBuffer fresh;
    OutBuffer::Cursor cursor;
    Ring<Slot> kept;
    std::size_t stamped = 0;
    for (std::size_t i = 0; i < slots_.size(); ++i) {
      Slot& slot = slots_[i];
      const Sent sent = i < in_flight_                     ? Sent::wholly
                        : i == in_flight_ && partly_sent() ? Sent::partly
                                                           : Sent::no;
      const bool wanted = keep(slot, sent);
      out_.read(cursor, slot.bytes, wanted ? &fresh : nullptr);
      if (!wanted) continue;
      if (i < unstamped_from_) ++stamped;
      kept.push_back(slot);
    }
    slots_.swap(kept);
    std::swap(out_, fresh);
    in_flight_ = credit_ = 0;
    unstamped_from_ = behind_tombstones_ = stamped;
    return fresh;
  }

 private:
  // Known leading tombstones: no slot in front of them waits for a deadline.
  std::size_t leading_tombstones() const {
    return unstamped_from_ > behind_tombstones_ ? unstamped_from_ - behind_tombstones_ : 0;
  }

  OutBuffer out_;
  Ring<Slot> slots_;
  std::size_t in_flight_ = 0;
  std::size_t credit_ = 0;          // sent bytes of the first slot that is not sent completely
  std::size_t unstamped_from_ = 0;  // slots from here on have no deadline yet
  std::size_t most_slots_ = 0;      // noted since the last fall_back()
  std::size_t most_bytes_ = 0;      // the same for bytes of commands
  // How many slots with a deadline are behind the leading tombstones. Too large after pop(), which
  // need not update it.
  std::size_t behind_tombstones_ = 0;
  bool in_order_ = true;  // each deadline is not earlier than that of the slot in front
  Millis last_deadline_ = 0;
  Scripts scripts_ = Scripts::untried;
};

}  // namespace djcache::link
