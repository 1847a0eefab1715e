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

// One line per instruction. Where the machine must read the pickle, `at` or `top` becomes null.
bool PlainReader::run(Value& out) {
  const char* at = start(at_);
  Piece* top = base();
  const Piece* limit = memory_.stack.limit();
#define DJCACHE_OP(name, statement) \
  case Op::name:                    \
    statement;                      \
    break
  while (at && top && at < end_) {
    if (top == limit) [[unlikely]] {
      // Everything on the stack becomes an item of a container; their number is bounded.
      if (!elements_left_.covers(static_cast<std::size_t>(top - base()))) return false;
      top = memory_.stack.grow(top);
      limit = memory_.stack.limit();
    }
    switch (static_cast<Op>(static_cast<unsigned char>(*at++))) {
      DJCACHE_OP(short_bin_unicode, at = text(at, 1, PieceTag::string, top++));
      DJCACHE_OP(memoize, at = memoize(top) ? at : nullptr);
      DJCACHE_OP(bin_int1, at = integer<std::uint8_t>(at, top++));
      DJCACHE_OP(bin_int2, at = integer<std::uint16_t>(at, top++));
      DJCACHE_OP(bin_int, at = integer<std::int32_t>(at, top++));
      DJCACHE_OP(long1, at = short_long(at, top++));
      DJCACHE_OP(bin_float, at = real(at, top++));
      DJCACHE_OP(none, (top++)->tag = PieceTag::nil);
      DJCACHE_OP(new_true, (top++)->set_boolean(true));
      DJCACHE_OP(new_false, (top++)->set_boolean(false));
      DJCACHE_OP(bin_get, at = get<std::uint8_t>(at, top++));
      DJCACHE_OP(long_bin_get, at = get<std::uint32_t>(at, top++));
      DJCACHE_OP(bin_put, at = put<std::uint8_t>(at, top));
      DJCACHE_OP(long_bin_put, at = put<std::uint32_t>(at, top));
      DJCACHE_OP(bin_unicode, at = text(at, 4, PieceTag::string, top++));
      DJCACHE_OP(short_bin_bytes, at = text(at, 1, PieceTag::bytes, top++));
      DJCACHE_OP(bin_bytes, at = text(at, 4, PieceTag::bytes, top++));
      DJCACHE_OP(mark, at = mark(top) ? at : nullptr);
      DJCACHE_OP(empty_list, top = open(Kind::list, top));
      DJCACHE_OP(empty_dict, top = open(Kind::dict, top));
      DJCACHE_OP(append, top = add_top(Kind::list, 1, top));
      DJCACHE_OP(appends, top = add_marked(Kind::list, top));
      DJCACHE_OP(set_item, top = add_top(Kind::dict, 2, top));
      DJCACHE_OP(set_items, top = add_marked(Kind::dict, top));
      DJCACHE_OP(empty_tuple, top = collect_top(0, top));
      DJCACHE_OP(tuple1, top = collect_top(1, top));
      DJCACHE_OP(tuple2, top = collect_top(2, top));
      DJCACHE_OP(tuple3, top = collect_top(3, top));
      DJCACHE_OP(tuple, top = collect_marked(top));
      DJCACHE_OP(frame, at = frame(at));
      case Op::stop:
        return stop(at, top, out);
      default:
        return false;
    }
  }
#undef DJCACHE_OP
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

template <class T>
const char* PlainReader::integer(const char* at, Piece* to) {
  if (left(at) < sizeof(T)) return nullptr;
  to->tag = PieceTag::integer;
  to->number = load_little<T>(at);
  return at + sizeof(T);
}

inline const char* PlainReader::real(const char* at, Piece* to) {
  if (left(at) < sizeof(double)) return nullptr;
  to->tag = PieceTag::real;
  to->real = std::bit_cast<double>(load_big<std::uint64_t>(at));
  return at + sizeof(double);
}

// What a frame holds is read as it comes.
inline const char* PlainReader::frame(const char* at) const {
  if (left(at) < 8 || load_little<std::uint64_t>(at) > left(at + 8)) return nullptr;
  return at + 8;
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
    if (memoized() > elements_max_) return nullptr;
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

template <class Index>
const char* PlainReader::put(const char* at, Piece* top) {
  if (left(at) < sizeof(Index) || load_little<Index>(at) != memoized()) return nullptr;
  return memoize(top) ? at + sizeof(Index) : nullptr;
}

template <class Index>
const char* PlainReader::get(const char* at, Piece* to) {
  if (left(at) < sizeof(Index)) return nullptr;
  return recall(load_little<Index>(at), to) ? at + sizeof(Index) : nullptr;
}

// Copies of a shared container are left to the machine.
bool PlainReader::recall(std::size_t index, Piece* to) {
  if (index >= memoized()) return false;
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
