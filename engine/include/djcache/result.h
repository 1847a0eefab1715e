// Result<T>: a value or an Error. The one channel through which djcache reports.
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
// Say on stderr what was asked of a result that does not have it, and end the program.
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

template <class T>
class [[nodiscard]] Result {
 public:
  using value_type = T;

  Result(const T& value) : ok_(true) { std::construct_at(&value_, value); }
  Result(T&& value) : ok_(true) { std::construct_at(&value_, std::move(value)); }
  template <class... Args>
  explicit Result(std::in_place_t, Args&&... args) : ok_(true) {
    std::construct_at(&value_, std::forward<Args>(args)...);
  }
  Result(Error error) : ok_(false) { std::construct_at(&error_, std::move(error)); }
  Result(Errc code, std::string detail) : Result(Error{code, std::move(detail)}) {}

  Result(const Result& other) : ok_(other.ok_) {
    ok_ ? (void)std::construct_at(&value_, other.value_)
        : (void)std::construct_at(&error_, other.error_);
  }
  Result(Result&& other) noexcept(std::is_nothrow_move_constructible_v<T>) : ok_(other.ok_) {
    ok_ ? (void)std::construct_at(&value_, std::move(other.value_))
        : (void)std::construct_at(&error_, std::move(other.error_));
  }
  Result& operator=(Result other) noexcept(std::is_nothrow_move_constructible_v<T>) {
    std::destroy_at(this);
    return *std::construct_at(this, std::move(other));
  }
  ~Result() { ok_ ? std::destroy_at(&value_) : std::destroy_at(&error_); }

  bool ok() const noexcept { return ok_; }
  explicit operator bool() const noexcept { return ok_; }

  // REQUIRES: ok(). Asking a failed result for its value ends the program, with the error on stderr.
  T& value() & { return require_value(), value_; }
  const T& value() const& { return require_value(), value_; }
  T&& value() && { return require_value(), std::move(value_); }
  T& operator*() & { return value(); }
  const T& operator*() const& { return value(); }
  T&& operator*() && { return std::move(*this).value(); }
  T* operator->() { return &value(); }
  const T* operator->() const { return &value(); }

  T value_or(T fallback) const& { return ok_ ? value_ : std::move(fallback); }
  T value_or(T fallback) && { return ok_ ? std::move(value_) : std::move(fallback); }

  // As of std::expected: f(value) as the result, or the error; f(value), itself a Result, or the error; the
  // value, or f(error), itself a Result.
  template <class F>
  auto transform(F f) const& {
    return detail::transformed(*this, std::move(f));
  }
  template <class F>
  auto transform(F f) && {
    return detail::transformed(std::move(*this), std::move(f));
  }
  template <class F>
  auto and_then(F f) const& {
    using Next = std::remove_cvref_t<std::invoke_result_t<F, const T&>>;
    return ok_ ? std::invoke(std::move(f), value_) : Next(error_);
  }
  template <class F>
  auto and_then(F f) && {
    using Next = std::remove_cvref_t<std::invoke_result_t<F, T>>;
    return ok_ ? std::invoke(std::move(f), std::move(value_)) : Next(std::move(error_));
  }
  template <class F>
  Result or_else(F f) && {
    return ok_ ? std::move(*this) : Result(std::invoke(std::move(f), std::move(error_)));
  }

  // Both values, or both errors, and these equal.
  friend bool operator==(const Result& a, const Result& b) requires std::equality_comparable<T> {
    if (a.ok_ != b.ok_) return false;
    return a.ok_ ? a.value_ == b.value_ : a.error_ == b.error_;
  }

  // REQUIRES: !ok().
  const Error& error() const& { return require_error(), error_; }
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

template <>
class [[nodiscard]] Result<void> {
 public:
  using value_type = void;

  Result() = default;
  Result(Error error) : error_(std::move(error)) {}
  Result(Errc code, std::string detail) : error_(Error{code, std::move(detail)}) {}

  bool ok() const noexcept { return !error_.has_value(); }
  explicit operator bool() const noexcept { return ok(); }
  void value() const {
    if (!ok()) detail::has_no_value(*error_);
  }

  friend bool operator==(const Result&, const Result&) = default;

  // REQUIRES: !ok().
  const Error& error() const& {
    if (ok()) detail::has_no_error();
    return *error_;
  }
  Error&& error() && {
    if (ok()) detail::has_no_error();
    return std::move(*error_);
  }

 private:
  std::optional<Error> error_;
};

}  // namespace djcache
