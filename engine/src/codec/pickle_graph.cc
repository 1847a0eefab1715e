#include "codec/pickle_graph.h"

#include <algorithm>

namespace djcache::codec::pickle {
namespace {

constexpr std::size_t chunk_min = 4096;
constexpr std::size_t kept_bytes_max = 1u << 20;  // of each vector
constexpr std::size_t memory_min = 1u << 20;      // a small limit does not restrict small values

template <class T>
void trim_vector(Vector<T>& vector) {
  if (vector.capacity() * sizeof(T) > kept_bytes_max) Vector<T>().swap(vector);
}

}  // namespace

char* TextArena::take(std::size_t size) {
  if (chunks_.empty() || size > chunks_.back().size - used_) {
    // Doubling keeps the number of chunks small.
    const std::size_t twice = chunks_.empty() ? chunk_min : 2 * chunks_.back().size;
    const std::size_t room = std::max(std::min(twice, kept_bytes_max), size);
    Memory::take(room);
    chunks_.push_back({std::unique_ptr<char[]>(new char[room]), room});
    used_ = 0;
  }
  char* const taken = chunks_.back().bytes.get() + used_;
  used_ += size;
  return taken;
}

void TextArena::clear() {
  used_ = 0;
  if (chunks_.size() <= 1 && (chunks_.empty() || chunks_[0].size <= kept_bytes_max)) return;
  chunks_.clear();
}

void Graph::reset(std::string_view bytes, const Limits& limits) {
  children.clear();
  segments.clear();
  nodes.clear();
  zones.clear();
  pending.clear();
  bounds.clear();
  texts.clear();
  stack.clear();
  marks.clear();
  memo.clear();
  begin = bytes.data();
  size = bytes.size();
  copies_left = copies_max(size, copies_of_texts, limits);
  results_left = bytes.size();
  work.restart(bytes.size());
  Memory::restart(std::max(memory_min, limits.max_memory() - size));
}

std::size_t Graph::memory_of(const Ref& ref) const {
  switch (ref.tag) {
    case Tag::string:
    case Tag::bytes:
    case Tag::decimal:
    case Tag::long_text:
      return ref.index > Value::inline_text ? ref.index : 0;
    case Tag::long_bytes:
      return 3 * std::size_t{ref.index};
    case Tag::time:
    case Tag::datetime:
      return sizeof(DateTime) + (ref.index == no_index ? 0 : zones[ref.index].name.size());
    case Tag::opaque:
      return opaques[ref.index].size();
    default:
      return 0;
  }
}

void Graph::trim() {
  if (size < kept_bytes_max / sizeof(Node)) return;  // then nothing can have grown that large
  trim_vector(children);
  trim_vector(segments);
  trim_vector(nodes);
  trim_vector(zones);
  trim_vector(pending);
  trim_vector(bounds);
  trim_machine();
  texts.clear();
}

void Graph::trim_machine() {
  trim_vector(stack);
  trim_vector(marks);
  trim_vector(memo);
}

Ref Graph::add_node(Kind kind, std::size_t position) {
  const auto index = static_cast<std::uint32_t>(nodes.size());
  nodes.push_back({.kind = kind, .position = static_cast<std::uint32_t>(position)});
  return Ref::of(Tag::node, index);
}

void Graph::add_children(Node& node, const Ref* refs, std::size_t count) {
  if (count == 0) return;
  const auto begin_index = static_cast<std::uint32_t>(children.size());
  const auto added = static_cast<std::uint32_t>(count);
  children.insert(children.end(), refs, refs + count);
  if (node.count == 0) {
    node.first = {begin_index, added, no_index};
  } else {
    Segment& last = node.last == no_index ? node.first : segments[node.last];
    if (last.begin + last.count == begin_index) {
      last.count += added;
    } else {
      const auto index = static_cast<std::uint32_t>(segments.size());
      last.next = index;  // before push_back, which may move it
      segments.push_back({begin_index, added, no_index});
      node.last = index;
    }
  }
  node.count += added;
}

Ref Graph::add_view(Kind kind, Node& of, std::size_t position) {
  Node view = of;
  // The first view stands for the node itself: from now on both the node and further views count as
  // copies.
  of.sealed = true;
  of.built = true;
  view.kind = kind;
  view.sealed = true;
  view.position = static_cast<std::uint32_t>(position);
  const auto index = static_cast<std::uint32_t>(nodes.size());
  nodes.push_back(view);
  return Ref::of(Tag::node, index);
}

void Graph::share_children(Node& node, Node& of) {
  of.sealed = true;
  of.built = true;
  node.sealed = true;
  node.count = of.count;
  node.first = of.first;
  node.last = of.last;
}

Ref Graph::add_pending(Global cls) {
  const auto index = static_cast<std::uint32_t>(pending.size());
  pending.push_back({.cls = cls});
  return Ref::of(Tag::pending, index);
}

const Ref* Graph::find_in_state(const Ref& state, std::string_view name) const {
  constexpr std::uint32_t children_max = 32;
  if (state.tag != Tag::node) return nullptr;
  const Node& dict = nodes[state.index];
  if (dict.kind != Kind::dict || dict.count > children_max) return nullptr;
  const Ref* found = nullptr;
  bool is_key = true, is_wanted = false;
  each_child(dict, [&](const Ref& ref) {
    if (is_key) {
      is_wanted = ref.tag == Tag::string && ref.text() == name;
    } else if (is_wanted) {
      found = &ref;
    }
    is_key = !is_key;
    return true;
  });
  return found;
}

void Graph::bound(std::uint32_t node, std::uint64_t count_max) {
  const auto kept = static_cast<std::uint32_t>(std::min<std::uint64_t>(count_max, no_index));
  if (nodes[node].bounded && !bounds.empty() && bounds.back().node == node) {
    bounds.back().count_max = std::min(bounds.back().count_max, kept);
  } else {
    nodes[node].bounded = true;
    bounds.push_back({node, kept});
  }
}

std::uint32_t Graph::skipped(const Node& node) const {
  if (!node.bounded) return 0;
  const auto index = static_cast<std::uint32_t>(&node - nodes.data());
  const auto found =
      std::lower_bound(bounds.begin(), bounds.end(), index,
                       [](const Bound& each, std::uint32_t sought) { return each.node < sought; });
  return node.count > found->count_max ? node.count - found->count_max : 0;
}

}  // namespace djcache::codec::pickle
