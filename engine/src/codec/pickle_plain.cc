#include "codec/pickle_plain.h"

#include <bit>

#include "codec/byte_order.h"
#include "codec/pickle_opcodes.h"
#include "codec/pickle_plain_reader.h"
#include "codec/pickle_text.h"
#include "value/utf8.h"

namespace djcache::codec::pickle {
namespace {

constexpr std::size_t small = 64 * 1024;                    // needs hardly any memory
constexpr unsigned char plain_first = 2, plain_newest = 5;  // of the protocols

struct ClearedAtEnd {
  PlainMemory& memory;
  ~ClearedAtEnd() { memory.clear(); }
};

}  // namespace

// PROTO, with which every pickle since protocol 2 begins, and a FRAME.
const char* PlainReader::start(const char* at) {
  if (left(at) < 2 || static_cast<Op>(static_cast<unsigned char>(*at)) != Op::proto) return nullptr;
  const auto protocol = static_cast<unsigned char>(at[1]);
  return protocol >= plain_first && protocol <= plain_newest ? at + 2 : nullptr;
}

bool PlainReader::run(Value& out) {
  const char* at = start(at_);
  Piece* top = base();
  const Piece* limit = memory_.stack.limit();
  const auto number = [&top](std::int64_t value) {
    top->tag = PieceTag::integer;
    (top++)->number = value;
  };
  while (at && top && at < end_) {
    if (top == limit) [[unlikely]] {
      // Everything on the stack becomes an item of a container; their number is bounded.
      if (!elements_left_.covers(static_cast<std::size_t>(top - base()))) return false;
      top = memory_.stack.grow(top);
      limit = memory_.stack.limit();
    }
    switch (static_cast<Op>(static_cast<unsigned char>(*at++))) {
      case Op::short_bin_unicode:
        at = text(at, 1, PieceTag::string, top++);
        break;
      case Op::memoize:
        if (!memoize(top)) return false;
        break;
      case Op::bin_int1:
        if (left(at) < 1) return false;
        number(static_cast<unsigned char>(*at++));
        break;
      case Op::bin_int2:
        if (left(at) < 2) return false;
        number(load_little<std::uint16_t>(at));
        at += 2;
        break;
      case Op::bin_int:
        if (left(at) < 4) return false;
        number(load_little<std::int32_t>(at));
        at += 4;
        break;
      case Op::long1:
        at = short_long(at, top++);
        break;
      case Op::bin_float:
        if (left(at) < 8) return false;
        top->tag = PieceTag::real;
        (top++)->real = std::bit_cast<double>(load_big<std::uint64_t>(at));
        at += 8;
        break;
      case Op::none:
        (top++)->tag = PieceTag::nil;
        break;
      case Op::new_true:
      case Op::new_false:
        top->tag = PieceTag::boolean;
        (top++)->number = at[-1] == static_cast<char>(Op::new_true);
        break;
      case Op::bin_get:
        if (left(at) < 1 || !get(static_cast<unsigned char>(*at++), top++)) return false;
        break;
      case Op::long_bin_get:
        if (left(at) < 4 || !get(load_little<std::uint32_t>(at), top++)) return false;
        at += 4;
        break;
      case Op::bin_put:
        if (left(at) < 1 || !put(static_cast<unsigned char>(*at++), top)) return false;
        break;
      case Op::long_bin_put:
        if (left(at) < 4 || !put(load_little<std::uint32_t>(at), top)) return false;
        at += 4;
        break;
      case Op::bin_unicode:
        at = text(at, 4, PieceTag::string, top++);
        break;
      case Op::short_bin_bytes:
        at = text(at, 1, PieceTag::bytes, top++);
        break;
      case Op::bin_bytes:
        at = text(at, 4, PieceTag::bytes, top++);
        break;
      case Op::mark:
        if (!mark(top)) return false;
        break;
      case Op::empty_list:
        top = open(Kind::list, top);
        break;
      case Op::empty_dict:
        top = open(Kind::dict, top);
        break;
      case Op::append:
        top = add_top(Kind::list, 1, top);
        break;
      case Op::appends:
        top = add_marked(Kind::list, top);
        break;
      case Op::set_item:
        top = add_top(Kind::dict, 2, top);
        break;
      case Op::set_items:
        top = add_marked(Kind::dict, top);
        break;
      case Op::empty_tuple:
        top = collect_top(0, top);
        break;
      case Op::tuple1:
        top = collect_top(1, top);
        break;
      case Op::tuple2:
        top = collect_top(2, top);
        break;
      case Op::tuple3:
        top = collect_top(3, top);
        break;
      case Op::tuple:
        top = collect_marked(top);
        break;
      case Op::frame:
        if (left(at) < 8 || load_little<std::uint64_t>(at) > left(at + 8)) return false;
        at += 8;
        break;
      case Op::stop:
        return stop(at, top, out);
      default:
        return false;
    }
  }
  return false;
}

// --- Texts and numbers. Each returns where it ended.

inline const char* PlainReader::text(const char* at, std::size_t size_size, PieceTag tag,
                                     Piece* to) {
  if (left(at) < size_size) return nullptr;
  const std::uint32_t size =
      size_size == 1 ? static_cast<unsigned char>(*at) : load_little<std::uint32_t>(at);
  at += size_size;
  if (left(at) < size) return nullptr;
  if (tag == PieceTag::string && value::utf8_error({at, size}) != size) return nullptr;
  to->set_text(tag, at, size);
  at += size;
  // Nearly always the next entry. Handling it here twice is much cheaper than reading back what was
  // just written in parts.
  if (at == end_ || *at != static_cast<char>(Op::memoize)) return at;
  Piece* const remembered = next_memo();
  if (!remembered) return nullptr;
  remembered->set_text(tag, at - size, size);
  return at + 1;
}

const char* PlainReader::short_long(const char* at, Piece* to) {
  if (left(at) < 1) return nullptr;
  const auto size = static_cast<unsigned char>(*at++);
  if (size > sizeof(std::int64_t) || left(at) < size) return nullptr;
  to->tag = PieceTag::integer;
  to->number = read_short_long({at, size});
  return at + size;
}

// --- The memo, numbered like CPython's: from 0 up.

inline Piece* PlainReader::next_memo() {
  if (memo_top_ == memory_.memo.limit()) [[unlikely]] {
    // A memoized object becomes an item, too.
    const auto count = static_cast<std::size_t>(memo_top_ - memory_.memo.begin());
    if (count > elements_max_) return nullptr;
    memo_top_ = memory_.memo.grow(memo_top_);
  }
  return memo_top_++;
}

bool PlainReader::memoize(Piece* top) {
  if (!has(1, top)) return false;
  Piece* const remembered = next_memo();
  if (!remembered) return false;
  if (top[-1].is_container()) {
    remembered->tag = PieceTag::container;  // get() needs no more than this
  } else {
    *remembered = top[-1];
  }
  return true;
}

bool PlainReader::put(std::size_t index, Piece* top) {
  return index == static_cast<std::size_t>(memo_top_ - memory_.memo.begin()) && memoize(top);
}

// Copies of a shared container are left to the machine.
bool PlainReader::get(std::size_t index, Piece* to) {
  if (index >= static_cast<std::size_t>(memo_top_ - memory_.memo.begin())) return false;
  *to = memory_.memo.begin()[index];
  if (to->is_container()) return false;
  if (!to->is_text() || to->size <= Value::inline_text) return true;
  if (to->size > copies_left_) return false;
  copies_left_ -= to->size;
  return true;
}

bool read_plain(std::string_view bytes, const Limits& limits, Value& out) {
  if (bytes.size() > limits.max_bytes / 4 && bytes.size() > small) return false;
  thread_local PlainMemory memory;
  memory.prepare();
  const ClearedAtEnd cleared{memory};
  return PlainReader(memory, bytes, limits).run(out);
}

}  // namespace djcache::codec::pickle
