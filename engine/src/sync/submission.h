// Submission: one blocking call on its way from a thread to the loop and back.
//
// Shared by the two: the caller may give up first, or the engine end first. `Settle` is what the
// loop holds until the end; however it goes, the caller is told.
#pragma once

#include <atomic>
#include <cstdint>
#include <new>
#include <optional>
#include <utility>

#include <djcache/engine.h>

#include "sync/futex.h"

namespace djcache::sync {

class Submission {
 public:
  // What the caller sleeps on.
  enum : std::uint32_t { waiting, asleep, to_produce, answered };
  // Who may touch what the caller has on its stack.
  enum class Claim : std::uint32_t { queued, issuing, issued, abandoned };

  Submission() = default;
  Submission(const Submission&) = delete;
  Submission& operator=(const Submission&) = delete;

  // --- Whoever drives the loop.
  // Begins the operation, unless the caller has given up.
  void begin(Engine& engine) {
    Claim queued = Claim::queued;
    if (claim.compare_exchange_strong(queued, Claim::issuing, std::memory_order_acquire)) {
      try {
        issue(engine);
      } catch (const std::bad_alloc&) {
        // Whoever waits has been told, by the end of its callback.
      }
      claim.store(Claim::issued, std::memory_order_release);
    }
  }
  // There is no engine any more.
  virtual void refuse() = 0;

  void hold() { references_.fetch_add(1, std::memory_order_relaxed); }
  void release() {
    if (references_.fetch_sub(1, std::memory_order_acq_rel) == 1) delete this;
  }

  // The caller has its answer, or something to produce.
  friend bool told(const Submission& submission) {
    return submission.word.load(std::memory_order_acquire) >= to_produce;
  }

  Submission* next = nullptr;  // the queue's
  Word word{waiting};
  std::atomic<Claim> claim{Claim::queued};

 protected:
  virtual ~Submission() = default;
  virtual void issue(Engine& engine) = 0;

 private:
  std::atomic<std::uint32_t> references_{1};
};

// Who wakes callers, all of a batch together.
class Waker {
 public:
  // Sets the word and, if the caller sleeps, remembers to wake it.
  virtual void tell(Submission& submission, std::uint32_t word) = 0;

 protected:
  ~Waker() = default;
};

template <class T>
class Answer : public Submission {
 public:
  explicit Answer(Waker& waker) : waker_(waker) {}

  void answer(T result) {
    if (result_) return;
    result_.emplace(std::move(result));
    before_answer();
    waker_.tell(*this, answered);
  }
  // The caller, once answered.
  T take() { return std::move(*result_); }
  void refuse() override;

 protected:
  Waker& waker() { return waker_; }

 private:
  virtual void before_answer() {}

  Waker& waker_;
  std::optional<T> result_;
};

Error engine_is_gone();
// Why a callback is destroyed uncalled: with its engine, or because a call found no memory.
Error why_dropped();

template <class T>
void Answer<T>::refuse() {
  answer(T(why_dropped()));
}

// The callback of an operation. Destroyed uncalled: see why_dropped().
template <class T>
class Settle {
 public:
  explicit Settle(Answer<T>& to) : to_(&to) { to.hold(); }
  Settle(Settle&& other) noexcept : to_(std::exchange(other.to_, nullptr)) {}
  Settle& operator=(Settle&&) = delete;
  ~Settle() {
    if (to_ == nullptr) return;
    to_->refuse();
    to_->release();
  }
  // Takes what the operation reports, a Result or a report.
  template <class R>
  void operator()(R result) {
    Answer<T>* to = std::exchange(to_, nullptr);
    to->answer(T(std::move(result)));
    to->release();
  }

 private:
  Answer<T>* to_;
};

// A call that has no more to it than its beginning: start(engine, settle), with `start` on the
// caller's stack.
template <class T, class Start>
class CallOf final : public Answer<T> {
 public:
  CallOf(Waker& waker, Start& start) : Answer<T>(waker), start_(start) {}

 private:
  void issue(Engine& engine) override { start_(engine, Settle<T>(*this)); }
  Start& start_;
};

}  // namespace djcache::sync
