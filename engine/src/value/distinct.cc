#include "value/distinct.h"

#include <array>
#include <bit>
#include <cstring>

#include "value/hash.h"
#include "value/work.h"

namespace djcache::value {
namespace {

// Up to this many elements a linear search costs less than hashing.
constexpr std::size_t linear_max = 16;

const Value& key_of(const DictItem& item) { return item.first; }
const Value& key_of(const Value& member) { return member; }

void merge(DictItem& kept, DictItem& duplicate) { kept.second = std::move(duplicate.second); }
void merge(Value&, Value&) {}

// --- A quick check without comparisons: most dicts have a few short keys, all different.

template <class Word>
std::uint64_t word_at(const char* at) {
  Word word;
  std::memcpy(&word, at, sizeof word);
  return word;
}

// Equal texts have equal codes; different texts rarely share one, unless they were chosen to.
inline std::uint64_t code_of(std::string_view text) {
  constexpr std::uint64_t odd = 0x9e3779b97f4a7c15;
  const char *const begin = text.data(), *const end = begin + text.size();
  std::uint64_t first = 0, last = 0;
  if (text.size() >= 8) {
    first = word_at<std::uint64_t>(begin);
    last = word_at<std::uint64_t>(end - 8);
  } else if (text.size() >= 4) {
    first = word_at<std::uint32_t>(begin);
    last = word_at<std::uint32_t>(end - 4);
  } else if (!text.empty()) {
    first = word_at<std::uint8_t>(begin) | word_at<std::uint8_t>(begin + text.size() / 2) << 8;
    last = word_at<std::uint8_t>(end - 1);
  }
  return ((first ^ std::rotl(last, 29)) + text.size()) * odd;
}

// True: all keys are strings, and no two are equal. False: undecided.
template <unsigned log_bits, class Elements>
bool surely_distinct(const Elements& elements) {
  std::array<std::uint64_t, (1u << log_bits) / 64> seen{};
  for (const auto& element : elements) {
    if (!key_of(element).is(Kind::string)) return false;
    const std::uint64_t code = code_of(key_of(element).text()) >> (64 - log_bits);
    const std::uint64_t bit = std::uint64_t{1} << (code % 64);
    if (seen[code / 64] & bit) return false;
    seen[code / 64] |= bit;
  }
  return true;
}

// Enough bits that at most one in ten dicts with distinct keys is undecided.
template <class Elements>
bool surely_distinct(const Elements& elements) {
  if (elements.size() <= 1) return true;
  if (elements.size() <= 8) return surely_distinct<8>(elements);
  if (elements.size() <= 16) return surely_distinct<10>(elements);
  return elements.size() <= 64 && surely_distinct<14>(elements);
}

// --- Comparison.

// A hash table of the keys that stay: open addressing, at most half full.
class Places {
 public:
  explicit Places(std::size_t count) : slots_(kept()) {
    slots_.assign(std::bit_ceil(2 * count), {});
  }
  static std::size_t bytes_of(std::size_t count) { return std::bit_ceil(2 * count) * sizeof(Slot); }
  ~Places() {
    if (slots_.capacity() * sizeof(Slot) > kept_bytes_max) std::vector<Slot>().swap(slots_);
  }
  Places(const Places&) = delete;

  // The place of a key with this hash for which same(place) holds. If there is none, stores and
  // returns `place`.
  template <class Same>
  std::size_t find_or_add(std::uint64_t code, std::size_t place, Same same) {
    const std::size_t mask = slots_.size() - 1;
    const auto tag = static_cast<std::uint32_t>(code >> 32);
    for (std::size_t at = code & mask;; at = (at + 1) & mask) {
      Slot& slot = slots_[at];
      if (slot.place_plus_one == 0) {
        slot = {tag, static_cast<std::uint32_t>(place + 1)};
        return place;
      }
      if (slot.tag == tag && same(slot.place_plus_one - 1)) return slot.place_plus_one - 1;
    }
  }

 private:
  struct Slot {
    std::uint32_t tag = 0, place_plus_one = 0;  // small: there are up to four slots per key
  };
  static constexpr std::size_t kept_bytes_max = 1u << 20;
  // Kept from dict to dict, so that a search allocates nothing.
  static std::vector<Slot>& kept() {
    thread_local std::vector<Slot> slots;
    return slots;
  }
  std::vector<Slot>& slots_;
};

// Moves the first of equal keys to the front, in order, and merges the others into it. find(i,
// count) returns the index below `count` of an element that equals i, or `count`; moved(i, count)
// is called for each element that stays. Returns how many stay.
template <class Elements, class Find, class Moved>
std::size_t compact(Elements& elements, Find find, Moved moved) {
  std::size_t count = 0;
  for (std::size_t i = 0; i < elements.size(); ++i) {
    const std::size_t at = find(i, count);
    if (at < count) {
      merge(elements[at], elements[i]);
    } else {
      if (count != i) elements[count] = std::move(elements[i]);
      moved(i, count++);
    }
  }
  elements.resize(count);
  return count;
}

template <class Elements>
void remove_duplicate_leaves(Elements& elements) {
  if (surely_distinct(elements)) return;
  const auto nothing = [](std::size_t, std::size_t) {};
  const auto same = [&elements](std::size_t i, std::size_t j) {
    work_done += work_of(key_of(elements[i]));
    return key_of(elements[i]) == key_of(elements[j]);
  };
  if (elements.size() <= linear_max) {
    compact(
        elements,
        [&](std::size_t i, std::size_t count) {
          std::size_t at = 0;
          while (at < count && !same(at, i)) ++at;
          return at;
        },
        nothing);
    return;
  }
  Places places(elements.size());
  compact(
      elements,
      [&](std::size_t i, std::size_t count) {
        return places.find_or_add(hash(key_of(elements[i])), count,
                                  [&](std::size_t at) { return same(at, i); });
      },
      nothing);
}

// `codes` has the hash of each element, afterwards of each that stays. Returns how many stay.
template <class Elements>
std::size_t remove_equal(Elements& elements, std::uint64_t* codes) {
  Places places(elements.size());
  return compact(
      elements,
      [&](std::size_t i, std::size_t place) {
        return places.find_or_add(codes[i], place, [&](std::size_t at) {
          return key_of(elements[at]) == key_of(elements[i]);
        });
      },
      [&](std::size_t i, std::size_t place) { codes[place] = codes[i]; });
}

bool has_items(const Value& value) { return value.as_sequence() || value.as_dict(); }

}  // namespace

// Hashes of containers are known already; this inserts those of the other elements between them,
// from the end, so that none is overwritten before it has moved.
template <class Elements>
void Hashes::hash_all(const Elements& elements, std::size_t start) {
  std::size_t known = codes_.size();
  codes_.resize(start + elements.size());
  for (std::size_t i = elements.size(); i > 0; --i) {
    const Value& key = key_of(elements[i - 1]);
    codes_[start + i - 1] = has_items(key) ? codes_[--known] : hash(key);
  }
}

// Keeps the hashes of the elements that stay.
template <class Elements>
void Hashes::remove_duplicates(Elements& elements, std::size_t start) {
  hash_all(elements, start);
  if (elements.size() > 1) codes_.resize(start + remove_equal(elements, codes_.data() + start));
}

std::size_t Hashes::room_for(std::size_t keys, std::size_t start) const {
  const std::size_t all_hashed = codes_.size() > start ? 2 * keys * sizeof(codes_[0]) : 0;
  return Places::bytes_of(keys) + all_hashed;
}

void Hashes::keep_last_of_equal_keys(Value::Items& items, std::size_t start) {
  if (codes_.size() == start) {
    if (items.size() > 1) remove_duplicate_leaves(items);
    return;
  }
  remove_duplicates(items, start);
  codes_.resize(start);
}

void Hashes::keep_first_of_equal(Value::List& members, std::size_t start) {
  if (codes_.size() == start) return remove_duplicate_leaves(members);
  remove_duplicates(members, start);
  codes_.resize(start);
}

void Hashes::add(Kind kind, Value::List& members, bool distinct, std::size_t start) {
  if (distinct) {
    remove_duplicates(members, start);
  } else {
    hash_all(members, start);
  }
  const std::uint64_t code = hash_of(kind, {codes_.data() + start, codes_.size() - start});
  codes_.resize(start);
  codes_.push_back(code);
}

void Hashes::add(const Value& key) {
  if (has_items(key)) codes_.push_back(hash(key));
}

void keep_last_of_equal_keys(Value::Items& items) {
  Hashes hashes;
  for (const DictItem& item : items) hashes.add(item.first);
  hashes.keep_last_of_equal_keys(items, 0);
}

void keep_first_of_equal(Value::List& members) {
  Hashes hashes;
  for (const Value& member : members) hashes.add(member);
  hashes.keep_first_of_equal(members, 0);
}

}  // namespace djcache::value
