// Assembly: the reply being received: its elements so far, and how many are missing. A reply over
// one of the caps is discarded from then on, but its elements are still counted.
//
// Pure. Its memory is bounded by the caps, whatever sizes a peer announces.
#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "resp/reply.h"

namespace djcache::resp {

// A reply over one of these caps is skipped: its operation fails, and the replies behind it are
// read.
struct Caps {
  std::size_t bulk_bytes = 32u << 20;    // of one string: value_max_bytes
  std::size_t elements = 1'000'000;      // of one reply, in all its arrays: reply_max_elements
  std::size_t reply_bytes = 512u << 20;  // of all texts in one array
  std::size_t depth = 128;               // of nested arrays

  friend auto operator<=>(const Caps&, const Caps&) = default;
};

class Assembly {
 public:
  // Redis sends no larger string and no reply nested as deeply (Lua goes up to 200), and that many
  // elements would not fit into that many bytes. A reply that announces more is refused, not
  // skipped.
  static constexpr std::size_t max_string = 512u << 20;
  static constexpr std::size_t max_elements = 1u << 27;
  static constexpr std::size_t max_depth = 1024;

  explicit Assembly(const Caps& caps) : caps_(caps) {}

  // Prepares for the next reply.
  void clear();
  // Whether more memory is held than replies of a few elements need.
  bool roomy() const { return roomy_; }
  static constexpr std::size_t kept_bytes = 16 * 1024;
  // Frees the surplus. REQUIRES: cleared.
  void fall_back() noexcept;

  // A string of `size` bytes begins. Returns why no reply can have that size, or "".
  std::string begin_string(std::size_t size);
  // Adds a complete element that is not an array. Its text is copied from `base + node.offset`.
  void add(Node node, const char* base);
  // The same for a text that stays where it is until keep(), within the input that begins at
  // input(): it is not copied if the whole reply is there by then.
  void add_in_place(Node node, const char* base) {
    if (skipped() || node.size > caps_.reply_bytes - texts_) [[unlikely]] {
      return add(node, base);
    }
    texts_ += node.size;
    node.offset += static_cast<std::size_t>(base - input_);
    nodes_.push_back(node);
    if (!open_.empty() && --open_.back() == 0) close_arrays();
  }
  void input(const char* begin) { input_ = begin; }
  // The input is about to change: copies the texts that are in it.
  void keep();
  // Begins an array of this many elements; returns as begin_string().
  std::string begin_array(std::size_t elements);

  // Whether all announced elements have arrived.
  bool whole() const { return open_.empty(); }
  // Whether no array has begun: the next element is the whole reply.
  bool lone() const { return announced_ == 0 && nodes_.empty(); }
  bool skipped() const { return !excess_.empty(); }
  // REQUIRES: whole(). A skipped reply has the type `oversized`. Valid until the next call, and as
  // long as the input.
  Reply reply();

 private:
  void skip(std::size_t amount, std::string excess);
  void keep(Node& node, const char* base);
  void count(std::size_t opened);
  void close_arrays();

  Caps caps_;
  std::vector<Node> nodes_;
  std::size_t kept_ = 0;  // of nodes_: these have their texts in arena_, the others in input_
  const char* input_ = nullptr;  // what is being read
  std::vector<char> arena_;
  std::size_t texts_ = 0;  // bytes of all texts
  // For each incomplete array, outermost first: the number of elements that have not begun.
  std::vector<std::size_t> open_;
  std::size_t announced_ = 0;  // of elements, in all arrays
  std::string excess_;         // the cap that was exceeded, and by how much; empty: none
  Node skipped_{};
  bool roomy_ = false;
};

}  // namespace djcache::resp
