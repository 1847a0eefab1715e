#include "codec/pickle_build.h"

#include <cmath>
#include <memory>

#include "codec/limits.h"
#include "codec/pickle_datetime.h"
#include "codec/pickle_error.h"
#include "codec/pickle_text.h"
#include "value/distinct.h"
#include "value/number_text.h"

namespace djcache::codec::pickle {
namespace {

// malloc's approximate overhead per block.
constexpr std::size_t block_overhead = 16;

constexpr std::string_view cannot_hash = " is a key or a member of a set: Python cannot hash it";

class Builder {
 public:
  Builder(Graph& graph, const Limits& limits, Error& error)
      : graph_(graph), limits_(limits), elements_left_(limits), error_(error) {
    graph.copies_left =
        std::min(graph.copies_left, copies_max(graph.size, copies_of_containers, limits));
  }

  // REQUIRES: `out` is nil.
  bool fill(const Ref& ref, Value& out) {
    switch (ref.tag) {
      case Tag::nil:
        return true;
      case Tag::boolean:
        std::construct_at(&out, ref.number != 0);
        return true;
      case Tag::integer:
        std::construct_at(&out, ref.number);
        return true;
      case Tag::real:
        std::construct_at(&out, ref.real);
        return nan(std::isnan(ref.real));
      case Tag::string:
        if (ref.index > Value::inline_text && !pay(ref.index)) return false;
        std::construct_at(&out, ref.text());
        return true;
      case Tag::node:
        return fill_node(graph_.nodes[ref.index], out);
      default:
        return fill_rare(ref, out);
    }
  }

 private:
  // Counts a block of memory.
  bool pay(std::size_t bytes) {
    Memory::take(bytes + block_overhead);
    return pay_for_copy(bytes);
  }

  // Counts a copy of an object that is built again.
  bool pay_for_copy(std::size_t bytes) {
    if (!copying_) return true;
    graph_.work.allow(bytes / 32);
    if (graph_.pay_for_copy(bytes + block_overhead)) return true;
    return fail_at(error_, "an object", position_, no_copies_left);
  }

  // Counts the memory that removing duplicates takes meanwhile.
  void check_room(std::size_t keys, std::size_t start) const {
    const std::size_t bytes = hashes_.room_for(keys, start);
    Memory::take(bytes);
    Memory::give(bytes);
  }

  bool pay_for_work(std::size_t units) {
    if (graph_.work.pay(units)) return true;
    return fail_at(error_, "a container", position_, no_work_left);
  }

  bool fill_rare(const Ref& ref, Value& out) {
    switch (ref.tag) {
      case Tag::bytes:
        if (ref.index > Value::inline_text && !pay(ref.index)) return false;
        out = Value::bytes(ref.text());
        return true;
      case Tag::decimal:
        if (ref.index > Value::inline_text && !pay(ref.index)) return false;
        if (hashed_ && value::is_signaling(ref.text())) {
          return fail_at(error_, "a signaling NaN in the container", position_, cannot_hash);
        }
        out = *Value::decimal(ref.text());
        return nan(value::is_nan(ref.text()));
      case Tag::long_bytes:
      case Tag::long_text:
        return fill_integer(ref, out);
      case Tag::date:
      case Tag::time:
      case Tag::datetime:
        return fill_datetime(ref, out);
      case Tag::timedelta:
        out = timedelta_of(ref);
        return true;
      case Tag::opaque:
        if (!pay(graph_.memory_of(ref))) return false;
        out = Value::opaque(graph_.opaques[ref.index]);
        return true;
      case Tag::pending:
        return fill_pending(graph_.pending[ref.index], out);
      case Tag::zone:
        return fail_at(error_, "a time zone in the container", position_, " is no value by itself");
      default:
        return fail_at(error_, name_of(static_cast<Global>(ref.index)) + " in the container",
                       position_, " is a class or function, and no value");
    }
  }

  bool fill_integer(const Ref& ref, Value& out) {
    const std::size_t size = graph_.memory_of(ref);
    if (size > 0 && !pay(size)) return false;
    DecimalText buffer;
    std::string_view text = ref.text();
    if (ref.tag == Tag::long_bytes && !long_to_decimal(ref.text(), buffer, text)) {
      return fail_at(error_, "an int", static_cast<std::size_t>(ref.data - graph_.begin),
                     " has more digits than Python converts, 4300");
    }
    out = *Value::integer(text);
    return true;
  }

  TimeZone zone_of(const Ref& ref, bool has_date) const {
    if (ref.index == no_index) return {};
    const Zone& zone = graph_.zones[ref.index];
    TimeZone made{.offset_us = std::nullopt, .name = std::string(zone.name)};
    if (zone.has_offset && (has_date || !zone.needs_date)) made.offset_us = zone.offset_us;
    return made;
  }

  // States were checked when they were read.
  bool fill_datetime(const Ref& ref, Value& out) {
    if (ref.tag == Tag::date) {
      Date date;
      read_date_state({ref.data, date_size}, date);
      out = date;
      return true;
    }
    if (!pay(graph_.memory_of(ref))) return false;
    if (!elements_left_.take(Limits::of_datetime)) {
      return fail_at(error_, "a datetime or time in the container", position_,
                     over_elements(limits_));
    }
    if (ref.tag == Tag::time) {
      Time time;
      read_time_state({ref.data, time_size}, time);
      time.zone = zone_of(ref, false);
      out = Value(std::move(time));
    } else {
      DateTime datetime;
      read_datetime_state({ref.data, datetime_size}, datetime);
      datetime.time.zone = zone_of(ref, true);
      out = Value(std::move(datetime));
    }
    return true;
  }

  bool fill_pending(const Pending& object, Value& out) {
    if (object.cls == Global::uuid && object.finished) return out = object.bits, true;
    return fail_at(error_, name_of(object.cls) + " in the container", position_,
                   object.cls == Global::uuid ? " has no bits" : " is no value by itself");
  }

  // To Python each NaN is a different key; here they are all one.
  bool nan(bool is_nan) {
    if (is_nan && hashed_) ++nans_;
    return true;
  }
  bool check_nans(const Node& node, std::size_t holding_nan, bool lost) {
    if (holding_nan <= 1 || !lost) return true;
    return fail_at(error_, "a " + std::string(to_string(node.kind)), node.position,
                   " has NaN twice: that is two keys to Python, and one here");
  }

  bool fill_node(Node& node, Value& out) {
    if (node.open) {
      return fail_at(error_, "a " + std::string(to_string(node.kind)), node.position,
                     " contains itself");
    }
    if (++depth_ > limits_.max_depth) {
      return fail_at(error_, "nested deeper than " + std::to_string(limits_.max_depth) + " levels",
                     node.position, "");
    }
    if (hashed_ && !check_hashable(node)) return false;
    const bool outer_copying = copying_;
    const std::size_t outer_position = std::exchange(position_, node.position);
    copying_ |= node.built;
    node.open = true;
    if (!fill_container(node, out)) return false;
    node.open = false;
    node.built = true;
    copying_ = outer_copying;
    position_ = outer_position;
    --depth_;
    return true;
  }

  bool check_hashable(const Node& node) {
    if (node.kind == Kind::tuple || node.kind == Kind::frozenset) return true;
    return fail_at(error_, "a " + std::string(to_string(node.kind)), node.position, cannot_hash);
  }

  bool fill_container(const Node& node, Value& out) {
    const std::size_t skipped = graph_.skipped(node), count = node.count - skipped;
    if (!pay_for_copy(count * sizeof(Value))) return false;
    if (!elements_left_.take(count)) {
      return fail_at(
          error_,
          "a " + std::string(to_string(node.kind)) + " of " + std::to_string(count) + " items",
          node.position, over_elements(limits_));
    }
    graph_.work.allow(WorkLeft::for_item * count);
    if (!pay_for_work(skipped / 8)) return false;
    Memory::take(count * sizeof(Value));
    if (node.kind == Kind::dict) return fill_dict(node, out);
    Value::List items(count);
    const std::size_t start = hashes_.size();
    if (node.kind == Kind::set || node.kind == Kind::frozenset || node.distinct) {
      if (!fill_distinct(node, skipped, items)) return false;
    } else if (!fill_items(node, skipped,
                           [&](const Ref& ref, std::size_t at) { return fill(ref, items[at]); })) {
      return false;
    } else if (hashed_) {
      hashes_.add(node.kind, items, false, start);
    }
    switch (node.kind) {
      case Kind::list:
        out = Value::list(std::move(items));
        return true;
      case Kind::tuple:
        out = Value::tuple(std::move(items));
        return true;
      default:
        out = node.kind == Kind::set ? Value::set(std::move(items))
                                     : Value::frozenset(std::move(items));
        return true;
    }
  }

  // Calls f(child, position) for all but the first `skipped` children.
  template <class F>
  bool fill_items(const Node& node, std::size_t skipped, F f) {
    std::size_t at = 0;
    return graph_.each_child(
        node, [&](const Ref& ref) { return at++ < skipped || f(ref, at - 1 - skipped); });
  }

  bool fill_distinct(const Node& node, std::size_t skipped, Value::List& items) {
    const bool outer_hashed = std::exchange(hashed_, true);
    const std::size_t start = hashes_.size();
    std::size_t holding_nan = 0;
    const bool filled = fill_items(node, skipped, [&](const Ref& ref, std::size_t at) {
      const std::size_t nans = nans_;
      if (!fill(ref, items[at])) return false;
      holding_nan += nans_ != nans;
      return true;
    });
    if (!filled) return false;
    hashed_ = outer_hashed;
    const std::size_t count = items.size();
    check_room(count, start);
    if (hashed_) {
      hashes_.add(node.kind, items, true, start);
    } else {
      hashes_.keep_first_of_equal(items, start);
    }
    return pay_for_work(0) && check_nans(node, holding_nan, items.size() < count);
  }

  bool fill_dict(const Node& node, Value& out) {
    if (node.multi_value && !node.sealed) {
      return fail_at(error_, "a MultiValueDict", node.position, " has no lists");
    }
    std::size_t holding_nan = 0;
    Value::Items items(node.count / 2);
    DictItem* at = items.data();
    bool is_key = true;
    const bool outer_hashed = hashed_;
    const std::size_t start = hashes_.size();
    const bool filled = graph_.each_child(node, [&](const Ref& ref) {
      if (is_key) {
        hashed_ = true;
        const std::size_t nans = nans_;
        if (!fill(ref, at->first)) return false;
        holding_nan += nans_ != nans;
      } else {
        hashed_ = outer_hashed;
        if (!fill(ref, (at++)->second)) return false;
      }
      is_key = !is_key;
      return true;
    });
    if (!filled) return false;
    hashed_ = outer_hashed;
    const std::size_t count = items.size();
    check_room(count, start);
    hashes_.keep_last_of_equal_keys(items, start);
    const bool lost = items.size() < count;
    out = Value::dict();
    out.mutable_dict()->swap(items);
    return pay_for_work(0) && check_nans(node, holding_nan, lost);
  }

  Graph& graph_;
  const Limits& limits_;
  ElementsLeft elements_left_;
  value::Hashes hashes_;
  Error& error_;
  std::size_t depth_ = 0;
  std::size_t position_ = 0;  // of the container being filled
  std::size_t nans_ = 0;      // that Python hashed so far
  bool copying_ = false;      // an enclosing container is built again
  bool hashed_ = false;       // inside of a key or of a member of a set
};

}  // namespace

bool build(Graph& graph, const Ref& root, const Limits& limits, Value& out, Error& error) {
  return Builder(graph, limits, error).fill(root, out);
}

}  // namespace djcache::codec::pickle
