// Copying and destroying nested values. Nesting can be deeper than the stack: work that is left
// waits in a vector, not in stack frames.
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

  // Frees what the node owns, its children with it.
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

  static void drain(Value& root) noexcept {
    std::vector<Value> pending;
    const auto unlink_children = [&pending](Value& node) {
      each_child(node, [&pending](Value& child) {
        if (has_children(child)) pending.push_back(std::move(child));
      });
      free_node(node);
    };
    unlink_children(root);
    while (!pending.empty()) {
      Value node = std::move(pending.back());
      pending.pop_back();
      unlink_children(node);
    }
  }

  // As soon as the payload is there, so that it is freed if what follows throws.
  static void own(Value& node, Kind kind) noexcept {
    node.kind_ = kind;
    node.owns_ = true;
  }

  struct Copy {
    Value* to;
    const Value* from;
  };

  // Copies one node into `to`, which is nil. Children that have children stay nil and wait.
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

// Ordinary nesting is destroyed by recursion, through the vectors, which needs no memory and one look at
// each child; what lies deeper by drain().
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
