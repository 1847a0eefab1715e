#include "codec/pickle_plain_reader.h"
#include "value/distinct.h"

namespace djcache::codec::pickle {

// --- Containers. Each gives the new top of the stack.

Piece* PlainReader::open(Kind kind, Piece* top) {
  top->tag = PieceTag::container;
  top->size = static_cast<std::uint32_t>(memory_.containers.size());
  top->number = 1;
  memory_.containers.push_back(kind == Kind::list ? Value::list() : Value::dict());
  return max_depth_ > 0 ? top + 1 : nullptr;
}

// What lies from `first` to `top`, to the container before it.
// REQUIRES: there is something before it.
Piece* PlainReader::add(Kind kind, Piece* first, Piece* top) {
  Piece& target = first[-1];
  if (!target.is_container() || !pay(first, top) || !raise(target, first, top)) return nullptr;
  Value& container = memory_.containers[target.size];
  if (!container.is(kind)) return nullptr;
  if (kind == Kind::list) {
    fill(*container.mutable_sequence(), first, top);
  } else if (!fill(*container.mutable_dict(), first, top)) {
    return nullptr;
  }
  while (memory_.containers.size() > target.size + 1) memory_.containers.pop_back();
  return first;
}

Piece* PlainReader::collect(Piece* first, Piece* top) {
  if (!pay(first, top)) return nullptr;
  Piece made;
  made.tag = PieceTag::container;
  made.number = 1;
  if (max_depth_ < 1 || !raise(made, first, top)) return nullptr;
  Value::List items;
  fill(items, first, top);
  for (const Piece* at = first; at < top; ++at) {
    if (at->is_container()) memory_.containers.pop_back();
  }
  made.size = static_cast<std::uint32_t>(memory_.containers.size());
  memory_.containers.push_back(Value::tuple(std::move(items)));
  *first = made;
  return first + 1;
}

inline bool PlainReader::pay(const Piece* first, const Piece* top) {
  const auto count = static_cast<std::size_t>(top - first);
  if (count > elements_left_) return false;
  elements_left_ -= count;
  return true;
}

// The container gets one level more than the deepest of its items.
inline bool PlainReader::raise(Piece& container, const Piece* first, const Piece* top) {
  for (; first < top; ++first) {
    if (first->is_container()) container.number = std::max(container.number, first->number + 1);
  }
  return container.number <= max_depth_;
}

inline void PlainReader::place(const Piece& piece, Value& nil) {
  switch (piece.tag) {
    case PieceTag::nil:
      return;
    case PieceTag::boolean:
      std::construct_at(&nil, piece.number != 0);
      return;
    case PieceTag::integer:
      std::construct_at(&nil, piece.number);
      return;
    case PieceTag::real:
      std::construct_at(&nil, piece.real);
      return;
    case PieceTag::string:
      std::construct_at(&nil, std::string_view(piece.data, piece.size));
      return;
    case PieceTag::bytes:
      nil = Value::bytes(std::string_view(piece.data, piece.size));
      return;
    case PieceTag::container: {
      Value& container = memory_.containers[piece.size];
      if (Value::Items* const items = container.mutable_dict()) {
        value::keep_last_of_equal_keys(*items);
      }
      std::construct_at(&nil, std::move(container));
    }
  }
}

void PlainReader::fill(Value::List& list, const Piece* first, const Piece* top) {
  const std::size_t size = list.size();
  list.resize(size + static_cast<std::size_t>(top - first));
  for (Value* to = list.data() + size; first < top; ++first) place(*first, *to++);
}

// A container as a key is rare, and need not be one that can be hashed.
bool PlainReader::fill(Value::Items& items, const Piece* first, const Piece* top) {
  const std::size_t size = items.size(), count = static_cast<std::size_t>(top - first);
  if (count % 2 != 0) return false;
  items.resize(size + count / 2);
  for (DictItem* to = items.data() + size; first < top; first += 2, ++to) {
    if (first->is_container()) return false;
    place(first[0], to->first);
    place(first[1], to->second);
  }
  return true;
}

bool PlainReader::stop(const char* at, Piece* top, Value& out) {
  if (at != end_ || mark_count_ != 0 || top != base() + 1) return false;
  out = Value();
  place(*base(), out);
  return true;
}

}  // namespace djcache::codec::pickle
