// Deadlines: finds which of many objects is due first: a binary heap whose objects know their
// places.
//
// Pure. It holds lower bounds. A deadline that moves away leaves its bound behind; when that is
// reached the object is asked and entered anew. So an operation that ends in time, as nearly all
// do, costs the heap nothing, and due objects are found without looking at the others.
#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace djcache {

// The member `deadline` of an object, which Deadlines<Thing> may change.
class Deadline {
 public:
  static constexpr std::uint64_t never = UINT64_MAX;

  // The object need not be asked before.
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
  // The smallest bound, or never.
  std::uint64_t earliest() const { return earliest_; }
  std::size_t size() const { return things_.size(); }

  // The only function that allocates. The object stays, due or not, until it leaves.
  void enter(Thing& thing) {
    things_.push_back(&thing);
    thing.deadline.place_ = things_.size() - 1;
    thing.deadline.bound_ = Deadline::never;
  }
  // Does nothing for an object that has not entered.
  void leave(Thing& thing) {
    const std::size_t place = std::exchange(thing.deadline.place_, Deadline::nowhere);
    if (place == Deadline::nowhere) return;
    Thing* const last = things_.back();
    things_.pop_back();
    if (last != &thing) settle(*last, place);
    earliest_ = things_.empty() ? Deadline::never : bound(0);
  }
  // Frees the memory of objects that have left.
  void fit() { things_.shrink_to_fit(); }
  void clear() {
    for (Thing* thing : things_) thing->deadline.place_ = Deadline::nowhere;
    things_.clear();
    earliest_ = Deadline::never;
  }

  // The object is to be asked no later than `due`. REQUIRES: it has entered.
  void expect(Thing& thing, std::uint64_t due) {
    if (due >= thing.deadline.bound_) return;
    thing.deadline.bound_ = due;
    rise(thing, thing.deadline.place_);
    earliest_ = bound(0);
  }
  // The object has been asked, and need not be asked again before `due`. REQUIRES: it has entered.
  void set(Thing& thing, std::uint64_t due) {
    thing.deadline.bound_ = due;
    settle(thing, thing.deadline.place_);
    earliest_ = bound(0);
  }

  // Appends the objects whose bound is not later than `now`, unordered. They keep it until set() is
  // called.
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
  // Moves `thing` from `place`, which becomes free, to where it belongs.
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
