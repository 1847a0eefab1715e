/// @file
/// The arguments of Cache's verbs besides keys and values: options, callbacks, producers, key
/// lists.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <djcache/foreign.h>
#include <djcache/result.h>
#include <djcache/ttl.h>
#include <djcache/unique_function.h>
#include <djcache/value.h>

namespace djcache {

/// Identifies a pending operation, for Engine::cancel() and Cache::cancel().
///
/// A plain value that keeps nothing alive. Cancelling with the ticket of an operation that has
/// ended returns false.
struct Ticket {
  std::uint32_t index = 0;       ///< internal
  std::uint32_t generation = 0;  ///< 0: there is no operation, because the engine is destroyed
  friend bool operator==(Ticket, Ticket) = default;
};

/// The callback of an operation: a callable that takes a Result<T>. Move-only callables are
/// accepted, and so are `nullptr` and `{}` if the result does not matter.
template <class T>
using Callback = UniqueFunction<void(Result<T>)>;

/// Options of verbs that read or delete: Cache::get(), Cache::delete_(), Cache::clear() and others.
struct ReadOptions {
  /// Replaces the alias' VERSION, Django's `version=`.
  std::optional<std::int64_t> version{};
  /// Replaces the alias' Options::command_limit: the longest the operation may take. At least a
  /// millisecond, at most an hour; out-of-range values saturate.
  std::optional<std::chrono::milliseconds> limit{};
  /// Only for Cache::get(), Cache::get_many() and Cache::peek(): replaces the alias'
  /// Options::foreign, which determines how objects of unknown classes are read.
  std::optional<Foreign> foreign{};
};

/// Options of verbs that store an entry or change its expiry.
struct WriteOptions {
  /// Django's `timeout=`; if omitted, the alias' TIMEOUT applies. It needs a unit: `.ttl = 60s`.
  Ttl ttl{};
  std::optional<std::int64_t> version{};             ///< as ReadOptions::version
  std::optional<std::chrono::milliseconds> limit{};  ///< as ReadOptions::limit
};

/// Options of Cache::incr(), Cache::decr(), Cache::incr_version() and Cache::decr_version().
struct DeltaOptions {
  std::int64_t delta = 1;                            ///< Django's `delta=`; may be negative
  std::optional<std::int64_t> version{};             ///< as ReadOptions::version
  std::optional<std::chrono::milliseconds> limit{};  ///< as ReadOptions::limit
};

/// Options of Cache::get_or_set().
struct GetOrSetOptions {
  Ttl ttl{};                                         ///< of the entry that is stored on a miss
  std::optional<std::int64_t> version{};             ///< as ReadOptions::version
  std::optional<std::chrono::milliseconds> limit{};  ///< of each redis command, not of the total
  std::chrono::milliseconds producer_limit{30'000};  ///< how long an asynchronous producer may take

  /// Above 0: an entry may be produced again before it expires. The probability rises as the expiry
  /// approaches and with the duration of the last production in this engine (XFetch; 1 is a good
  /// value, a larger one refreshes earlier). The caller gets the current value at once; the
  /// producer runs in the background. 0: never.
  double early_refresh_beta = 0;
  /// Above 0: when the producer resolves to Errc::no_value, this engine remembers it for this long
  /// and reports `no_value` on further misses without calling a producer. Nothing is stored on the
  /// server. Calls without this option neither set nor use the remembered result.
  std::chrono::milliseconds negative_ttl{0};
};

/// Options of Cache::keys(), Cache::iter_keys() and Cache::delete_pattern().
struct PatternOptions {
  std::optional<std::int64_t> version{};             ///< as ReadOptions::version
  std::optional<std::chrono::milliseconds> limit{};  ///< of each page, not of the whole scan

  /// The approximate number of entries that the server examines per page, during which other
  /// clients wait. django-redis' `itersize`. 0 counts as 1.
  std::size_t page_size = 500;
  std::size_t keys_max =
      1'000'000;  ///< for Cache::keys() only: more matches than this are `overloaded`
};

/// A borrowed list of keys: a vector, array, span or braced list of strings.
///
/// It is read before the call returns, so temporaries are fine as arguments. Do not store one.
class KeyList {
 public:
  /// From `{"a", "b"}`.
  KeyList(std::initializer_list<std::string_view> keys)
      : data_(keys.begin()), size_(keys.size()), at_(&view_at) {}
  /// From an array or span.
  KeyList(std::span<const std::string_view> keys)
      : data_(keys.data()), size_(keys.size()), at_(&view_at) {}
  /// @overload
  KeyList(std::span<const std::string> keys)
      : data_(keys.data()), size_(keys.size()), at_(&string_at) {}
  /// From a vector.
  KeyList(const std::vector<std::string>& keys) : KeyList(std::span<const std::string>(keys)) {}
  /// @overload
  KeyList(const std::vector<std::string_view>& keys)
      : KeyList(std::span<const std::string_view>(keys)) {}

  /// The number of keys.
  std::size_t size() const { return size_; }
  /// Whether there are no keys.
  bool empty() const { return size_ == 0; }
  /// A key. REQUIRES: i < size().
  std::string_view operator[](std::size_t i) const { return at_(data_, i); }

 private:
  static std::string_view view_at(const void* data, std::size_t i) {
    return static_cast<const std::string_view*>(data)[i];
  }
  static std::string_view string_at(const void* data, std::size_t i) {
    return static_cast<const std::string*>(data)[i];
  }

  const void* data_;
  std::size_t size_;
  std::string_view (*at_)(const void*, std::size_t);
};

/// The entries for Cache::set_many(). If a key occurs twice, the last value is stored.
using Entries = std::vector<std::pair<std::string, Value>>;

/// Called once by an asynchronous producer of Cache::get_or_set(), with a Value or an error. If it
/// is destroyed uncalled, the operation fails with `cancelled`.
using Resolve = Callback<Value>;
/// Computes the default of Cache::get_or_set() at once, on a miss.
using Producer = UniqueFunction<Value()>;
/// Computes the default of Cache::get_or_set(), on a miss: calls the Resolve at once or later, on
/// the loop thread.
using AsyncProducer = UniqueFunction<void(Resolve)>;

}  // namespace djcache
