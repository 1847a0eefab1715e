// Reply: a view of one complete RESP reply, valid until the parser is asked for the next one.
//
// Pure. A reply is one flat array of nodes, in order of arrival, and one arena of bytes; no node
// has an allocation of its own.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace djcache::resp {

enum class Type : std::uint8_t {
  status,
  error,
  integer,
  string,
  nil,
  array,
  oversized,  // a whole reply over a cap, discarded: text() names the cap, integer() is the
              // size of the string, or the number of elements
};

struct Node {
  Type type;
  std::int64_t integer;  // the value; of an array: how many elements follow
  std::size_t offset;    // of a text: where it begins in the arena
  std::size_t size;
};

class Reply {
 public:
  Reply() = default;
  Reply(const Node* node, const char* arena, std::string* body = nullptr)
      : node_(node), arena_(arena), body_(body) {}

  Type type() const { return node_->type; }
  bool is_error() const { return type() == Type::error; }
  bool is_nil() const { return type() == Type::nil; }
  std::int64_t integer() const { return node_->integer; }
  std::string_view text() const {
    return body_ != nullptr ? std::string_view(*body_)
                            : std::string_view(arena_ + node_->offset, node_->size);
  }
  // The string of a large reply that is not an array, which may be moved out; null otherwise.
  std::string* body() const { return body_; }

  // Arrays: the number of elements, and a walk over them.
  //   Reply item = array.first(); for (size_t i = 0; i < array.size(); ++i, item = item.next()) ...
  std::size_t size() const {
    return type() == Type::array ? static_cast<std::size_t>(node_->integer) : 0;
  }
  Reply first() const { return Reply(node_ + 1, arena_); }
  // REQUIRES: this is an element, but not the last one.
  Reply next() const { return Reply(after(node_), arena_); }

 private:
  static const Node* after(const Node* node) {
    std::size_t pending = 1;
    while (pending > 0) {
      --pending;
      if (node->type == Type::array) pending += static_cast<std::size_t>(node->integer);
      ++node;
    }
    return node;
  }

  const Node* node_ = nullptr;
  const char* arena_ = nullptr;
  std::string* body_ = nullptr;
};

}  // namespace djcache::resp
