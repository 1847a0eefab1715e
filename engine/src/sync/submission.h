// Submission: one blocking call, from the calling thread to the loop and back.
//
// Both share ownership: the caller may give up first, or the engine may end first. The loop holds a
// `Settle`, which reports to the caller in any case, even when it is destroyed.
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
  // The values of the word that the caller sleeps on.
  enum : std::uint32_t { waiting, asleep, to_produce, answered };
  // Which thread may use the objects on the caller's stack.
  enum class Claim : std::uint32_t { queued, issuing, issued, abandoned };

  Submission() = default;
  Submission(const Submission&) = delete;
  Submission& operator=(const Submission&) = delete;

  // --- On the driving thread only.
  // Begins the operation, unless the caller has given up.
  void begin(Engine& engine) {
    Claim queued = Claim::queued;
    if (claim.compare_exchange_strong(queued, Claim::issuing, std::memory_order_acquire)) {
      try {
        issue(engine);
      } catch (const std::bad_alloc&) {
        // The caller has its error: its callback was destroyed.
      }
      claim.store(Claim::issued, std::memory_order_release);
    }
  }
  // The engine is gone.
  virtual void refuse() = 0;

  void hold() { references_.fetch_add(1, std::memory_order_relaxed); }
  void release() {
    if (references_.fetch_sub(1, std::memory_order_acq_rel) == 1) delete this;
  }

  // The caller has its result, or has to run its producer.
  friend bool told(const Submission& submission) {
    return submission.word.load(std::memory_order_acquire) >= to_produce;
  }

  Submission* next = nullptr;  // in the queue
  Word word{waiting};
  std::atomic<Claim> claim{Claim::queued};

 protected:
  virtual ~Submission() = default;
  virtual void issue(Engine& engine) = 0;

 private:
  std::atomic<std::uint32_t> references_{1};
};

// Wakes callers, a batch at a time.
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
  // For the caller, once answered.
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
// Why a callback was destroyed uncalled: the engine is gone, or memory ran out.
Error why_dropped();

template <class T>
void Answer<T>::refuse() {
  answer(T(why_dropped()));
}

// The callback of an operation. If it is destroyed uncalled, it reports why_dropped().
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
  // `result`: what the operation reports, a Result or a report.
  template <class R>
  void operator()(R result) {
    Answer<T>* to = std::exchange(to_, nullptr);
    to->answer(T(std::move(result)));
    to->release();
  }

 private:
  Answer<T>* to_;
};

// A call that consists of start(engine, settle). `start` is on the caller's stack.
template <class T, class Start>
class CallOf final : public Answer<T> {
 public:
  CallOf(Waker& waker, Start& start) : Answer<T>(waker), start_(start) {}

 private:
  void issue(Engine& engine) override { start_(engine, Settle<T>(*this)); }
  Start& start_;
};

}  // namespace djcache::sync
