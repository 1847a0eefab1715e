// Result<T>: a value or an Error. The one channel through which djcache reports.
#pragma once

#include <cstdlib>
#include <memory>
#include <optional>
#include <type_traits>
#include <utility>

#include <djcache/error.h>

namespace djcache {

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

  // REQUIRES: ok(). Asking a failed result for its value ends the program.
  T& value() & { return check(ok_), value_; }
  const T& value() const& { return check(ok_), value_; }
  T&& value() && { return check(ok_), std::move(value_); }
  T& operator*() & { return value(); }
  const T& operator*() const& { return value(); }
  T&& operator*() && { return std::move(*this).value(); }
  T* operator->() { return &value(); }
  const T* operator->() const { return &value(); }

  T value_or(T fallback) && { return ok_ ? std::move(value_) : std::move(fallback); }

  // REQUIRES: !ok().
  const Error& error() const& { return check(!ok_), error_; }
  Error&& error() && { return check(!ok_), std::move(error_); }

 private:
  static void check(bool allowed) {
    if (!allowed) std::abort();
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
    if (!ok()) std::abort();
  }

  // REQUIRES: !ok().
  const Error& error() const& {
    if (ok()) std::abort();
    return *error_;
  }
  Error&& error() && {
    if (ok()) std::abort();
    return std::move(*error_);
  }

 private:
  std::optional<Error> error_;
};

}  // namespace djcache
