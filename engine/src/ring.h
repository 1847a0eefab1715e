// Ring: a queue in one block of memory that doubles when it is full, and shrinks on request.
//
// Pure. Like std::deque, but without its allocation per few hundred elements in the steady state.
#pragma once

#include <cstddef>
#include <memory>
#include <new>
#include <type_traits>
#include <utility>

namespace djcache {

template <class T>
class Ring {
 public:
  bool empty() const { return size_ == 0; }
  std::size_t size() const { return size_; }
  T& operator[](std::size_t i) { return items_[(head_ + i) & mask_]; }
  const T& operator[](std::size_t i) const { return items_[(head_ + i) & mask_]; }
  T& front() { return (*this)[0]; }
  const T& front() const { return (*this)[0]; }
  T& back() { return (*this)[size_ - 1]; }
  const T& back() const { return (*this)[size_ - 1]; }

  std::size_t capacity() const { return capacity_; }
  // Frees what is not needed for `size` items and those it has; keeps everything if there is no
  // memory for a smaller block.
  void fit(std::size_t size) noexcept {
    if (size < size_) size = size_;
    std::size_t capacity = size == 0 ? 0 : smallest;
    while (capacity < size) capacity *= 2;
    if (capacity >= capacity_) return;
    try {
      move_to(capacity);
    } catch (const std::bad_alloc&) {
      return;
    }
  }
  // Ensures that up to `size` items need no allocation.
  void reserve(std::size_t size) {
    while (capacity_ < size) grow();
  }
  // Ensures that the next push_back() does not allocate.
  void reserve_one() {
    if (size_ == capacity_) grow();
  }
  void push_back(T item) {
    reserve_one();
    items_[(head_ + size_) & mask_] = std::move(item);
    ++size_;
  }
  void pop_front() {
    if constexpr (!std::is_trivially_destructible_v<T>) items_[head_ & mask_] = T{};
    head_ = (head_ + 1) & mask_;
    --size_;
  }
  T take_front() {
    T item = std::move(front());
    pop_front();
    return item;
  }
  void clear() {
    while (!empty()) pop_front();
  }
  void swap(Ring& other) noexcept {
    std::swap(items_, other.items_);
    std::swap(capacity_, other.capacity_);
    std::swap(mask_, other.mask_);
    std::swap(head_, other.head_);
    std::swap(size_, other.size_);
  }

 private:
  static constexpr std::size_t smallest = 16;

  void grow() { move_to(capacity_ == 0 ? smallest : capacity_ * 2); }
  void move_to(std::size_t capacity) {
    auto items = capacity == 0 ? nullptr : std::make_unique<T[]>(capacity);
    for (std::size_t i = 0; i < size_; ++i) items[i] = std::move((*this)[i]);
    items_ = std::move(items);
    capacity_ = capacity;
    mask_ = capacity == 0 ? 0 : capacity - 1;
    head_ = 0;
  }

  std::unique_ptr<T[]> items_;
  std::size_t capacity_ = 0;
  std::size_t mask_ = 0;  // capacity_ - 1
  std::size_t head_ = 0;
  std::size_t size_ = 0;
};

}  // namespace djcache
