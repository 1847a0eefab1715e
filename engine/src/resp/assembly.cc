#include "resp/assembly.h"

#include <algorithm>
#include <utility>

namespace djcache::resp {

namespace {

std::string over(std::string what, std::size_t limit) {
  return std::move(what) + ", over the limit of " + std::to_string(limit);
}

}  // namespace

void Assembly::clear() {
  // The memory of one giant reply is not kept.
  if (arena_.capacity() > (1u << 20)) [[unlikely]] {
    std::vector<char>().swap(arena_);
  }
  if (nodes_.capacity() > (1u << 16)) [[unlikely]] {
    std::vector<Node>().swap(nodes_);
  }
  roomy_ = arena_.capacity() + nodes_.capacity() * sizeof(Node) > kept_bytes;
  arena_.clear();
  nodes_.clear();
  kept_ = texts_ = 0;
  open_.clear();
  announced_ = 0;
  excess_.clear();
}

void Assembly::fall_back() noexcept {
  std::vector<char>().swap(arena_);
  std::vector<Node>().swap(nodes_);
  roomy_ = false;
}

std::string Assembly::begin_string(std::size_t size) {
  const std::size_t most = std::max(max_string, caps_.bulk_bytes);
  if (size > most) return over("a string of " + std::to_string(size) + " bytes", most);
  if (!skipped() && size > caps_.bulk_bytes) {
    skip(size, (lone() ? "the value has " : "a value in the reply has ") + std::to_string(size) +
                   " bytes, more than value_max_bytes (" + std::to_string(caps_.bulk_bytes) +
                   ") allows");
  }
  return {};
}

void Assembly::add(Node node, const char* base) {
  if (!skipped()) {
    if (texts_ + node.size > caps_.reply_bytes && !lone()) [[unlikely]] {
      skip(texts_ + node.size, "the texts of the reply have more than " +
                                   std::to_string(caps_.reply_bytes) +
                                   " bytes together, which is the most that one reply may have");
    } else {
      keep();
      texts_ += node.size;
      nodes_.push_back(node);
      keep(nodes_.back(), base);
      kept_ = nodes_.size();
    }
  }
  count(0);
}

void Assembly::keep() {
  for (; kept_ < nodes_.size(); ++kept_) keep(nodes_[kept_], input_);
}

void Assembly::keep(Node& node, const char* base) {
  const char* const text = base + node.offset;
  node.offset = arena_.size();
  if (node.size > 0) arena_.insert(arena_.end(), text, text + node.size);
}

std::string Assembly::begin_array(std::size_t elements) {
  const std::size_t most = std::max(max_elements, caps_.elements);
  if (elements > most - announced_) {
    return over("an array of " + std::to_string(elements) + " elements", most);
  }
  if (open_.size() >= max_depth)
    return over("arrays nested " + std::to_string(open_.size() + 1) + " deep", max_depth);
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
  return {};
}

void Assembly::skip(std::size_t amount, std::string excess) {
  excess_ = std::move(excess);
  skipped_ = {Type::oversized, static_cast<std::int64_t>(amount), 0, excess_.size()};
  nodes_.clear();
  arena_.clear();
  kept_ = 0;
}

// Counts an element that holds `opened` others.
void Assembly::count(std::size_t opened) {
  if (!open_.empty()) --open_.back();
  if (opened > 0) open_.push_back(opened);
  close_arrays();
}

void Assembly::close_arrays() {
  while (!open_.empty() && open_.back() == 0) open_.pop_back();
}

Reply Assembly::reply() {
  if (skipped()) return Reply(&skipped_, excess_.data());
  if (kept_ == 0) return Reply(nodes_.data(), input_);
  keep();
  return Reply(nodes_.data(), arena_.data());
}

}  // namespace djcache::resp
