// Queue: a list of records, linked within them, and the sum of their sizes in bytes. Pure.
#pragma once

#include <cstddef>
#include <cstdint>

#include "memory/record.h"

namespace djcache::memory {

class Queue {
 public:
  explicit Queue(Records& records) : records_(records) {}

  Index head() const { return head_; }  // the newest record
  Index tail() const { return tail_; }
  std::size_t count() const { return count_; }
  std::uint64_t charge() const { return charge_; }
  bool empty() const { return count_ == 0; }

  void push(Index index, std::size_t charge) {
    Record& record = records_[index];
    record.previous = none;
    record.next = head_;
    (head_ == none ? tail_ : records_[head_].previous) = index;
    head_ = index;
    ++count_;
    charge_ += charge;
  }
  void remove(Index index, std::size_t charge) {
    const Record& record = records_[index];
    (record.previous == none ? head_ : records_[record.previous].next) = record.next;
    (record.next == none ? tail_ : records_[record.next].previous) = record.previous;
    --count_;
    charge_ -= charge;
  }
  void to_head(Index index) {
    if (head_ == index) return;
    remove(index, 0);
    push(index, 0);
  }
  void recharge(std::size_t before, std::size_t after) { charge_ += after, charge_ -= before; }
  void reset() {
    head_ = tail_ = none;
    count_ = 0;
    charge_ = 0;
  }

 private:
  Records& records_;
  Index head_ = none;
  Index tail_ = none;
  std::size_t count_ = 0;
  std::uint64_t charge_ = 0;
};

}  // namespace djcache::memory
