#include "value/distinct.h"

#include <bit>

#include "value/hash.h"

namespace djcache::value {
namespace {

// Up to this many, looking through all of them costs less than hashing.
constexpr std::size_t linear_max = 16;

const Value& key_of(const DictItem& item) { return item.first; }
const Value& key_of(const Value& member) { return member; }

void merge(DictItem& kept, DictItem& duplicate) { kept.second = std::move(duplicate.second); }
void merge(Value&, Value&) {}

// Finds the place of a key among those that were kept: open addressing, at most half full.
class Places {
 public:
  explicit Places(std::size_t count) : slots_(std::bit_ceil(2 * count)) {}

  // The place of a key with this hash for which same(place) holds; otherwise `place`, which is
  // remembered for it.
  template <class Same>
  std::size_t find_or_add(std::uint64_t code, std::size_t place, Same same) {
    const std::size_t mask = slots_.size() - 1;
    for (std::size_t at = code & mask;; at = (at + 1) & mask) {
      Slot& slot = slots_[at];
      if (slot.place_plus_one == 0) {
        slot = {code, place + 1};
        return place;
      }
      if (slot.code == code && same(slot.place_plus_one - 1)) return slot.place_plus_one - 1;
    }
  }

 private:
  struct Slot {
    std::uint64_t code = 0;
    std::size_t place_plus_one = 0;
  };
  std::vector<Slot> slots_;
};

// Moves the first of each key to the front, in order, and merges the others into it.
// find(i, count) gives the index below `count` of an element that equals i, or `count`.
template <class Elements, class Find>
void compact(Elements& elements, Find find) {
  std::size_t count = 0;
  for (std::size_t i = 0; i < elements.size(); ++i) {
    const std::size_t at = find(i, count);
    if (at < count) {
      merge(elements[at], elements[i]);
    } else {
      if (count != i) elements[count] = std::move(elements[i]);
      ++count;
    }
  }
  elements.resize(count);
}

template <class Elements>
void remove_duplicates(Elements& elements) {
  const auto same = [&elements](std::size_t i, std::size_t j) {
    return key_of(elements[i]) == key_of(elements[j]);
  };
  if (elements.size() <= linear_max) {
    return compact(elements, [&](std::size_t i, std::size_t count) {
      std::size_t at = 0;
      while (at < count && !same(at, i)) ++at;
      return at;
    });
  }
  Places places(elements.size());
  compact(elements, [&](std::size_t i, std::size_t count) {
    return places.find_or_add(hash(key_of(elements[i])), count,
                              [&](std::size_t at) { return same(at, i); });
  });
}

}  // namespace

void keep_last_of_equal_keys(Value::Items& items) { remove_duplicates(items); }
void keep_first_of_equal(Value::List& members) { remove_duplicates(members); }

}  // namespace djcache::value
