#include "resp/assembly.h"

#include <algorithm>
#include <numeric>

namespace djcache::resp {

void Assembly::clear() {
  // One giant reply must not pin its memory for ever.
  if (arena_.capacity() > (1u << 20)) [[unlikely]] {
    std::vector<char>().swap(arena_);
  }
  if (nodes_.capacity() > (1u << 16)) [[unlikely]] {
    std::vector<Node>().swap(nodes_);
  }
  arena_.clear();
  nodes_.clear();
  open_.clear();
  announced_ = 0;
  excess_.clear();
}

bool Assembly::begin_string(std::size_t size) {
  if (size > std::max(max_string, caps_.bulk_bytes)) return false;
  if (!skipped() && size > caps_.bulk_bytes) {
    skip(size, (lone() ? "the value has " : "a value in the reply has ") + std::to_string(size) +
                   " bytes, more than value_max_bytes (" + std::to_string(caps_.bulk_bytes) +
                   ") allows");
  }
  return true;
}

void Assembly::add(Node node, const char* base) {
  if (!skipped()) {
    if (arena_.size() + node.size > caps_.reply_bytes && !lone()) [[unlikely]] {
      skip(arena_.size() + node.size,
           "the texts of the reply have more than " + std::to_string(caps_.reply_bytes) +
               " bytes together, which is the most that one reply may have");
    } else {
      const char* const text = base + node.offset;
      node.offset = arena_.size();
      arena_.insert(arena_.end(), text, text + node.size);
      nodes_.push_back(node);
    }
  }
  count(0);
}

bool Assembly::begin_array(std::size_t elements) {
  if (elements > std::max(max_elements, caps_.elements) - announced_) return false;
  announced_ += elements;
  if (!skipped() && announced_ > caps_.elements) {
    skip(announced_, "the reply has " + std::to_string(announced_) +
                         " elements, more than reply_max_elements (" +
                         std::to_string(caps_.elements) + ") allows");
  } else if (!skipped() && open_.size() >= caps_.depth) {
    skip(open_.size() + 1, "the arrays of the reply are nested more than " +
                               std::to_string(caps_.depth) +
                               " deep, which is the most that is read");
  }
  if (!skipped()) nodes_.push_back({Type::array, static_cast<std::int64_t>(elements), 0, 0});
  count(elements);
  return true;
}

void Assembly::skip(std::size_t amount, std::string excess) {
  excess_ = std::move(excess);
  skipped_ = {Type::oversized, static_cast<std::int64_t>(amount), 0, excess_.size()};
  nodes_.clear();
  arena_.clear();
  if (!open_.empty()) {
    open_.front() = std::accumulate(open_.begin(), open_.end(), std::size_t{0});
    open_.resize(1);
  }
}

// An element has begun, which holds `opened` others.
void Assembly::count(std::size_t opened) {
  if (!open_.empty()) --open_.back();
  if (opened > 0) {
    if (skipped() && !open_.empty()) {
      open_.back() += opened;
    } else {
      open_.push_back(opened);
    }
  }
  while (!open_.empty() && open_.back() == 0) open_.pop_back();
}

Reply Assembly::reply() {
  return skipped() ? Reply(&skipped_, excess_.data()) : Reply(nodes_.data(), arena_.data());
}

}  // namespace djcache::resp
