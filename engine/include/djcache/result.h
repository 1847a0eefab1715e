// Result<T>: a value or an Error. The one channel through which djcache reports.
#pragma once

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

  T value_or(T fallback) && { return ok_ ? std::move(value_) : std::move(fallback); }

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
