// Deadlines: which of many things is due first: a binary heap whose things know their places in it.
//
// Pure. What is noted is a lower bound. A deadline that moves away leaves its bound behind; when that is
// reached the thing is asked, and noted anew. So what ends in time, which is nearly all, costs the heap
// nothing, and what is due is found without a look at the others.
#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace djcache {

// What a thing holds, as a member `deadline` that Deadlines<Thing> may touch.
class Deadline {
 public:
  static constexpr std::uint64_t never = UINT64_MAX;

  // The thing need not be asked before.
  std::uint64_t bound() const { return bound_; }
  bool entered() const { return place_ != nowhere; }

 private:
  template <class Thing>
  friend class Deadlines;
  static constexpr std::size_t nowhere = SIZE_MAX;

  std::uint64_t bound_ = never;
  std::size_t place_ = nowhere;
};

template <class Thing>
class Deadlines {
 public:
  // The bound of the thing that is asked first, or never.
  std::uint64_t earliest() const { return earliest_; }
  std::size_t size() const { return things_.size(); }

  // All that takes memory. The thing stays, due or not, until it leaves.
  void enter(Thing& thing) {
    things_.push_back(&thing);
    thing.deadline.place_ = things_.size() - 1;
    thing.deadline.bound_ = Deadline::never;
  }
  // A thing that has not entered has nothing to leave.
  void leave(Thing& thing) {
    const std::size_t place = std::exchange(thing.deadline.place_, Deadline::nowhere);
    if (place == Deadline::nowhere) return;
    Thing* const last = things_.back();
    things_.pop_back();
    if (last != &thing) settle(*last, place);
    earliest_ = things_.empty() ? Deadline::never : bound(0);
  }
  // Gives back the memory of those that have left.
  void fit() { things_.shrink_to_fit(); }
  void clear() {
    for (Thing* thing : things_) thing->deadline.place_ = Deadline::nowhere;
    things_.clear();
    earliest_ = Deadline::never;
  }

  // The thing is to be asked no later than `due`. REQUIRES: it has entered.
  void expect(Thing& thing, std::uint64_t due) {
    if (due >= thing.deadline.bound_) return;
    thing.deadline.bound_ = due;
    rise(thing, thing.deadline.place_);
    earliest_ = bound(0);
  }
  // It has been asked: it need not be again before `due`. REQUIRES: it has entered.
  void set(Thing& thing, std::uint64_t due) {
    thing.deadline.bound_ = due;
    settle(thing, thing.deadline.place_);
    earliest_ = bound(0);
  }

  // Appends those whose bound is not later than `now`, in no order. They keep it until they are set.
  void due_by(std::uint64_t now, std::vector<Thing*>& to, std::size_t from = 0) const {
    if (from >= things_.size() || bound(from) > now) return;
    to.push_back(things_[from]);
    due_by(now, to, 2 * from + 1);
    due_by(now, to, 2 * from + 2);
  }

 private:
  std::uint64_t bound(std::size_t place) const { return things_[place]->deadline.bound_; }
  void put(Thing& thing, std::size_t place) {
    things_[place] = &thing;
    thing.deadline.place_ = place;
  }
  // To where it belongs, from `place`, whose thing is put elsewhere.
  void settle(Thing& thing, std::size_t place) {
    if (place > 0 && thing.deadline.bound_ < bound((place - 1) / 2)) return rise(thing, place);
    while (2 * place + 1 < things_.size()) {
      std::size_t child = 2 * place + 1;
      if (child + 1 < things_.size() && bound(child + 1) < bound(child)) ++child;
      if (bound(child) >= thing.deadline.bound_) break;
      put(*things_[child], place);
      place = child;
    }
    put(thing, place);
  }
  void rise(Thing& thing, std::size_t place) {
    for (; place > 0 && thing.deadline.bound_ < bound((place - 1) / 2); place = (place - 1) / 2) {
      put(*things_[(place - 1) / 2], place);
    }
    put(thing, place);
  }

  std::vector<Thing*> things_;
  std::uint64_t earliest_ = Deadline::never;
};

}  // namespace djcache
