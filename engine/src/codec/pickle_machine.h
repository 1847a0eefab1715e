// The machine that executes the instructions of a pickle. It only builds a graph: no recursion, no
// Value, and memory in proportion to the bytes read.
#pragma once

#include <djcache/error.h>

#include "codec/pickle_graph.h"
#include "codec/pickle_opcodes.h"
#include "codec/pickle_text.h"
#include "value/utf8.h"

namespace djcache::codec::pickle {

class Machine {
 public:
  // REQUIRES: the graph was reset for the bytes to run.
  Machine(Graph& graph, Error& error)
      : graph_(graph), error_(error), at_(graph.begin), op_(at_), end_(graph.begin + graph.size) {}

  // Runs to STOP, which must be the last byte. False: `error` has the reason and the position.
  bool run(Ref& root);

 private:
  bool step(Op op);
  bool step_more(Op op);  // the less common instructions
  bool stop(Ref& root);

  // --- The bytes after the instruction.
  std::size_t position() const { return static_cast<std::size_t>(op_ - graph_.begin); }
  std::size_t left() const { return static_cast<std::size_t>(end_ - at_); }
  template <std::size_t size>
  bool take(std::uint64_t& number);  // little endian
  bool take_line(std::string_view& line);
  bool take_piece(std::uint64_t size, std::string_view& piece);
  bool take_index(std::string_view digits, std::uint64_t& index);

  // --- Numbers and texts.
  bool int_text();
  bool long_text(std::string_view text);
  bool float_text();
  bool bin_float();
  bool long_bytes(std::uint64_t size);
  template <std::size_t size_size>
  bool text(Tag tag);
  bool unicode_text();
  template <std::size_t size_size>
  bool python_2_string();
  bool quoted_string();
  bool push_ascii(std::string_view text);
  bool fail_utf8(std::string_view text, std::size_t bad);

  // --- The stack. Items below the last mark are out of reach, as in CPython.
  std::size_t fence() const { return graph_.marks.empty() ? 0 : graph_.marks.back(); }
  bool push(const Ref& ref) { return graph_.stack.push_back(ref), true; }
  bool has(std::size_t count) {
    return graph_.stack.size() >= fence() + count || fail_stack(count);
  }
  bool pop_mark(std::size_t& first);
  void drop_to(std::size_t size) {
    graph_.stack.erase(graph_.stack.begin() + static_cast<std::ptrdiff_t>(size),
                       graph_.stack.end());
  }
  bool pop();

  // --- Containers.
  bool collect(Kind kind, std::size_t first);
  bool collect_marked(Kind kind);
  bool collect_top(std::size_t count);
  bool add(Kind kind, std::size_t first);
  bool add_marked(Kind kind);
  bool add_top(Kind kind, std::size_t count);

  // --- The memo.
  bool put(std::uint64_t index);
  bool get(std::uint64_t index);
  bool push_again(const Ref& ref);

  // --- Objects.
  bool protocol();
  bool frame();
  bool global();
  bool stack_global();
  bool find(std::string_view module, std::string_view name);
  bool call(bool is_new);
  bool build();

  // --- Errors.
  bool fail_here(std::string what, std::string_view why = {});
  bool fail_end(const char* what, std::uint64_t size);
  bool fail_stack(std::size_t count);
  bool fail_op(Op op);

  Graph& graph_;
  Error& error_;
  const char* at_;
  const char* op_;  // start of the current instruction
  const char* const end_;
  std::size_t put_count_ = 0;  // distinct memo entries: MEMOIZE uses the next one
};

template <std::size_t size>
bool Machine::take(std::uint64_t& number) {
  if (left() < size) return fail_end("a number", size);
  number = 0;
  for (std::size_t i = 0; i < size; ++i) {
    number |= std::uint64_t{static_cast<unsigned char>(at_[i])} << (8 * i);
  }
  at_ += size;
  return true;
}

template <std::size_t size_size>
bool Machine::text(Tag tag) {
  std::uint64_t size = 0;
  std::string_view piece;
  if (!take<size_size>(size) || !take_piece(size, piece)) return false;
  if (tag == Tag::string) {
    const std::size_t bad = value::utf8_error(piece);
    if (bad != piece.size()) return fail_utf8(piece, bad);
  }
  return push(Ref::of_text(tag, piece));
}

template <std::size_t size_size>
bool Machine::python_2_string() {
  std::uint64_t size = 0;
  std::string_view piece;
  return take<size_size>(size) && take_piece(size, piece) && push_ascii(piece);
}

inline bool Machine::take_piece(std::uint64_t size, std::string_view& piece) {
  if (size > left()) return fail_end("a piece", size);
  piece = {at_, static_cast<std::size_t>(size)};
  at_ += size;
  return true;
}

}  // namespace djcache::codec::pickle
