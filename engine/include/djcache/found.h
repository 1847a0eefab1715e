// Found: what get_many found, by the caller's keys and in their order.
#pragma once

#include <djcache/export.h>

#include <cstddef>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <djcache/error.h>
#include <djcache/value.h>

namespace djcache {

// A map from key to Value that keeps the order of the call, as Python's dict does, and beside it the
// errors of entries that are there and cannot be read: one of them costs the others nothing.
//
//   if (const auto it = found.find("a"); it != found.end()) use(it->second);
//   for (const auto& [key, value] : found) ...
//   for (const auto& [key, error] : found.errors()) log(key, error);
//
// A plain value that owns what it holds. Values may be moved out of it; keys must stay as they are.
class DJCACHE_API Found {
 public:
  using key_type = std::string;
  using mapped_type = Value;
  using value_type = std::pair<std::string, Value>;
  using iterator = std::vector<value_type>::iterator;
  using const_iterator = std::vector<value_type>::const_iterator;
  using Errors = std::vector<std::pair<std::string, Error>>;

  Found() = default;
  // REQUIRES, both: no key twice.
  Found(std::vector<value_type> entries, Errors errors);
  Found(std::initializer_list<value_type> entries)
      : Found(std::vector<value_type>(entries), Errors()) {}

  // Of what get_many read; keys that are missing are in neither list.
  std::size_t size() const { return entries_.size(); }
  bool empty() const { return entries_.empty(); }
  iterator begin() { return entries_.begin(); }
  iterator end() { return entries_.end(); }
  const_iterator begin() const { return entries_.begin(); }
  const_iterator end() const { return entries_.end(); }

  // In logarithmic time.
  iterator find(std::string_view key) { return begin() + static_cast<std::ptrdiff_t>(place(key)); }
  const_iterator find(std::string_view key) const {
    return begin() + static_cast<std::ptrdiff_t>(place(key));
  }
  bool contains(std::string_view key) const { return place(key) != size(); }
  std::size_t count(std::string_view key) const { return contains(key) ? 1 : 0; }
  // REQUIRES: contains(key). Else the program ends, as with Result::value().
  const Value& at(std::string_view key) const;
  Value& at(std::string_view key) { return const_cast<Value&>(std::as_const(*this).at(key)); }

  // As std::map's: at the end, unless the key is there already. Linear in the number of entries.
  std::pair<iterator, bool> emplace(std::string key, Value value);

  // Entries that are there and cannot be read, in the order of the call: decode_failed,
  // value_too_large.
  const Errors& errors() const { return errors_; }

  // As dicts compare: whatever the order.
  DJCACHE_API friend bool operator==(const Found& a, const Found& b);

 private:
  std::size_t rank(std::string_view key) const;   // in sorted_: where it is, or belongs
  std::size_t place(std::string_view key) const;  // size(): it is not there

  std::vector<value_type> entries_;
  std::vector<std::size_t> sorted_;  // places in entries_, by key
  Errors errors_;
};

}  // namespace djcache
