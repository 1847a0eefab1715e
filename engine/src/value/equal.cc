// operator== of Values. Nesting can be deeper than the stack and sets can be large, so the pairs
// yet to be compared are kept in a vector, and unordered members are matched by hash.
#include <algorithm>
#include <cmath>
#include <cstring>

#include <djcache/value.h>

#include "value/hash.h"
#include "value/work.h"

namespace djcache {
namespace {

// Up to this many members without children are matched by linear search.
constexpr std::size_t linear_max = 32;

bool is_nested(const Value& value) { return value.as_sequence() || value.as_dict(); }

// REQUIRES: both are of the same kind and have no children.
bool equal_leaves(const Value& a, const Value& b) {
  switch (a.kind()) {
    case Kind::nil:
      return true;
    case Kind::boolean:
      return *a.as_bool() == *b.as_bool();
    case Kind::integer:
      return *a.as_int() == *b.as_int();
    case Kind::real: {
      const double x = *a.as_double(), y = *b.as_double();
      return x == y || (std::isnan(x) && std::isnan(y));
    }
    case Kind::datetime:
      return *a.as_datetime() == *b.as_datetime();
    case Kind::date:
      return *a.as_date() == *b.as_date();
    case Kind::time:
      return *a.as_time() == *b.as_time();
    case Kind::timedelta:
      return *a.as_timedelta() == *b.as_timedelta();
    case Kind::uuid:
      return *a.as_uuid() == *b.as_uuid();
    default:
      return a.text() == b.text();
  }
}

const Value& key_of(const DictItem& item) { return item.first; }
const Value& key_of(const Value& member) { return member; }
const Value* value_of(const DictItem& item) { return &item.second; }
const Value* value_of(const Value&) { return nullptr; }

template <class Elements>
bool all_keys_are_leaves(const Elements& elements) {
  return std::none_of(elements.begin(), elements.end(),
                      [](const auto& element) { return is_nested(key_of(element)); });
}

class Comparison {
 public:
  ~Comparison() { value::work_done += work_; }

  bool run(const Value& a, const Value& b) {
    if (!compare(a, b)) return false;
    while (!pending_.empty()) {
      const auto [x, y] = pending_.back();
      pending_.pop_back();
      if (!open(*x, *y)) return false;
    }
    return true;
  }

 private:
  // Compares leaves at once and puts containers off.
  bool compare(const Value& a, const Value& b) {
    work_ += value::work_of(a);
    if (a.kind() != b.kind()) return false;
    if (!is_nested(a)) return equal_leaves(a, b);
    pending_.emplace_back(&a, &b);
    return true;
  }

  bool open(const Value& a, const Value& b) {
    if (a.is(Kind::dict)) return unordered(*a.as_dict(), *b.as_dict());
    if (a.is(Kind::set) || a.is(Kind::frozenset)) {
      return unordered(*a.as_sequence(), *b.as_sequence());
    }
    const Value::List &x = *a.as_sequence(), &y = *b.as_sequence();
    if (x.size() != y.size()) return false;
    for (std::size_t i = 0; i < x.size(); ++i) {
      if (!compare(x[i], y[i])) return false;
    }
    return true;
  }

  template <class Element>
  bool match(const Element& a, const Element& b) {
    if (!compare(key_of(a), key_of(b))) return false;
    return !value_of(a) || compare(*value_of(a), *value_of(b));
  }

  template <class Elements>
  bool unordered(const Elements& a, const Elements& b) {
    if (a.size() != b.size()) return false;
    if (a.size() == 1) return match(a[0], b[0]);
    if (all_keys_are_leaves(a) && all_keys_are_leaves(b)) {
      if (same_keys_in_order(a, b)) return match_in_order(a, b);
      if (a.size() <= linear_max) return match_by_looking(a, b);
    }
    return match_by_hash(a, b);
  }

  template <class Elements>
  static bool same_keys_in_order(const Elements& a, const Elements& b) {
    return std::equal(a.begin(), a.end(), b.begin(), [](const auto& x, const auto& y) {
      return key_of(x).kind() == key_of(y).kind() && equal_leaves(key_of(x), key_of(y));
    });
  }

  template <class Elements>
  bool match_in_order(const Elements& a, const Elements& b) {
    for (std::size_t i = 0; i < a.size(); ++i) {
      if (!match(a[i], b[i])) return false;
    }
    return true;
  }

  // REQUIRES: keys without children, at most linear_max. `taken` prevents a member from matching
  // twice.
  template <class Elements>
  bool match_by_looking(const Elements& a, const Elements& b) {
    std::uint32_t taken = 0;
    for (const auto& element : a) {
      std::size_t at = 0;
      while (at < b.size() &&
             ((taken >> at & 1) || key_of(element).kind() != key_of(b[at]).kind() ||
              !equal_leaves(key_of(element), key_of(b[at])))) {
        ++at;
      }
      if (at == b.size() || !match(element, b[at])) return false;
      taken |= 1u << at;
    }
    return true;
  }

  template <class Elements>
  struct Hashed {
    std::uint64_t code;
    const typename Elements::value_type* element;
  };

  template <class Elements>
  std::vector<Hashed<Elements>> hashed(const Elements& elements) {
    std::vector<Hashed<Elements>> all;
    all.reserve(elements.size());
    for (const auto& element : elements) {
      all.push_back({value::hash(key_of(element), &hashes_), &element});
    }
    std::sort(all.begin(), all.end(), [](const auto& x, const auto& y) { return x.code < y.code; });
    return all;
  }

  template <class Elements>
  bool match_by_hash(const Elements& a, const Elements& b) {
    const auto x = hashed(a);
    auto y = hashed(b);
    for (std::size_t i = 0; i < x.size();) {
      std::size_t end = i;
      while (end < x.size() && x[end].code == x[i].code && y[end].code == x[i].code) ++end;
      if (end == i) return false;
      if (end - i == 1 ? !match(*x[i].element, *y[i].element) : !match_group(x, y, i, end)) {
        return false;
      }
      i = end;
    }
    return true;
  }

  // Members with the same hash: equal ones, or a collision. Each pair is compared on its own,
  // because a mismatch does not decide the result yet.
  template <class Group>
  static bool match_group(const Group& x, Group& y, std::size_t begin, std::size_t end) {
    for (std::size_t i = begin; i < end; ++i) {
      std::size_t at = i;
      while (at < end && !same(*x[i].element, *y[at].element)) ++at;
      if (at == end) return false;
      std::swap(y[i], y[at]);
    }
    return true;
  }

  template <class Element>
  static bool same(const Element& a, const Element& b) {
    return key_of(a) == key_of(b) && (!value_of(a) || *value_of(a) == *value_of(b));
  }

  std::vector<std::pair<const Value*, const Value*>> pending_;
  value::KnownHashes hashes_;
  std::uint64_t work_ = 0;
};

}  // namespace

bool operator==(const Value& a, const Value& b) {
  if (a.kind() != b.kind()) return false;
  if (!is_nested(a)) return equal_leaves(a, b);
  return Comparison().run(a, b);
}

}  // namespace djcache
