#include <cmath>

#include "codec/pickle_plain_reader.h"
#include "value/distinct.h"

namespace djcache::codec::pickle {

// Written in place: making a Value and moving it would cost more than everything else here.
// REQUIRES: `to` is nil.
inline void PlainReader::place(const Piece& piece, Value* to) {
  switch (piece.tag) {
    case PieceTag::nil:
      return;
    case PieceTag::boolean:
      std::construct_at(to, piece.number != 0);
      return;
    case PieceTag::integer:
      std::construct_at(to, piece.number);
      return;
    case PieceTag::real:
      std::construct_at(to, piece.real);
      return;
    case PieceTag::string:
      std::construct_at(to, std::string_view(piece.data, piece.size));
      return;
    case PieceTag::bytes:
      *to = Value::bytes(std::string_view(piece.data, piece.size));
      return;
    case PieceTag::container:
      std::construct_at(to, take(piece));
  }
}

// Takes a finished container out of those without a parent.
Value&& PlainReader::take(const Piece& piece) {
  Value& container = memory_.containers[piece.size];
  if (Value::Items* const items = container.mutable_dict()) {
    value::Hashes().keep_last_of_equal_keys(*items, 0);  // no key has children; see fill()
  }
  levels_ = std::max(levels_, piece.levels + 1);
  return std::move(container);
}

bool PlainReader::stop(const char* at, Piece* top, Value& out) {
  if (at != end_ || mark_count_ != 0 || top != base() + 1) return false;
  make_nil(out);
  place(*base(), &out);
  return true;
}

// --- Each returns the new top of the stack.

Piece* PlainReader::push_container(Value&& container, std::int64_t levels, Piece* top) {
  if (levels > max_depth_) return nullptr;
  top->tag = PieceTag::container;
  top->size = static_cast<std::uint32_t>(memory_.containers.size());
  top->levels = levels;
  memory_.containers.push_back(std::move(container));
  return top + 1;
}

Piece* PlainReader::open(Kind kind, Piece* top) {
  return push_container(kind == Kind::list ? Value::list() : Value::dict(), 1, top);
}

Piece* PlainReader::add(Kind kind, Piece* first, Piece* top) {
  Piece& target = first[-1];
  if (!target.is_container() || !pay(first, top)) return nullptr;
  Value& container = memory_.containers[target.size];
  if (!container.is(kind)) return nullptr;
  levels_ = target.levels;
  if (kind == Kind::list) {
    fill(*container.mutable_sequence(), first, top);
  } else if (!fill(*container.mutable_dict(), first, top)) {
    return nullptr;
  }
  target.levels = levels_;
  while (memory_.containers.size() > target.size + 1) memory_.containers.pop_back();
  return levels_ <= max_depth_ ? first : nullptr;
}

Piece* PlainReader::collect(Piece* first, Piece* top) {
  if (!pay(first, top)) return nullptr;
  levels_ = 1;
  Value tuple = Value::tuple();
  fill(*tuple.mutable_sequence(), first, top);
  for (const Piece* at = first; at < top; ++at) {
    if (at->is_container()) memory_.containers.pop_back();
  }
  return push_container(std::move(tuple), levels_, first);
}

void PlainReader::fill(Value::List& list, const Piece* first, const Piece* top) {
  const std::size_t size = list.size();
  list.resize(size + static_cast<std::size_t>(top - first));
  for (Value* to = list.data() + size; first < top; ++first) place(*first, to++);
}

// Containers as keys are rare and may be unhashable, and NaNs as keys may be distinct.
bool PlainReader::fill(Value::Items& items, const Piece* first, const Piece* top) {
  const std::size_t size = items.size(), count = static_cast<std::size_t>(top - first);
  if (count % 2 != 0) return false;
  items.resize(size + count / 2);
  for (DictItem* to = items.data() + size; first < top; first += 2, ++to) {
    if (first->is_container() || (first->tag == PieceTag::real && std::isnan(first->real))) {
      return false;
    }
    place(first[0], &to->first);
    place(first[1], &to->second);
  }
  return true;
}

}  // namespace djcache::codec::pickle
