// Assembly: one reply under construction: the elements that have arrived, and how many are to come.
// A reply over one of the caps is thrown away from then on, while its elements are still counted.
//
// Pure. What it remembers is bounded by the caps, whatever a peer announces.
#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "resp/reply.h"

namespace djcache::resp {

// A reply over one of these is skipped: its caller gets an error, the replies behind it are read.
struct Caps {
  std::size_t bulk_bytes = 32u << 20;    // one string: value_max_bytes
  std::size_t elements = 1'000'000;      // of one reply, over all its arrays: reply_max_elements
  std::size_t reply_bytes = 512u << 20;  // all texts of one array together
  std::size_t depth = 128;               // arrays in arrays

  friend auto operator<=>(const Caps&, const Caps&) = default;
};

class Assembly {
 public:
  // Redis sends no larger string, no reply nested as deep (Lua may go to 200), and so many elements
  // would not fit into as many bytes. What announces more is no reply to be waited for.
  static constexpr std::size_t max_string = 512u << 20;
  static constexpr std::size_t max_elements = 1u << 27;
  static constexpr std::size_t max_depth = 1024;

  explicit Assembly(const Caps& caps) : caps_(caps) {}

  // For the next reply.
  void clear();
  // More memory is held for the replies to come than those of a few elements need.
  bool roomy() const { return roomy_; }
  static constexpr std::size_t kept_bytes = 16 * 1024;
  // Gives it back. REQUIRES: cleared.
  void fall_back() noexcept;

  // A string of `size` bytes begins. Says why no reply has that, or nothing.
  std::string begin_string(std::size_t size);
  // One whole element that is no array. Its text is copied from `base + node.offset`.
  void add(Node node, const char* base);
  // The same for an array of so many elements.
  std::string begin_array(std::size_t elements);

  // All elements that were announced have arrived.
  bool whole() const { return open_.empty(); }
  // No array has begun: what comes is the whole reply.
  bool lone() const { return announced_ == 0 && nodes_.empty(); }
  bool skipped() const { return !excess_.empty(); }
  // REQUIRES: whole(). A skipped one is of type `oversized`.
  Reply reply();

 private:
  void skip(std::size_t amount, std::string excess);
  void count(std::size_t opened);

  Caps caps_;
  std::vector<Node> nodes_;
  std::vector<char> arena_;
  // Of each array that is not complete, the outermost first, how many elements have not begun.
  std::vector<std::size_t> open_;
  std::size_t announced_ = 0;  // elements, over all arrays
  std::string excess_;         // what was over which cap; empty: nothing
  Node skipped_{};
  bool roomy_ = false;
};

}  // namespace djcache::resp
