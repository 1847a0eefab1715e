/// @file
/// Result: a value or an Error. The one channel through which djcache reports.
#pragma once

#include <djcache/export.h>

#include <concepts>
#include <functional>
#include <memory>
#include <optional>
#include <type_traits>
#include <utility>

#include <djcache/error.h>

namespace djcache {

namespace detail {
// These print a sentence with the error's code and detail to stderr and abort.
[[noreturn]] DJCACHE_API void has_no_value(const Error& error) noexcept;
[[noreturn]] DJCACHE_API void has_no_error() noexcept;
}  // namespace detail

template <class T>
class Result;

namespace detail {

template <class R, class F>
auto transformed(R&& result, F&& f) {
  using Made =
      std::remove_cvref_t<decltype(std::invoke(std::forward<F>(f), *std::forward<R>(result)))>;
  if (!result.ok()) return Result<Made>(std::forward<R>(result).error());
  if constexpr (std::is_void_v<Made>) {
    std::invoke(std::forward<F>(f), *std::forward<R>(result));
    return Result<Made>();
  } else {
    return Result<Made>(std::invoke(std::forward<F>(f), *std::forward<R>(result)));
  }
}

}  // namespace detail

/// A T, or an Error instead. A `Result<void>` is a success or an error.
///
/// @code
/// if (!found.ok()) return complain(found.error());   // or: if (!found) ...
/// use(*found);
/// @endcode
///
/// Nothing is thrown: reading the value of a failed result ends the program, with the error's code
/// and detail on stderr. value_or(), transform(), and_then() and or_else() are those of
/// std::expected.
template <class T>
class [[nodiscard]] Result {
 public:
  using value_type = T;  ///< the T

  /// A success.
  Result(const T& value) : ok_(true) { std::construct_at(&value_, value); }
  /// @overload
  Result(T&& value) : ok_(true) { std::construct_at(&value_, std::move(value)); }
  /// A success whose value is constructed from `args`.
  template <class... Args>
  explicit Result(std::in_place_t, Args&&... args) : ok_(true) {
    std::construct_at(&value_, std::forward<Args>(args)...);
  }
  /// A failure.
  Result(Error error) : ok_(false) { std::construct_at(&error_, std::move(error)); }
  /// @overload
  Result(Errc code, std::string detail) : Result(Error{code, std::move(detail)}) {}

  /// A copy.
  Result(const Result& other) : ok_(other.ok_) {
    ok_ ? (void)std::construct_at(&value_, other.value_)
        : (void)std::construct_at(&error_, other.error_);
  }
  /// Takes over the other's value or error.
  Result(Result&& other) noexcept(std::is_nothrow_move_constructible_v<T>) : ok_(other.ok_) {
    ok_ ? (void)std::construct_at(&value_, std::move(other.value_))
        : (void)std::construct_at(&error_, std::move(other.error_));
  }
  /// Copies or takes over.
  Result& operator=(Result other) noexcept(std::is_nothrow_move_constructible_v<T>) {
    std::destroy_at(this);
    return *std::construct_at(this, std::move(other));
  }
  ~Result() { ok_ ? std::destroy_at(&value_) : std::destroy_at(&error_); }

  /// Whether there is a value.
  bool ok() const noexcept { return ok_; }
  /// As ok().
  explicit operator bool() const noexcept { return ok_; }

  /// The value. REQUIRES: ok(). A failed result ends the program, with its error on stderr.
  T& value() & { return require_value(), value_; }
  /// @overload
  const T& value() const& { return require_value(), value_; }
  /// @overload
  T&& value() && { return require_value(), std::move(value_); }
  /// As value().
  T& operator*() & { return value(); }
  /// @overload
  const T& operator*() const& { return value(); }
  /// @overload
  T&& operator*() && { return std::move(*this).value(); }
  /// As value(): `found->size()`.
  T* operator->() { return &value(); }
  /// @overload
  const T* operator->() const { return &value(); }

  /// The value, or `fallback` after an error.
  T value_or(T fallback) const& { return ok_ ? value_ : std::move(fallback); }
  /// @overload
  T value_or(T fallback) && { return ok_ ? std::move(value_) : std::move(fallback); }

  /// `f(value)` in a Result, or the error.
  template <class F>
  auto transform(F f) const& {
    return detail::transformed(*this, std::move(f));
  }
  /// @overload
  template <class F>
  auto transform(F f) && {
    return detail::transformed(std::move(*this), std::move(f));
  }
  /// `f(value)`, which is a Result itself, or the error.
  template <class F>
  auto and_then(F f) const& {
    using Next = std::remove_cvref_t<std::invoke_result_t<F, const T&>>;
    return ok_ ? std::invoke(std::move(f), value_) : Next(error_);
  }
  /// @overload
  template <class F>
  auto and_then(F f) && {
    using Next = std::remove_cvref_t<std::invoke_result_t<F, T>>;
    return ok_ ? std::invoke(std::move(f), std::move(value_)) : Next(std::move(error_));
  }
  /// The value, or `f(error)`, which is a Result itself.
  template <class F>
  Result or_else(F f) && {
    return ok_ ? std::move(*this) : Result(std::invoke(std::move(f), std::move(error_)));
  }

  /// Equal values, or equal errors.
  friend bool operator==(const Result& a, const Result& b) requires std::equality_comparable<T> {
    if (a.ok_ != b.ok_) return false;
    return a.ok_ ? a.value_ == b.value_ : a.error_ == b.error_;
  }

  /// The error. REQUIRES: !ok(). Otherwise the program ends.
  const Error& error() const& { return require_error(), error_; }
  /// @overload
  Error&& error() && { return require_error(), std::move(error_); }

 private:
  void require_value() const {
    if (!ok_) [[unlikely]] {
      detail::has_no_value(error_);
    }
  }
  void require_error() const {
    if (ok_) [[unlikely]] {
      detail::has_no_error();
    }
  }

  bool ok_;
  union {
    T value_;
    Error error_;
  };
};

/// A success without a value, or an Error.
template <>
class [[nodiscard]] Result<void> {
 public:
  using value_type = void;  ///< nothing

  /// A success.
  Result() = default;
  /// A failure.
  Result(Error error) : error_(std::move(error)) {}
  /// @overload
  Result(Errc code, std::string detail) : error_(Error{code, std::move(detail)}) {}

  /// Whether it is a success.
  bool ok() const noexcept { return !error_.has_value(); }
  /// As ok().
  explicit operator bool() const noexcept { return ok(); }
  /// Does nothing. REQUIRES: ok(). A failed result ends the program, with its error on stderr.
  void value() const {
    if (!ok()) detail::has_no_value(*error_);
  }

  friend bool operator==(const Result&, const Result&) = default;

  /// The error. REQUIRES: !ok(). Otherwise the program ends.
  const Error& error() const& {
    if (ok()) detail::has_no_error();
    return *error_;
  }
  /// @overload
  Error&& error() && {
    if (ok()) detail::has_no_error();
    return std::move(*error_);
  }

 private:
  std::optional<Error> error_;
};

}  // namespace djcache
