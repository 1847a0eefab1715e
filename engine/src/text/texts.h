// Texts: copies of texts in a few large blocks, where they stay until the blocks are destroyed.
//
// Pure.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <memory>
#include <string_view>
#include <utility>
#include <vector>

namespace djcache::text {

class Texts {
 public:
  using Blocks = std::vector<std::unique_ptr<char[]>>;

  // `bytes`: how much room to make first.
  explicit Texts(std::size_t bytes) : next_size_(bytes) {}

  // A copy of two texts as one.
  std::string_view add(std::string_view head, std::string_view body = {}) {
    const std::size_t size = head.size() + body.size();
    if (size > left_) make_room(size);
    char* const begin = at_;
    // An empty view may be null, which memcpy must not see.
    if (!head.empty()) std::memcpy(begin, head.data(), head.size());
    if (!body.empty()) std::memcpy(begin + head.size(), body.data(), body.size());
    at_ += size;
    left_ -= size;
    return {begin, size};
  }
  // Gives the blocks away, with all texts in them.
  Blocks take() && { return std::move(blocks_); }

 private:
  static constexpr std::size_t block_max = std::size_t{1} << 20;

  void make_room(std::size_t size) {
    const std::size_t room = std::max(size, next_size_);
    blocks_.push_back(std::make_unique_for_overwrite<char[]>(room));
    at_ = blocks_.back().get();
    left_ = room;
    next_size_ = std::min(2 * room, block_max);
  }

  Blocks blocks_;
  char* at_ = nullptr;
  std::size_t left_ = 0;
  std::size_t next_size_;
};

}  // namespace djcache::text
