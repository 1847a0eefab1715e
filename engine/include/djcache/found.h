/// @file
/// Found: the result of get_many.
#pragma once

#include <djcache/export.h>

#include <cstddef>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <djcache/error.h>
#include <djcache/value.h>

namespace djcache {

/// The entries that Cache::get_many() found, by the caller's keys and in their order, and the
/// errors of those that exist but cannot be read.
///
/// @code
/// if (const auto it = found.find("a"); it != found.end()) use(it->second);
/// for (const auto& [key, value] : found) ...
/// for (const auto& [key, error] : found.errors()) log(key, error);
/// @endcode
///
/// A plain value that owns its content. All keys are in one block of memory, so a key costs no
/// allocation. Views of keys are valid during the life of the Found, or of the one it was moved to.
/// Values may be moved out of it; keys must stay unchanged.
class DJCACHE_API Found {
 public:
  using key_type = std::string_view;                               ///< the caller's key
  using mapped_type = Value;                                       ///< the entry
  using value_type = std::pair<std::string_view, Value>;           ///< both
  using iterator = std::vector<value_type>::iterator;              ///< over entries
  using const_iterator = std::vector<value_type>::const_iterator;  ///< over entries
  using Errors = std::vector<std::pair<std::string, Error>>;       ///< keys and their errors
  using Texts = std::vector<std::unique_ptr<char[]>>;              ///< blocks of memory with keys

  /// Empty.
  Found() noexcept;
  /// Copies the keys. REQUIRES: no key occurs twice.
  explicit Found(const std::vector<value_type>& entries, Errors errors = {});
  /// @overload
  Found(std::initializer_list<value_type> entries)
      : Found(std::vector<value_type>(entries), Errors()) {}
  /// Takes over the arguments. REQUIRES: the keys of `entries` point into `keys`; none occurs
  /// twice.
  Found(Texts keys, std::vector<value_type> entries, Errors errors);
  /// A deep copy.
  Found(const Found& other);
  /// Takes over the other's content.
  Found(Found&& other) noexcept;
  /// Copies or takes over.
  Found& operator=(Found other) noexcept;
  ~Found();

  /// The number of entries read. Missing keys count neither here nor in errors().
  std::size_t size() const { return entries_.size(); }
  /// Whether no entry was read.
  bool empty() const { return entries_.empty(); }
  /// The first entry, in the order of the call.
  iterator begin() { return entries_.begin(); }
  /// Behind the last entry.
  iterator end() { return entries_.end(); }
  /// @overload
  const_iterator begin() const { return entries_.begin(); }
  /// @overload
  const_iterator end() const { return entries_.end(); }

  /// The entry of a key, or end(). One lookup in a hash table; with only a few entries a comparison
  /// with each.
  iterator find(std::string_view key) { return begin() + static_cast<std::ptrdiff_t>(place(key)); }
  /// @overload
  const_iterator find(std::string_view key) const {
    return begin() + static_cast<std::ptrdiff_t>(place(key));
  }
  /// Whether the entry was read. Costs as much as find().
  bool contains(std::string_view key) const { return place(key) != size(); }
  /// 1 if contains(key), otherwise 0.
  std::size_t count(std::string_view key) const { return contains(key) ? 1 : 0; }
  /// REQUIRES: contains(key). Otherwise the program ends, as with Result::value().
  const Value& at(std::string_view key) const;
  /// @overload
  Value& at(std::string_view key) { return const_cast<Value&>(std::as_const(*this).at(key)); }

  /// Appends an entry unless its key exists, as std::map does. Copies the key.
  std::pair<iterator, bool> emplace(std::string_view key, Value value);

  /// Entries that exist but cannot be read, in the order of the call: `decode_failed`,
  /// `value_too_large`.
  const Errors& errors() const { return errors_; }

  /// Compares as Python's dicts do, regardless of order.
  DJCACHE_API friend bool operator==(const Found& a, const Found& b);

 private:
  struct Index;

  std::size_t place(std::string_view key) const;  // size() if absent
  void make_index(std::size_t room);

  std::vector<value_type> entries_;  // their keys point into keys_
  Texts keys_;
  std::unique_ptr<Index> index_;  // null if there are only a few entries
  Errors errors_;
};

}  // namespace djcache
