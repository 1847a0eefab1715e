// Removal of duplicates from dict items and set members, as Python does when it builds them. Linear in
// what they hold; of keys without children a few are compared each with each, which is faster.
#pragma once

#include <cstdint>
#include <vector>

#include <djcache/value.h>

namespace djcache::value {

// Of equal keys the last value stays, in the place of the first.
void keep_last_of_equal_keys(Value::Items& items);
// Of equal members the first stays.
void keep_first_of_equal(Value::List& members);

// For values that are built from the inside out: hashes of the containers inside of keys and members, so
// that each is hashed once however deep it lies. A stack: each container takes those of its children, which
// are on it from `start` on, in their order, and those in keys and members leave their own.
class Hashes {
 public:
  std::size_t size() const { return codes_.size(); }
  // Of a key or member that was not built so.
  void add(const Value& key);
  // Bytes of memory that the next three need for so many keys.
  std::size_t room_for(std::size_t keys, std::size_t start) const;
  void keep_last_of_equal_keys(Value::Items& items, std::size_t start);
  void keep_first_of_equal(Value::List& members, std::size_t start);
  // Of a tuple or frozenset in a key or member. Its members are `distinct` where they are a set's.
  void add(Kind kind, Value::List& members, bool distinct, std::size_t start);

 private:
  template <class Elements>
  void remove_duplicates(Elements& elements, std::size_t start);
  template <class Elements>
  void hash_all(const Elements& elements, std::size_t start);

  std::vector<std::uint64_t> codes_;
};

}  // namespace djcache::value
