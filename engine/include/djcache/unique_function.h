/// @file
/// UniqueFunction: a move-only callable, the type of callbacks.
#pragma once

#include <djcache/export.h>

#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <new>
#include <type_traits>
#include <utility>

namespace djcache {

template <class Signature>
class UniqueFunction;

namespace detail {
// Whether a callable that can be empty, such as a function pointer or a std::function, is empty.
template <class F>
bool is_empty_callable(const F& f) {
  if constexpr (std::is_null_pointer_v<F>) {
    return true;
  } else if constexpr (std::is_pointer_v<F> || std::is_member_pointer_v<F>) {
    return f == nullptr;
  } else if constexpr (requires { &F::operator bool; }) {
    return !static_cast<bool>(f);
  } else {
    return false;
  }
}
}  // namespace detail

/// A callable that is moved, not copied, with inline storage for small lambdas.
///
/// Takes any callable: lambdas that capture move-only objects, function pointers, std::function. A
/// callable of up to 48 bytes whose move cannot throw needs no allocation; a larger one is on the
/// heap. Constructed from a null pointer or an empty std::function, it is empty. Calling an empty
/// one aborts the program: test it first.
template <class R, class... Args>
class UniqueFunction<R(Args...)> {
 public:
  static constexpr std::size_t inline_size = 48;  ///< callables up to this size need no heap

  /// Empty.
  UniqueFunction() noexcept = default;
  /// Empty.
  UniqueFunction(std::nullptr_t) noexcept { clear_beyond(0); }

  /// Holds a callable; empty if the callable is.
  template <class F>
  requires(!std::is_same_v<std::remove_cvref_t<F>, UniqueFunction> &&
           std::is_invocable_r_v<R, std::decay_t<F>&, Args...>) UniqueFunction(F&& f) {
    using Callable = std::decay_t<F>;
    if (detail::is_empty_callable<Callable>(f)) return;
    if constexpr (fits<Callable>()) {
      clear_beyond(std::is_empty_v<Callable> ? 0 : sizeof(Callable));
      ::new (static_cast<void*>(storage_)) Callable(std::forward<F>(f));
      table_ = &inline_table<Callable>;
    } else {
      auto* callable = new Callable(std::forward<F>(f));
      clear_beyond(sizeof callable);
      std::memcpy(storage_, &callable, sizeof callable);
      table_ = &heap_table<Callable>;
    }
  }

  /// Takes over the callable; the other becomes empty.
  UniqueFunction(UniqueFunction&& other) noexcept { take(other); }
  /// Destroys the callable and takes over the other one.
  UniqueFunction& operator=(UniqueFunction&& other) noexcept {
    if (this != &other) {
      reset();
      take(other);
    }
    return *this;
  }
  /// Destroys the callable.
  UniqueFunction& operator=(std::nullptr_t) noexcept {
    reset();
    return *this;
  }
  UniqueFunction(const UniqueFunction&) = delete;
  UniqueFunction& operator=(const UniqueFunction&) = delete;
  ~UniqueFunction() { reset(); }

  /// Whether it holds a callable.
  explicit operator bool() const noexcept { return table_ != nullptr; }

  /// Calls it. REQUIRES: not empty.
  R operator()(Args... args) { return call(std::forward<Args>(args)...); }
  /// As operator(), with one move fewer for each argument.
  R call(Args&&... args) {
    if (table_ == nullptr) std::abort();
    return table_->invoke(storage_, std::forward<Args>(args)...);
  }

 private:
  struct Table {
    R (*invoke)(void*, Args&&...);
    void (*relocate)(void* from, void* to) noexcept;  // null: the bytes may be copied
    void (*destroy)(void*) noexcept;                  // null: nothing to do
  };

  template <class F>
  static constexpr bool fits() {
    return sizeof(F) <= inline_size && alignof(F) <= alignof(std::max_align_t) &&
           std::is_nothrow_move_constructible_v<F>;
  }
  template <class F>
  static F* heap(void* storage) {
    F* callable;
    std::memcpy(&callable, storage, sizeof callable);
    return callable;
  }

  // A callable may return a value where void is required.
  template <class F>
  static R run(F& callable, Args&&... args) {
    if constexpr (std::is_void_v<R>) {
      (void)callable(std::forward<Args>(args)...);
    } else {
      return callable(std::forward<Args>(args)...);
    }
  }

  template <class F>
  static constexpr Table make_inline_table() {
    Table table{};
    table.invoke = [](void* storage, Args&&... args) -> R {
      return run(*std::launder(static_cast<F*>(storage)), std::forward<Args>(args)...);
    };
    if constexpr (!std::is_trivially_copyable_v<F>) {
      table.relocate = [](void* from, void* to) noexcept {
        F* source = std::launder(static_cast<F*>(from));
        ::new (to) F(std::move(*source));
        source->~F();
      };
    }
    if constexpr (!std::is_trivially_destructible_v<F>) {
      table.destroy = [](void* storage) noexcept { std::launder(static_cast<F*>(storage))->~F(); };
    }
    return table;
  }
  template <class F>
  static constexpr Table make_heap_table() {
    Table table{};
    table.invoke = [](void* storage, Args&&... args) -> R {
      return run(*heap<F>(storage), std::forward<Args>(args)...);
    };
    table.destroy = [](void* storage) noexcept { delete heap<F>(storage); };
    return table;
  }
  template <class F>
  static constexpr Table inline_table = make_inline_table<F>();
  template <class F>
  static constexpr Table heap_table = make_heap_table<F>();

  // Needed because take() copies the whole storage.
  void clear_beyond(std::size_t used) noexcept {
    std::memset(storage_ + used, 0, inline_size - used);
  }
  void take(UniqueFunction& other) noexcept {
    table_ = std::exchange(other.table_, nullptr);
    if (table_ == nullptr) return;
    if (table_->relocate != nullptr) {
      table_->relocate(other.storage_, storage_);
    } else {
      // Copies the whole storage: cheaper than tracking the size of the callable.
      std::memcpy(storage_, other.storage_, inline_size);
    }
  }
  void reset() noexcept {
    if (const Table* table = std::exchange(table_, nullptr); table != nullptr && table->destroy) {
      table->destroy(storage_);
    }
  }

  const Table* table_ = nullptr;
  alignas(std::max_align_t) unsigned char storage_[inline_size];
};

}  // namespace djcache
