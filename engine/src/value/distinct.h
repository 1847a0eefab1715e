// Removes duplicates from dict items and set members, as Python does when it builds them. Linear in
// their total size; a few keys without children are compared pairwise, which is faster.
#pragma once

#include <cstdint>
#include <vector>

#include <djcache/value.h>

namespace djcache::value {

// Of equal keys the last value stays, at the position of the first.
void keep_last_of_equal_keys(Value::Items& items);
// Of equal members the first stays.
void keep_first_of_equal(Value::List& members);

// For values that are built bottom-up: the hashes of containers inside of keys and members, so that
// each is hashed once, however deep it is nested. Works as a stack: a container pops the hashes of
// its children, which start at `start`, in order, and pushes its own if it is in a key or member
// itself.
class Hashes {
 public:
  std::size_t size() const { return codes_.size(); }
  // Hashes a key or member that was not built bottom-up.
  void add(const Value& key);
  // Bytes of memory that the next three functions need for this many keys.
  std::size_t room_for(std::size_t keys, std::size_t start) const;
  void keep_last_of_equal_keys(Value::Items& items, std::size_t start);
  void keep_first_of_equal(Value::List& members, std::size_t start);
  // Hashes a tuple or frozenset in a key or member. `distinct`: its members are a set's.
  void add(Kind kind, Value::List& members, bool distinct, std::size_t start);

 private:
  template <class Elements>
  void remove_duplicates(Elements& elements, std::size_t start);
  template <class Elements>
  void hash_all(const Elements& elements, std::size_t start);

  std::vector<std::uint64_t> codes_;
};

}  // namespace djcache::value
