#include "codec/pickle_graph.h"

#include <algorithm>

namespace djcache::codec::pickle {
namespace {

constexpr std::size_t chunk_min = 4096;
constexpr std::size_t kept_bytes_max = 1u << 20;  // of each vector

template <class T>
void trim_vector(std::vector<T>& vector) {
  if (vector.capacity() * sizeof(T) > kept_bytes_max) std::vector<T>().swap(vector);
}

}  // namespace

char* TextArena::take(std::size_t size) {
  if (chunks_.empty() || size > chunks_.back().size - used_) {
    // Doubling: a handful of chunks, however many texts.
    const std::size_t twice = chunks_.empty() ? chunk_min : 2 * chunks_.back().size;
    const std::size_t room = std::max(std::min(twice, kept_bytes_max), size);
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

void Graph::reset(std::string_view bytes, std::size_t copies_max) {
  children.clear();
  segments.clear();
  nodes.clear();
  zones.clear();
  uuids.clear();
  texts.clear();
  stack.clear();
  marks.clear();
  memo.clear();
  begin = bytes.data();
  size = bytes.size();
  copies_left = copies_max;
}

void Graph::trim() {
  if (size < kept_bytes_max / sizeof(Node)) return;  // then nothing can have grown that large
  trim_vector(children);
  trim_vector(segments);
  trim_vector(nodes);
  trim_vector(zones);
  trim_vector(uuids);
  trim_vector(stack);
  trim_vector(marks);
  trim_vector(memo);
  texts.clear();
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
  // The first view stands for the node itself: from now on both it and other views are copies.
  of.sealed = true;
  of.built = true;
  view.kind = kind;
  view.sealed = true;
  view.position = static_cast<std::uint32_t>(position);
  const auto index = static_cast<std::uint32_t>(nodes.size());
  nodes.push_back(view);
  return Ref::of(Tag::node, index);
}

}  // namespace djcache::codec::pickle
