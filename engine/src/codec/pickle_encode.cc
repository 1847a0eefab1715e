#include "codec/integer_text.h"
#include "codec/limits.h"
#include "codec/pickle.h"
#include "codec/pickle_encoder.h"
#include "codec/pickle_text.h"
#include "codec/pickle_whole_text.h"
#include "value/number_text.h"
#include "value/utf8.h"

namespace djcache::codec {
namespace pickle {
namespace {

// CPython fills a container with at most this many items per batch.
constexpr std::size_t batch_max = 1000;

constexpr const char* set_member = "a member of a set";

}  // namespace

bool Encoder::fail(std::string reason) {
  error_ = {Errc::encode_failed, "pickle: " + std::move(reason)};
  return false;
}

bool Encoder::fail_size() {
  error_ = {Errc::value_too_large,
            "a value over the limit of " + std::to_string(limits_.max_bytes) + " bytes"};
  return false;
}

bool Encoder::enter(std::size_t depth, std::size_t count) {
  if (depth <= limits_.max_depth) {
    return elements_left_.take(count) || fail_elements(limits_, error_);
  }
  return fail("nested deeper than " + std::to_string(limits_.max_depth) + " levels");
}

// For lists, dicts, sets and signaling NaNs: false if Python has to hash them here.
bool Encoder::may_be(const char* place, const Value& value) {
  if (!place) return true;
  return fail("a " + std::string(to_string(value.kind())) + " cannot be " + place +
              ": Python cannot hash it");
}

bool Encoder::encode(const Value& value, std::size_t depth, const char* place) {
  return wrote(writer_.begin_object()) && encode_any(value, depth, place);
}

bool Encoder::encode_any(const Value& value, std::size_t depth, const char* place) {
  switch (value.kind()) {
    case Kind::nil:
      return wrote(writer_.op(Op::none));
    case Kind::boolean:
      return wrote(writer_.op(*value.as_bool() ? Op::new_true : Op::new_false));
    case Kind::integer:
      return wrote(writer_.integer(*value.as_int()));
    case Kind::big_integer:
      return encode_big_integer(value);
    case Kind::real:
      return wrote(writer_.real(*value.as_double()));
    case Kind::string:
      return encode_string(value.text());
    case Kind::bytes:
      return encode_bytes(value.text());
    case Kind::list:
      return may_be(place, value) && encode_list(*value.as_list(), depth + 1);
    case Kind::tuple:
      return encode_tuple(*value.as_sequence(), depth + 1, place);
    case Kind::dict:
      return may_be(place, value) && encode_dict(*value.as_dict(), depth + 1);
    case Kind::set:
      return may_be(place, value) && encode_set(value, depth + 1);
    case Kind::frozenset:
      return encode_set(value, depth + 1);
    case Kind::decimal:
      if (place && djcache::value::is_signaling(value.text())) return may_be(place, value);
      return encode_decimal(value.text());
    default:
      return encode_object(value);
  }
}

bool Encoder::encode_string(std::string_view text) {
  const std::size_t bad = value::utf8_error(text);
  if (bad != text.size()) {
    return fail("a str that is not UTF-8 at its byte " + std::to_string(bad) +
                "; store it as bytes");
  }
  return wrote(writer_.string(text) && writer_.memoize());
}

bool Encoder::encode_big_integer(const Value& value) {
  if (!check_digits(value, error_)) return false;
  LongBytes bytes;
  return wrote(writer_.long_integer({bytes.data(), decimal_to_long(value.text(), bytes)}));
}

bool Encoder::encode_list(const Value::List& items, std::size_t depth) {
  if (!enter(depth, items.size()) || !wrote(writer_.op(Op::empty_list) && writer_.memoize()))
    return false;
  if (items.size() != 1) return encode_items(items, Op::appends, depth, nullptr);
  return encode(items[0], depth) && wrote(writer_.op(Op::append));
}

bool Encoder::encode_items(const Value::List& items, Op end, std::size_t depth, const char* place) {
  for (std::size_t at = 0; at < items.size();) {
    if (!wrote(writer_.op(Op::mark))) return false;
    const std::size_t count = std::min(batch_max, items.size() - at);
    if (!encode_run({items.data() + at, count}, depth, place) || !wrote(writer_.op(end))) {
      return false;
    }
    at += count;
  }
  return true;
}

bool Encoder::encode_run(std::span<const Value> items, std::size_t depth, const char* place) {
  Writer::Cursor cursor = writer_.cursor();
  for (const Value& item : items) {
    if (!encode_next(cursor, item, depth, place)) return false;
  }
  writer_.resume(cursor);
  return true;
}

bool Encoder::encode_run(std::span<const DictItem> items, std::size_t depth) {
  Writer::Cursor cursor = writer_.cursor();
  for (const auto& [key, value] : items) {
    if (!encode_next(cursor, key, depth, "a key of a dict") ||
        !encode_next(cursor, value, depth, nullptr)) {
      return false;
    }
  }
  writer_.resume(cursor);
  return true;
}

// Values that put_plain() does not handle, or has no room for.
bool Encoder::encode_rare(Writer::Cursor& cursor, const Value& value, std::size_t depth,
                          const char* place) {
  writer_.resume(cursor);
  if (!encode(value, depth, place)) return false;
  cursor = writer_.cursor();
  return true;
}

// CPython's pickler ends a dict or set only after a batch that is not full, even an empty one.
bool Encoder::end_full_batches(std::size_t size, Op end) {
  return size == 0 || size % batch_max != 0 || wrote(writer_.op(Op::mark) && writer_.op(end));
}

bool Encoder::encode_tuple(const Value::List& items, std::size_t depth, const char* place) {
  if (!enter(depth, items.size())) return false;
  if (items.empty()) return wrote(writer_.op(Op::empty_tuple));
  if (items.size() > 3 && !wrote(writer_.op(Op::mark))) return false;
  return encode_run(items, depth, place) && wrote(end_tuple(items.size()));
}

bool Encoder::encode_dict(const Value::Items& items, std::size_t depth) {
  if (!enter(depth, 2 * items.size()) || !wrote(writer_.op(Op::empty_dict) && writer_.memoize()))
    return false;
  if (items.size() == 1) return encode_run(items, depth) && wrote(writer_.op(Op::set_item));
  for (std::size_t at = 0; at < items.size();) {
    if (!wrote(writer_.op(Op::mark))) return false;
    const std::size_t count = std::min(batch_max, items.size() - at);
    if (!encode_run({items.data() + at, count}, depth) || !wrote(writer_.op(Op::set_items))) {
      return false;
    }
    at += count;
  }
  return end_full_batches(items.size(), Op::set_items);
}

bool Encoder::encode_set(const Value& value, std::size_t depth) {
  const Value::List& items = *value.as_sequence();
  if (!enter(depth, items.size())) return false;
  if (writer_.protocol() < 4) return encode_set_before_4(value, depth);
  if (value.is(Kind::set)) {
    return wrote(writer_.op(Op::empty_set) && writer_.memoize()) &&
           encode_items(items, Op::add_items, depth, set_member) &&
           end_full_batches(items.size(), Op::add_items);
  }
  if (!wrote(writer_.op(Op::mark))) return false;
  return encode_run(items, depth, set_member) &&
         wrote(writer_.op(Op::frozen_set) && writer_.memoize());
}

bool Encoder::encode_set_before_4(const Value& value, std::size_t depth) {
  const Value::List& items = *value.as_sequence();
  if (!write_class(value.is(Kind::set) ? Class::set : Class::frozenset)) return false;
  if (!wrote(writer_.op(Op::empty_list) && writer_.memoize())) return false;
  if (items.size() == 1) {
    if (!encode(items[0], depth, set_member) || !wrote(writer_.op(Op::append))) return false;
  } else if (!encode_items(items, Op::appends, depth, set_member)) {
    return false;
  }
  return wrote(end_tuple(1) && end_reduce());
}

}  // namespace pickle

namespace {

// How much of a body is kept for the next call; memory for a huge value is freed.
constexpr std::size_t kept_capacity_max = 1u << 20;

}  // namespace

bool PickleCodec::encode(const Value& value, Scratch& scratch, Encoded& out, Error& error) const {
  if (value.is(Kind::integer) || value.is(Kind::big_integer)) {
    return write_integer(value, scratch, out, error) && check_size(out.size(), limits_, error);
  }
  if (scratch.body.capacity() > kept_capacity_max) std::string().swap(scratch.body);
  if (value.is(Kind::string) && protocol_ >= 4) {
    if (scratch.body.size() < pickle::whole_text_max) scratch.body.resize(1024);
    if (const std::size_t size =
            pickle::write_whole_text(value.text(), protocol_, scratch.body.data());
        size > 0 && size <= limits_.max_bytes) [[likely]] {
      out = {{}, {scratch.body.data(), size}};
      return true;
    }
  }
  pickle::Writer writer(scratch.body, protocol_, limits_.max_bytes);
  if (!pickle::Encoder(writer, limits_, error).encode(value, 0)) return false;
  std::string_view pickle;
  if (!writer.finish(pickle)) return check_size(limits_.max_bytes + 1, limits_, error);
  out = {{}, pickle};
  return check_size(pickle.size(), limits_, error);
}

}  // namespace djcache::codec
