// Copying and destroying nested values. Nesting can be deeper than the stack: nodes yet to be
// copied are kept in a vector, and destruction, which must not fail, needs no memory at all.
#include <djcache/value.h>

namespace djcache {

struct Value::Tree {
  static constexpr int recursion_max = 32;

  static bool has_children(const Value& value) { return value.has_list() || value.is(Kind::dict); }

  template <class F>
  static void each_child(Value& parent, F f) {
    if (parent.is(Kind::dict)) {
      for (auto& [key, value] : parent.payload_.items) {
        f(key);
        f(value);
      }
    } else {
      for (Value& child : parent.payload_.list) f(child);
    }
  }

  // Frees what the node owns, including its children.
  static void free_node(Value& node) noexcept {
    switch (node.kind_) {
      case Kind::time:
        delete node.payload_.time;
        break;
      case Kind::datetime:
        delete node.payload_.datetime;
        break;
      case Kind::dict:
        std::destroy_at(&node.payload_.items);
        break;
      case Kind::list:
      case Kind::tuple:
      case Kind::set:
      case Kind::frozenset:
        std::destroy_at(&node.payload_.list);
        break;
      default:
        std::destroy_at(&node.payload_.text);
    }
    node.kind_ = Kind::nil;
    node.owns_ = false;
  }

  // Empties `root` from the end without allocating: on the way down, the child's slot holds the
  // container around its parent. The value of a dict item goes first and leaves a bool behind.
  static void drain(Value& root) noexcept {
    Value node = std::move(root), parent;
    for (;;) {
      while (Value* const slot = last_container(node)) {
        Value child = std::move(*slot);
        *slot = std::move(parent);
        parent = std::move(node);
        node = std::move(child);
      }
      free_node(node);
      if (parent.is_nil()) return;
      node = std::move(parent);
      parent = leave(node);
    }
  }

  // Removes trailing elements without children. Null: no element is left.
  static Value* last_container(Value& node) noexcept {
    if (List* const list = node.mutable_sequence()) {
      while (!list->empty() && !has_children(list->back())) list->pop_back();
      return list->empty() ? nullptr : &list->back();
    }
    Items& items = node.payload_.items;
    for (; !items.empty(); items.pop_back()) {
      auto& [key, value] = items.back();
      if (has_children(value)) return &value;
      value = true;
      if (has_children(key)) return &key;
    }
    return nullptr;
  }

  // Goes back up from the last child, which is destroyed: returns what its slot held.
  static Value leave(Value& node) noexcept {
    if (List* const list = node.mutable_sequence()) {
      Value outer = std::move(list->back());
      list->pop_back();
      return outer;
    }
    Items& items = node.payload_.items;
    auto& [key, value] = items.back();
    if (!value.is(Kind::boolean)) return std::exchange(value, Value(true));
    Value outer = std::move(key);
    items.pop_back();
    return outer;
  }

  // Called as soon as the payload exists, so that it is freed if a later step throws.
  static void own(Value& node, Kind kind) noexcept {
    node.kind_ = kind;
    node.owns_ = true;
  }

  struct Copy {
    Value* to;
    const Value* from;
  };

  // Copies one node into `to`, which is nil. Children with children of their own stay nil until
  // their turn.
  static void copy_node(Value& to, const Value& from, std::vector<Copy>& pending) {
    const auto copy_child = [&pending](Value& child, const Value& original) {
      if (has_children(original)) {
        pending.push_back({&child, &original});
      } else {
        child = original;
      }
    };
    switch (from.kind_) {
      case Kind::time:
        to.payload_.time = new Time(*from.payload_.time);
        break;
      case Kind::datetime:
        to.payload_.datetime = new DateTime(*from.payload_.datetime);
        break;
      case Kind::dict: {
        const Items& originals = from.payload_.items;
        Items& copies = *std::construct_at(&to.payload_.items, originals.size());
        own(to, from.kind_);
        for (std::size_t i = 0; i < originals.size(); ++i) {
          copy_child(copies[i].first, originals[i].first);
          copy_child(copies[i].second, originals[i].second);
        }
        break;
      }
      case Kind::list:
      case Kind::tuple:
      case Kind::set:
      case Kind::frozenset: {
        const List& originals = from.payload_.list;
        List& copies = *std::construct_at(&to.payload_.list, originals.size());
        own(to, from.kind_);
        for (std::size_t i = 0; i < originals.size(); ++i) copy_child(copies[i], originals[i]);
        break;
      }
      default:
        std::construct_at(&to.payload_.text, from.payload_.text);
    }
    own(to, from.kind_);
  }
};

// Ordinary nesting is destroyed by recursion through the vectors, which needs no memory and looks
// at each child once; deeper levels by drain().
void Value::destroy_slow() noexcept {
  thread_local int depth = 0;
  if (!Tree::has_children(*this)) return Tree::free_node(*this);
  if (depth >= Tree::recursion_max) return Tree::drain(*this);
  ++depth;
  Tree::free_node(*this);
  --depth;
}

void Value::copy_slow(const Value& other) {
  std::vector<Tree::Copy> pending;
  Tree::copy_node(*this, other, pending);
  while (!pending.empty()) {
    const Tree::Copy next = pending.back();
    pending.pop_back();
    Tree::copy_node(*next.to, *next.from, pending);
  }
}

}  // namespace djcache
