// Queue: submissions from many threads to the driving one. Lock-free; push() fails once the queue
// is closed.
#pragma once

#include <atomic>

#include "sync/submission.h"

namespace djcache::sync {

class Queue {
 public:
  // Any thread. False: closed.
  bool push(Submission& submission) {
    Submission* head = head_.load(std::memory_order_relaxed);
    do {
      if (head == closed()) return false;
      submission.next = head;
      // Sequentially consistent with the check of the queue in Core::before_poll().
    } while (!head_.compare_exchange_weak(head, &submission, std::memory_order_seq_cst,
                                          std::memory_order_relaxed));
    return true;
  }

  // --- On the driving thread only.
  bool empty() const { return head_.load(std::memory_order_seq_cst) == nullptr; }
  // All submissions pushed so far, the oldest first.
  Submission* take() {
    if (head_.load(std::memory_order_relaxed) == nullptr) return nullptr;
    return oldest_first(head_.exchange(nullptr, std::memory_order_acquire));
  }
  // As take(), and closes the queue. REQUIRES: not closed before.
  Submission* close() { return oldest_first(head_.exchange(closed(), std::memory_order_acq_rel)); }

 private:
  static Submission* closed() { return reinterpret_cast<Submission*>(std::uintptr_t{1}); }
  static Submission* oldest_first(Submission* newest) {
    Submission* list = nullptr;
    while (newest != nullptr) {
      Submission* next = newest->next;
      newest->next = list;
      list = newest;
      newest = next;
    }
    return list;
  }

  std::atomic<Submission*> head_ = nullptr;
};

}  // namespace djcache::sync
