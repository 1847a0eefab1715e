#include "codec/pickle_machine.h"

#include <cstdio>

#include "codec/pickle_construct.h"
#include "codec/pickle_error.h"

namespace djcache::codec::pickle {
namespace {

constexpr unsigned char protocol_newest = 5;

// Objects whose memory is bounded by the number of items.
bool is_date(const Ref& ref) { return ref.tag == Tag::time || ref.tag == Tag::datetime; }

}  // namespace

bool Machine::run(Ref& root) {
  while (at_ < end_) {
    op_ = at_;
    const auto op = static_cast<Op>(static_cast<unsigned char>(*at_++));
    if (op == Op::stop) return stop(root);
    if (!step(op)) return false;
  }
  op_ = end_;
  return fail_here("no STOP", ", the end");
}

bool Machine::stop(Ref& root) {
  if (at_ != end_) {
    ++op_;
    return fail_here(std::to_string(left()) + " bytes left over", ", after STOP");
  }
  if (graph_.stack.size() != 1 || !graph_.marks.empty()) {
    return fail_here("STOP",
                     " with " + std::to_string(graph_.stack.size()) + " objects instead of one");
  }
  root = graph_.stack[0];
  return true;
}

// The most common instructions.
bool Machine::step(Op op) {
  std::uint64_t number = 0;
  switch (op) {
    case Op::short_bin_unicode:
      return text<1>(Tag::string);
    case Op::memoize:
      return put(put_count_);
    case Op::bin_int1:
      return take<1>(number) && push(Ref::of(Tag::integer, 0, static_cast<std::int64_t>(number)));
    case Op::bin_int2:
      return take<2>(number) && push(Ref::of(Tag::integer, 0, static_cast<std::int64_t>(number)));
    case Op::bin_int:
      return take<4>(number) && push(Ref::of(Tag::integer, 0, static_cast<std::int32_t>(number)));
    case Op::long1:
      return take<1>(number) && long_bytes(number);
    case Op::bin_float:
      return bin_float();
    case Op::none:
      return push(Ref());
    case Op::new_true:
      return push(Ref::of(Tag::boolean, 0, 1));
    case Op::new_false:
      return push(Ref::of(Tag::boolean, 0, 0));
    case Op::bin_get:
      return take<1>(number) && get(number);
    case Op::bin_put:
      return take<1>(number) && put(number);
    case Op::bin_unicode:
      return text<4>(Tag::string);
    case Op::short_bin_bytes:
      return text<1>(Tag::bytes);
    case Op::mark:
      return graph_.marks.push_back(static_cast<std::uint32_t>(graph_.stack.size())), true;
    case Op::empty_list:
      return push(graph_.add_node(Kind::list, position()));
    case Op::empty_dict:
      return push(graph_.add_node(Kind::dict, position()));
    case Op::empty_tuple:
      return push(graph_.add_node(Kind::tuple, position()));
    case Op::append:
      return add_top(Kind::list, 1);
    case Op::appends:
      return add_marked(Kind::list);
    case Op::set_item:
      return add_top(Kind::dict, 2);
    case Op::set_items:
      return add_marked(Kind::dict);
    case Op::tuple1:
      return collect_top(1);
    case Op::tuple2:
      return collect_top(2);
    case Op::tuple3:
      return collect_top(3);
    case Op::frame:
      return frame();
    default:
      return step_more(op);
  }
}

bool Machine::step_more(Op op) {
  std::uint64_t number = 0;
  std::string_view line;
  switch (op) {
    case Op::proto:
      return protocol();
    case Op::long_bin_get:
      return take<4>(number) && get(number);
    case Op::long_bin_put:
      return take<4>(number) && put(number);
    case Op::get:
      return take_line(line) && take_index(line, number) && get(number);
    case Op::put:
      return take_line(line) && take_index(line, number) && put(number);
    case Op::tuple:
      return collect_marked(Kind::tuple);
    case Op::list:
      return collect_marked(Kind::list);
    case Op::dict:
      return collect_marked(Kind::dict);
    case Op::frozen_set:
      return collect_marked(Kind::frozenset);
    case Op::empty_set:
      return push(graph_.add_node(Kind::set, position()));
    case Op::add_items:
      return add_marked(Kind::set);
    case Op::bin_unicode8:
      return text<8>(Tag::string);
    case Op::bin_bytes:
      return text<4>(Tag::bytes);
    case Op::bin_bytes8:
    case Op::byte_array8:
      return text<8>(Tag::bytes);
    case Op::long4:
      return take<4>(number) && long_bytes(number);
    case Op::int_text:
      return int_text();
    case Op::long_text:
      if (!take_line(line)) return false;
      if (line.ends_with('L')) line.remove_suffix(1);
      return long_text(line);
    case Op::float_text:
      return float_text();
    case Op::unicode_text:
      return unicode_text();
    case Op::string_text:
      return quoted_string();
    case Op::bin_string:
      return python_2_string<4>();
    case Op::short_bin_string:
      return python_2_string<1>();
    case Op::global:
      return global();
    case Op::stack_global:
      return stack_global();
    case Op::reduce:
      return call(false);
    case Op::new_obj:
      return call(true);
    case Op::build:
      return build();
    case Op::pop:
      return pop();
    case Op::pop_mark: {
      std::size_t first = 0;
      if (!pop_mark(first)) return false;
      drop_to(first);
      return true;
    }
    case Op::dup:
      return has(1) && push_again(Ref(graph_.stack.back()));
    case Op::opaque:
      if (graph_.opaques.empty()) return fail_op(op);
      return take<4>(number) && number < graph_.opaques.size() &&
             push(Ref::of(Tag::opaque, static_cast<std::uint32_t>(number)));
    default:
      return fail_op(op);
  }
}

bool Machine::protocol() {
  std::uint64_t number = 0;
  if (!take<1>(number)) return false;
  if (number <= protocol_newest) return true;
  return fail_here("protocol " + std::to_string(number), ": 5 is the newest that is read");
}

bool Machine::frame() {
  std::uint64_t size = 0;
  if (!take<8>(size)) return false;
  return size <= left() || fail_end("frame", size);
}

// --- The stack.

bool Machine::pop_mark(std::size_t& first) {
  if (graph_.marks.empty()) return fail_here("an instruction", " needs a MARK before it");
  first = graph_.marks.back();
  graph_.marks.pop_back();
  return true;
}

bool Machine::pop() {
  if (!graph_.marks.empty() && graph_.marks.back() == graph_.stack.size()) {
    graph_.marks.pop_back();
    return true;
  }
  if (!has(1)) return false;
  graph_.stack.pop_back();
  return true;
}

// --- Containers.

bool Machine::collect(Kind kind, std::size_t first) {
  const std::size_t count = graph_.stack.size() - first;
  if (kind == Kind::dict && count % 2 != 0) return fail_here("a dict", " with a key without value");
  const Ref made = graph_.add_node(kind, position());
  graph_.add_children(graph_.nodes.back(), graph_.stack.data() + first, count);
  drop_to(first);
  return push(made);
}

bool Machine::collect_marked(Kind kind) {
  std::size_t first = 0;
  return pop_mark(first) && collect(kind, first);
}

bool Machine::collect_top(std::size_t count) {
  return has(count) && collect(Kind::tuple, graph_.stack.size() - count);
}

bool Machine::add(Kind kind, std::size_t first) {
  const std::size_t count = graph_.stack.size() - first;
  if (first <= fence()) return fail_stack(count + 1);
  const Ref& target = graph_.stack[first - 1];
  Node* const node = target.tag == Tag::node ? &graph_.nodes[target.index] : nullptr;
  if (!node || node->kind != kind) {
    return fail_here("an instruction", " adds items to what is no " + std::string(to_string(kind)));
  }
  if (kind == Kind::dict && count % 2 != 0) return fail_here("a dict", " with a key without value");
  if (node->sealed && count > 0) {
    return fail_here("an instruction", " adds items to an argument that was already used");
  }
  graph_.add_children(*node, graph_.stack.data() + first, count);
  drop_to(first);
  return true;
}

bool Machine::add_marked(Kind kind) {
  std::size_t first = 0;
  return pop_mark(first) && add(kind, first);
}

bool Machine::add_top(Kind kind, std::size_t count) {
  return has(count + 1) && add(kind, graph_.stack.size() - count);
}

// --- The memo.

bool Machine::put(std::uint64_t index) {
  if (!has(1)) return false;
  Vector<Ref>& memo = graph_.memo;
  const Ref top = graph_.stack.back();
  if (index == memo.size()) {
    memo.push_back(top);
    ++put_count_;
    return true;
  }
  // CPython counts from 0 up, so there cannot be more entries than bytes.
  if (index >= graph_.size) {
    return fail_here("memo entry " + std::to_string(index), " is out of range");
  }
  if (index > memo.size()) memo.resize(index + 1, Ref::of(Global::none));
  if (memo[index].is(Global::none)) ++put_count_;
  memo[index] = top;
  return true;
}

bool Machine::get(std::uint64_t index) {
  if (index >= graph_.memo.size() || graph_.memo[index].is(Global::none)) {
    return fail_here("memo entry " + std::to_string(index), " was never put there");
  }
  return push_again(Ref(graph_.memo[index]));
}

// A copy of an object with memory of its own is counted; containers are counted when they are
// built.
bool Machine::push_again(const Ref& ref) {
  const std::size_t bytes = graph_.memory_of(ref);
  if (bytes > 0 && !graph_.pay_for_copy(bytes)) return fail_here("an object", no_copies_left);
  // Digits are examined one by one.
  const bool is_long = ref.tag == Tag::long_text || ref.tag == Tag::long_bytes;
  if (is_long && !graph_.work.pay(1 + ref.index / 32)) return fail_here("an int", no_work_left);
  if (!is_long) graph_.work.allow(bytes / 32);
  return push(ref);
}

// --- Objects.

bool Machine::global() {
  std::string_view module, name;
  if (!take_line(module) || !take_line(name)) return false;
  return find(module, name);
}

bool Machine::stack_global() {
  if (!has(2)) return false;
  const Ref name = graph_.stack.back();
  const Ref module = graph_.stack[graph_.stack.size() - 2];
  if (name.tag != Tag::string || module.tag != Tag::string) {
    return fail_here("STACK_GLOBAL", " without the names of module and class");
  }
  drop_to(graph_.stack.size() - 2);
  return find(module.text(), name.text());
}

bool Machine::find(std::string_view module, std::string_view name) {
  const Global found = find_global(module, name);
  if (found != Global::none) return push(Ref::of(found));
  return fail_here(printable(module) + "." + printable(name),
                   " is not on the list of what may be built");
}

bool Machine::call(bool is_new) {
  if (!has(2)) return false;
  const Ref arguments = graph_.stack.back();
  const Ref callee = graph_.stack[graph_.stack.size() - 2];
  if (callee.tag != Tag::global) return fail_here("a call", " of what is no class");
  if (arguments.tag != Tag::node || graph_.nodes[arguments.index].kind != Kind::tuple) {
    return fail_here("a call", " without a tuple of arguments");
  }
  const auto args = graph_.children_of_tuple(graph_.nodes[arguments.index]);
  const auto global = static_cast<Global>(callee.index);
  const Site site{graph_, error_, position()};
  Ref made;
  const std::size_t count = args.size();  // `args` may be invalid afterwards
  if (!(is_new ? construct_new : construct)(site, global, args, made)) return false;
  // The arguments may be in the memo, so each result is one more copy, and examined once more.
  const std::size_t bytes = is_date(made) ? 0 : graph_.memory_of(made);
  if (!graph_.work.pay(1 + count / 4 + bytes / 32)) return fail_here("a call", no_work_left);
  if (!graph_.pay_for_result(bytes)) return fail_here("a call", no_copies_left);
  drop_to(graph_.stack.size() - 2);
  return push(made);
}

bool Machine::build() {
  if (!has(2)) return false;
  const Ref state = graph_.stack.back();
  const Ref object = graph_.stack[graph_.stack.size() - 2];
  graph_.stack.pop_back();
  return set_state({graph_, error_, position()}, object, state);
}

// --- Errors.

bool Machine::fail_here(std::string what, std::string_view why) {
  return fail_at(error_, std::move(what), position(), why);
}

bool Machine::fail_end(const char* what, std::uint64_t size) {
  return fail_here(std::string(what) + " of " + std::to_string(size) + " bytes",
                   " runs past the end (" + std::to_string(left()) + " bytes left)");
}

bool Machine::fail_stack(std::size_t count) {
  return fail_here("an instruction",
                   " needs " + std::to_string(count) + " objects that are not there");
}

bool Machine::fail_op(Op op) {
  const auto number = static_cast<unsigned char>(op);
  const std::string_view reason = refusal(number);
  char text[32];
  std::snprintf(text, sizeof text, "instruction 0x%02x", static_cast<unsigned>(number));
  return fail_here(text, reason.empty() ? " is unknown" : reason);
}

}  // namespace djcache::codec::pickle
