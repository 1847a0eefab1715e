// The graph that the pickle machine builds: references, and the nodes they point to. An object that
// is referenced twice is one node, so a container that is filled after it was memoized is complete
// everywhere. Texts are views of the pickle. pickle_build.h makes a Value of the graph.
//
// All memory here grows with the bytes read and is kept for the next pickle, so that reading
// allocates only the Value in the steady state.
#pragma once

#include <algorithm>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <djcache/value.h>

#include "codec/limits.h"
#include "codec/pickle_globals.h"
#include "codec/pickle_memory.h"

namespace djcache::codec::pickle {

enum class Tag : std::uint8_t {
  nil,
  boolean,
  integer,
  real,
  long_bytes,  // int beyond 64 bits: two's complement, little endian
  long_text,   // the same in decimal text
  string,
  bytes,
  decimal,
  node,       // a container
  pending,    // index of an object that receives its state by BUILD
  date,       // packed, as the next two
  time,       // and the index of a zone, or no_index
  datetime,   // the same
  timedelta,  // days in `index`
  zone,
  global,
  opaque,  // index of Graph::opaques
};

inline constexpr std::uint32_t no_index = UINT32_MAX;

struct Ref {
  Tag tag = Tag::nil;
  std::uint32_t index = 0;  // of texts: the size
  union {
    std::int64_t number = 0;
    double real;
    const char* data;
  };

  std::string_view text() const { return {data, index}; }
  bool is_text() const { return tag == Tag::string || tag == Tag::bytes || tag == Tag::decimal; }

  static Ref of(Tag tag, std::uint32_t index = 0, std::int64_t number = 0) {
    Ref made;
    made.tag = tag;
    made.index = index;
    made.number = number;
    return made;
  }
  static Ref of_real(double number) {
    Ref made;
    made.tag = Tag::real;
    made.real = number;
    return made;
  }
  static Ref of_text(Tag tag, std::string_view text) {
    Ref made;
    made.tag = tag;
    made.index = static_cast<std::uint32_t>(text.size());
    made.data = text.data();
    return made;
  }
  static Ref of(Global global) { return of(Tag::global, static_cast<std::uint32_t>(global)); }
  bool is(Global global) const {
    return tag == Tag::global && index == static_cast<std::uint32_t>(global);
  }
};

// Contiguous children. A container that is filled in turns has several segments.
struct Segment {
  std::uint32_t begin = 0, count = 0;
  std::uint32_t next = no_index;
};

struct Node {
  Kind kind = Kind::nil;
  bool sealed : 1 = false;       // a constructor has taken its children: no more may be added
  bool open : 1 = false;         // being built: a reference to it is a cycle
  bool built : 1 = false;        // a further reference is a copy
  bool distinct : 1 = false;     // a set or the keys of a dict: equal ones count once
  bool bounded : 1 = false;      // a deque that keeps only its last items
  bool multi_value : 1 = false;  // a MultiValueDict whose lists are added until it is sealed
  std::uint32_t position;        // in the pickle, for errors
  std::uint32_t count = 0;
  std::uint32_t last = no_index;  // segment, when it is not the first
  Segment first{};
};

struct Zone {
  std::int64_t offset_us = 0;
  bool has_offset = false;
  bool needs_date = false;  // a time of day has no offset in this zone
  std::string_view name{};
};

// An object that is created first and receives its state later.
struct Pending {
  Global cls;
  bool finished = false;
  bool big_endian = false;        // of a dtype
  std::uint32_t zone = no_index;  // of a tzoffset
  Uuid bits{};                    // of a UUID; of a dtype the kind and the size
};

// The maximal length of a deque.
struct Bound {
  std::uint32_t node, count_max;
};

// Memory for texts that are not in the pickle literally. Its texts do not move.
class TextArena {
 public:
  char* take(std::size_t size);
  void give_back(std::size_t size) { used_ -= size; }  // of the last piece
  void clear();

 private:
  struct Chunk {
    std::unique_ptr<char[]> bytes;
    std::size_t size = 0;
  };
  std::vector<Chunk> chunks_;
  std::size_t used_ = 0;  // of the last chunk
};

template <class T>
using Vector = std::vector<T, Counted<T>>;

struct Graph {
  Vector<Ref> children;
  Vector<Segment> segments;
  Vector<Node> nodes;
  Vector<Zone> zones;
  Vector<Pending> pending;
  Vector<Bound> bounds;  // by node
  TextArena texts;
  // The machine's stack, here so that it is kept, too.
  Vector<Ref> stack;
  Vector<std::uint32_t> marks;
  Vector<Ref> memo;  // slots that were never set hold Global::none

  const char* begin = nullptr;  // of the pickle
  std::size_t size = 0;
  std::size_t copies_left = 0;   // bytes that copies of shared objects may still take
  std::size_t results_left = 0;  // bytes of texts that calls may return before they count as copies
  WorkLeft work;
  std::span<const std::string> opaques{};  // see pickle_outline.h; borrowed

  // REQUIRES: no more bytes than the limits allow.
  void reset(std::string_view bytes, const Limits& limits);
  // Frees what only an unusually large pickle needed: of the machine's memory, of all.
  void trim_machine();
  void trim();

  bool pay_for_copy(std::size_t bytes) {
    if (bytes > copies_left) return false;
    copies_left -= bytes;
    return true;
  }
  // Bytes that its Value allocates.
  std::size_t memory_of(const Ref& ref) const;
  // The first results do not count as copies, up to the size of the pickle.
  bool pay_for_result(std::size_t bytes) {
    if (bytes > results_left) return pay_for_copy(bytes);
    results_left -= bytes;
    return true;
  }

  Ref add_node(Kind kind, std::size_t position);
  // REQUIRES: the node is not sealed.
  void add_children(Node& node, const Ref* refs, std::size_t count);
  // A node of another kind with the same children.
  Ref add_view(Kind kind, Node& of, std::size_t position);
  // Replaces the children of `node` by those of another node.
  void share_children(Node& node, Node& of);
  Ref add_pending(Global cls);
  // The item with this name of a state (a small dict); null if there is none.
  const Ref* find_in_state(const Ref& state, std::string_view name) const;
  // Only the last children of the node count. REQUIRES: no later node has a bound.
  void bound(std::uint32_t node, std::uint64_t count_max);
  // How many of the first children do not count.
  std::uint32_t skipped(const Node& node) const;
  // REQUIRES: a tuple, whose children are always contiguous.
  std::span<const Ref> children_of_tuple(const Node& tuple) const {
    return {children.data() + tuple.first.begin, tuple.count};
  }

  // Calls f(ref) for each child until it returns false; returns whether none did.
  template <class F>
  bool each_child(const Node& node, F f) const {
    const Segment* segment = &node.first;
    for (std::uint32_t left = node.count; left > 0;) {
      const Ref* at = children.data() + segment->begin;
      const std::uint32_t count = std::min(left, segment->count);
      for (const Ref* const end = at + count; at < end; ++at) {
        if (!f(*at)) return false;
      }
      left -= count;
      if (left > 0) segment = &segments[segment->next];
    }
    return true;
  }
};

}  // namespace djcache::codec::pickle
