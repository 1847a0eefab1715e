// The reader behind read_plain(): a loop over the instructions (pickle_plain.cc), and what it does
// with containers (pickle_plain_containers.cc).
#pragma once

#include <array>
#include <string_view>

#include "codec/limits.h"
#include "codec/pickle_pieces.h"

namespace djcache::codec::pickle {

// Each function returns false or null if the machine must read the pickle.
class PlainReader {
 public:
  PlainReader(PlainMemory& memory, std::string_view bytes, const Limits& limits)
      : memory_(memory),
        at_(bytes.data()),
        end_(at_ + bytes.size()),
        max_depth_(static_cast<std::int64_t>(limits.max_depth)),
        copies_left_(copies_max(bytes.size(), copies_of_texts, limits)),
        elements_max_(elements_max(limits)),
        elements_left_(elements_max_),
        memo_top_(memory.memo.begin()) {}

  bool run(Value& out);

  // Its containers grow as they are filled, so it may only use half of the limits. The machine
  // knows the number of items in advance.
  static std::size_t elements_max(const Limits& limits) { return limits.max_elements() / 2; }

 private:
  std::size_t left(const char* at) const { return static_cast<std::size_t>(end_ - at); }
  Piece* base() { return memory_.stack.begin(); }
  // Items below the last mark are out of reach.
  Piece* fence() { return base() + (mark_count_ == 0 ? 0 : marks_[mark_count_ - 1]); }

  const char* start(const char* at);
  // --- What follows an instruction. Each returns where it ended.
  const char* text(const char* at, std::size_t size_size, PieceTag tag, Piece* to);
  template <class T>
  const char* integer(const char* at, Piece* to);
  const char* real(const char* at, Piece* to);
  const char* short_long(const char* at, Piece* to);
  const char* frame(const char* at) const;
  template <class Index>
  const char* put(const char* at, Piece* top);
  template <class Index>
  const char* get(const char* at, Piece* to);

  std::size_t memoized() { return static_cast<std::size_t>(memo_top_ - memory_.memo.begin()); }
  Piece* next_memo();
  bool memoize(Piece* top);
  bool recall(std::size_t index, Piece* to);

  // --- Containers. Each returns the new top of the stack.
  Piece* open(Kind kind, Piece* top);
  Piece* push_container(Value&& container, std::int64_t levels, Piece* top);
  bool mark(Piece* top) {
    if (mark_count_ == marks_.size()) return false;
    marks_[mark_count_++] = static_cast<std::uint32_t>(top - base());
    return true;
  }
  bool pop_mark(Piece*& first) {
    if (mark_count_ == 0) return false;
    first = base() + marks_[--mark_count_];
    return true;
  }
  bool has(std::size_t count, Piece* top) {
    return static_cast<std::size_t>(top - fence()) >= count;
  }
  // Adds the items from `first` to `top` to the container in front of them. REQUIRES: there is
  // something in front of them.
  Piece* add(Kind kind, Piece* first, Piece* top);
  Piece* add_top(Kind kind, std::size_t count, Piece* top) {
    return has(count + 1, top) ? add(kind, top - count, top) : nullptr;
  }
  Piece* add_marked(Kind kind, Piece* top) {
    Piece* first = nullptr;
    return pop_mark(first) && first > fence() ? add(kind, first, top) : nullptr;
  }
  Piece* collect(Piece* first, Piece* top);
  Piece* collect_top(std::size_t count, Piece* top) {
    return has(count, top) ? collect(top - count, top) : nullptr;
  }
  Piece* collect_marked(Piece* top) {
    Piece* first = nullptr;
    return pop_mark(first) ? collect(first, top) : nullptr;
  }

  void place(const Piece& piece, Value* to);
  Value&& take(const Piece& piece);
  void fill(Value::List& list, const Piece* first, const Piece* top);
  bool fill(Value::Items& items, const Piece* first, const Piece* top);
  bool pay(const Piece* first, const Piece* top) {
    return elements_left_.take(static_cast<std::size_t>(top - first));
  }
  bool stop(const char* at, Piece* top, Value& out);

  PlainMemory& memory_;
  const char* const at_;
  const char* const end_;
  const std::int64_t max_depth_;
  std::size_t copies_left_;
  const std::size_t elements_max_;
  ElementsLeft elements_left_;
  std::int64_t levels_ = 0;  // of the container that takes its items
  Piece* memo_top_;
  std::size_t mark_count_ = 0;
  std::array<std::uint32_t, 128> marks_;  // of the stack: deeper nesting is rare
};

}  // namespace djcache::codec::pickle
