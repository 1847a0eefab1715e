// Containers created by a call.
#include <algorithm>

#include "codec/pickle_constructors.h"
#include "codec/pickle_error.h"

namespace djcache::codec::pickle {
namespace {

bool make_node(Site site, Kind kind, Ref& out) {
  out = site.graph.add_node(kind, site.position);
  return true;
}

Node* node_of(Site site, const Ref& ref) {
  return ref.tag == Tag::node ? &site.graph.nodes[ref.index] : nullptr;
}

bool is_sequence(Kind kind) { return kind == Kind::list || kind == Kind::tuple; }

bool pay(Site site, const char* what, std::size_t count, std::size_t size) {
  if (count <= SIZE_MAX / size && site.graph.pay_for_copy(count * size)) return true;
  return fail_at(site.error, what, site.position, no_copies_left);
}

// A new container with the children of another.
bool make_view(Site site, Kind kind, Node& source, Ref& out) {
  if (source.count == 0) return make_node(site, kind, out);
  const bool distinct = source.kind == Kind::set || source.kind == Kind::frozenset;
  const bool bounded = source.bounded;
  const std::uint32_t kept = source.count - site.graph.skipped(source);
  out = site.graph.add_view(kind, source, site.position);
  site.graph.nodes.back().distinct |= distinct;
  if (bounded) site.graph.bound(out.index, kept);
  return true;
}

// Collects children on the stack, above its present items.
class Collected {
 public:
  explicit Collected(Graph& graph) : graph_(graph), first_(graph.stack.size()) {}
  ~Collected() { graph_.stack.resize(first_); }
  Collected(const Collected&) = delete;

  void add(const Ref& ref) { graph_.stack.push_back(ref); }
  const Ref& operator[](std::size_t index) const { return graph_.stack[first_ + index]; }
  Ref make(Site site, Kind kind) {
    const Ref made = graph_.add_node(kind, site.position);
    graph_.add_children(graph_.nodes.back(), graph_.stack.data() + first_,
                        graph_.stack.size() - first_);
    return made;
  }

 private:
  Graph& graph_;
  const std::size_t first_;
};

bool make_keys(Site site, Kind kind, const Node& dict, Ref& out) {
  if (!pay(site, "the keys of a dict", dict.count, sizeof(Ref))) return false;
  Collected keys(site.graph);
  bool is_key = true;
  site.graph.each_child(dict, [&](const Ref& ref) {
    if (is_key) keys.add(ref);
    is_key = !is_key;
    return true;
  });
  out = keys.make(site, kind);
  site.graph.nodes.back().distinct = true;
  return true;
}

// Python 2's form of an OrderedDict.
bool make_dict_of_pairs(Site site, const Node& pairs, Ref& out) {
  if (pairs.bounded || !pay(site, "a dict of pairs", pairs.count, 2 * sizeof(Ref))) return false;
  Collected items(site.graph);
  const bool all_pairs = site.graph.each_child(pairs, [&](const Ref& ref) {
    const Node* const pair = node_of(site, ref);
    return pair && is_sequence(pair->kind) && pair->count == 2 && !pair->bounded &&
           site.graph.each_child(*pair, [&](const Ref& part) { return items.add(part), true; });
  });
  if (all_pairs) out = items.make(site, Kind::dict);
  return all_pairs;
}

}  // namespace

bool make_container(Site site, Kind kind, Args args, Ref& out) {
  if (args.empty()) return make_node(site, kind, out);
  Node* const source = node_of(site, args[0]);
  if (!source || args.size() > 1) return false;
  if ((kind == Kind::dict) == (source->kind == Kind::dict)) {
    return make_view(site, kind, *source, out);
  }
  if (kind == Kind::dict) {
    return is_sequence(source->kind) && make_dict_of_pairs(site, *source, out);
  }
  return make_keys(site, kind, *source, out);
}

bool make_default_dict(Site site, Args args, Ref& out) {
  if (!args.empty() && args[0].tag != Tag::global && args[0].tag != Tag::nil) return false;
  return make_container(site, Kind::dict, args.subspan(args.empty() ? 0 : 1), out);
}

bool make_counter(Site site, Args args, Ref& out) {
  const Node* const source = args.empty() ? nullptr : node_of(site, args[0]);
  return (args.empty() || (source && source->kind == Kind::dict)) &&
         make_container(site, Kind::dict, args, out);
}

bool make_deque(Site site, Args args, Ref& out) {
  if (args.size() > 2) return false;
  const bool bounded = args.size() == 2 && args[1].tag != Tag::nil;
  if (bounded && (args[1].tag != Tag::integer || args[1].number < 0)) return false;
  if (!make_container(site, Kind::list, args.first(std::min<std::size_t>(args.size(), 1)), out)) {
    return false;
  }
  if (bounded) site.graph.bound(out.index, static_cast<std::uint64_t>(args[1].number));
  return true;
}

bool make_range(Site site, Args args, Ref& out) {
  if (args.empty() || args.size() > 3) return false;
  std::uint64_t parts[] = {0, 0, 1};
  for (const Ref& arg : args) {
    if (arg.tag != Tag::integer) return false;
  }
  for (std::size_t i = 0; i < args.size(); ++i) {
    parts[args.size() == 1 ? 1 : i] = static_cast<std::uint64_t>(args[i].number);
  }
  const std::uint64_t start = parts[0], stop = parts[1], step = parts[2];
  if (step == 0) return false;
  const bool rises = static_cast<std::int64_t>(step) > 0;
  const auto first = static_cast<std::int64_t>(start), end = static_cast<std::int64_t>(stop);
  std::uint64_t count = 0;
  if (rises && first < end) count = (stop - start - 1) / step + 1;
  if (!rises && first > end) count = (start - stop - 1) / (0 - step) + 1;
  if (!pay(site, "a range", count, sizeof(Ref) + sizeof(Value))) return false;
  Collected numbers(site.graph);
  for (std::uint64_t i = 0; i < count; ++i) {
    numbers.add(Ref::of(Tag::integer, 0, static_cast<std::int64_t>(start + i * step)));
  }
  out = numbers.make(site, Kind::list);
  return true;
}

bool make_multi_value_dict(Site site, Args args, Ref& out) {
  const Node* const source = args.empty() ? nullptr : node_of(site, args[0]);
  if (!args.empty() && (!source || source->kind != Kind::dict)) return false;
  if (!make_container(site, Kind::dict, args, out)) return false;
  Node& made = site.graph.nodes[out.index];
  made.multi_value = true;
  made.sealed |= !args.empty();
  return true;
}

namespace {

bool is_same(const Ref& a, const Ref& b) {
  return a.tag == b.tag && a.index == b.index && a.number == b.number;
}

// Whether two dicts have identical objects as keys.
bool have_same_keys(Graph& graph, const Node& a, const Node& b) {
  Collected keys(graph);
  graph.each_child(a, [&](const Ref& ref) { return keys.add(ref), true; });
  std::size_t at = 0;
  return a.count == b.count && graph.each_child(b, [&](const Ref& ref) {
    return at++ % 2 != 0 || is_same(keys[at - 1], ref);
  });
}

}  // namespace

bool set_multi_value_state(Site site, const Ref& object, const Ref& state) {
  const Ref* const data = site.graph.find_in_state(state, "_data");
  Node* const lists = data ? node_of(site, *data) : nullptr;
  Node& dict = site.graph.nodes[object.index];
  if (lists && !site.graph.work.pay((dict.count + lists->count) / 4)) {
    return fail_at(site.error, "a MultiValueDict", site.position, no_work_left);
  }
  if (!lists || lists->kind != Kind::dict || lists == &dict ||
      !have_same_keys(site.graph, dict, *lists)) {
    return fail_at(site.error, "a MultiValueDict", site.position,
                   " gets a state without the lists of its keys");
  }
  site.graph.share_children(dict, *lists);
  return true;
}

}  // namespace djcache::codec::pickle
