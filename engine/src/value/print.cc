// to_string(Value): containers, and the limit of `max_size` bytes.
#include <djcache/value.h>

#include "value/print_text.h"

namespace djcache {
namespace {

constexpr int depth_max = 200;

class Printer {
 public:
  explicit Printer(std::size_t max_size) : max_size_(max_size) {}

  void print(const Value& value, int depth) {
    if (const Value::List* list = value.as_sequence())
      return print_list(value.kind(), *list, depth);
    if (const Value::Items* items = value.as_dict()) return print_dict(*items, depth);
    print_leaf(value);
  }

  std::string take() && {
    if (full()) {
      std::size_t end = max_size_;
      while (end > 0 && (out_[end] & 0xc0) == 0x80) --end;  // never in the middle of a character
      out_.resize(end);
      out_ += "...";
    }
    return std::move(out_);
  }

 private:
  bool full() const { return out_.size() > max_size_; }

  void print_list(Kind kind, const Value::List& list, int depth) {
    if (kind == Kind::set && list.empty()) {
      out_ += "set()";
      return;
    }
    if (kind == Kind::frozenset) out_ += "frozenset(";
    const bool braces = kind == Kind::set || (kind == Kind::frozenset && !list.empty());
    if (kind == Kind::list) out_ += '[';
    if (kind == Kind::tuple) out_ += '(';
    if (braces) out_ += '{';
    print_members(list, depth);
    if (kind == Kind::tuple && list.size() == 1) out_ += ',';
    if (braces) out_ += '}';
    if (kind == Kind::list) out_ += ']';
    if (kind == Kind::tuple || kind == Kind::frozenset) out_ += ')';
  }

  void print_members(const Value::List& list, int depth) {
    if (depth >= depth_max) {
      out_ += "...";
      return;
    }
    for (std::size_t i = 0; i < list.size() && !full(); ++i) {
      if (i > 0) out_ += ", ";
      print(list[i], depth + 1);
    }
  }

  void print_dict(const Value::Items& items, int depth) {
    out_ += '{';
    if (depth >= depth_max) out_ += "...";
    for (std::size_t i = 0; i < items.size() && depth < depth_max && !full(); ++i) {
      if (i > 0) out_ += ", ";
      print(items[i].first, depth + 1);
      out_ += ": ";
      print(items[i].second, depth + 1);
    }
    out_ += '}';
  }

  void print_leaf(const Value& value) {
    switch (value.kind()) {
      case Kind::nil:
        out_ += "None";
        break;
      case Kind::boolean:
        out_ += *value.as_bool() ? "True" : "False";
        break;
      case Kind::integer:
        value::print_integer(out_, *value.as_int());
        break;
      case Kind::real:
        value::print_real(out_, *value.as_double());
        break;
      case Kind::string:
        value::print_string(out_, value.text(), max_size_);
        break;
      case Kind::bytes:
        value::print_bytes(out_, value.text(), max_size_);
        break;
      case Kind::date:
        value::print_date(out_, *value.as_date());
        break;
      case Kind::time:
        value::print_time(out_, *value.as_time());
        break;
      case Kind::datetime:
        value::print_datetime(out_, *value.as_datetime());
        break;
      case Kind::timedelta:
        value::print_timedelta(out_, *value.as_timedelta());
        break;
      case Kind::uuid:
        value::print_uuid(out_, *value.as_uuid());
        break;
      case Kind::opaque:
        out_.append("<").append(value.opaque_class()).append(">");
        break;
      case Kind::decimal:
        out_.append("Decimal('").append(value.text()).append("')");
        break;
      default:
        out_.append(value.text());
    }
  }

  std::size_t max_size_;
  std::string out_;
};

}  // namespace

std::string to_string(const Value& value, std::size_t max_size) {
  Printer printer(max_size);
  printer.print(value, 0);
  return std::move(printer).take();
}

}  // namespace djcache
