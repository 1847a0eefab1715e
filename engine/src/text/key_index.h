// KeyIndex: finds a key among others, which it numbers in the order in which they came.
//
// Pure. It holds no key, only numbers, and asks for the text of a number: a table with open
// addressing, in one block. Up to `few` keys are compared one by one, without a table.
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>

#include "text/key_hash.h"

namespace djcache::text {

class KeyIndex {
 public:
  static constexpr std::size_t few = 8;

  KeyIndex() = default;
  // For up to this many keys. std::bad_alloc: there is no memory for the table.
  explicit KeyIndex(std::size_t keys);

  // How many keys there are; also the number of the next one.
  std::size_t size() const { return size_; }
  // Whether there is room for another one.
  bool has_room() const { return size_ < (slots_ == nullptr ? few : (mask_ + 1) / 2); }
  // The number of `key`; size(): it is not there. `text_of(number)` gives a key.
  template <class TextOf>
  std::size_t find(std::string_view key, TextOf text_of) const {
    if (slots_ == nullptr) {
      std::size_t number = 0;
      while (number < size_ && text_of(number) != key) ++number;
      return number;
    }
    const std::uint32_t hash = hash_of(key, seed());
    const Slot& slot = slots_[slot_of(key, hash, text_of)];
    return slot.number == nothing ? size_ : slot.number;
  }
  // The number of `key`. If it is not there, it becomes the key with the number that size() was:
  // text_of() need not know it before it is asked next. REQUIRES: there is room for it.
  template <class TextOf>
  std::size_t find_or_add(std::string_view key, TextOf text_of) {
    if (slots_ == nullptr) {
      const std::size_t number = find(key, text_of);
      size_ += number == size_ ? 1 : 0;
      return number;
    }
    const std::uint32_t hash = hash_of(key, seed());
    Slot& slot = slots_[slot_of(key, hash, text_of)];
    if (slot.number == nothing) slot = {hash, size_++};
    return slot.number;
  }

 private:
  struct Slot {
    std::uint32_t hash, number;
  };
  static constexpr std::uint32_t nothing = UINT32_MAX;

  static std::uint64_t seed();
  template <class TextOf>
  std::size_t slot_of(std::string_view key, std::uint32_t hash, TextOf text_of) const {
    std::size_t at = hash & mask_;
    while (slots_[at].number != nothing &&
           (slots_[at].hash != hash || text_of(slots_[at].number) != key)) {
      at = (at + 1) & mask_;
    }
    return at;
  }

  std::unique_ptr<Slot[]> slots_;  // null: a few keys
  std::uint32_t mask_ = 0;         // their number - 1
  std::uint32_t size_ = 0;
};

}  // namespace djcache::text
