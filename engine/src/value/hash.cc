#include "value/hash.h"

#include <bit>
#include <cmath>
#include <cstring>
#include <random>

#include "value/work.h"

namespace djcache::value {
namespace {

struct Seed {
  std::uint64_t a, b;
};

const Seed& seed() {
  static const Seed made = [] {
    std::random_device source;
    const auto word = [&source] { return (std::uint64_t{source()} << 32) | source(); };
    return Seed{word(), word()};
  }();
  return made;
}

// SipHash-1-3 over 64-bit words.
class Hasher {
 public:
  Hasher()
      : v0_(seed().a ^ 0x736f6d6570736575),
        v1_(seed().b ^ 0x646f72616e646f6d),
        v2_(seed().a ^ 0x6c7967656e657261),
        v3_(seed().b ^ 0x7465646279746573) {}

  void add(std::uint64_t word) {
    v3_ ^= word;
    round();
    v0_ ^= word;
  }
  void add(std::string_view text) {
    add(text.size());
    for (; text.size() >= 8; text.remove_prefix(8)) add(word_of(text, 8));
    if (!text.empty()) add(word_of(text, text.size()));
  }
  std::uint64_t finish() {
    v2_ ^= 0xff;
    for (int i = 0; i < 3; ++i) round();
    return v0_ ^ v1_ ^ v2_ ^ v3_;
  }

 private:
  static std::uint64_t word_of(std::string_view text, std::size_t size) {
    std::uint64_t word = 0;
    std::memcpy(&word, text.data(), size);
    return word;
  }
  void round() {
    v0_ += v1_, v1_ = std::rotl(v1_, 13) ^ v0_, v0_ = std::rotl(v0_, 32);
    v2_ += v3_, v3_ = std::rotl(v3_, 16) ^ v2_;
    v0_ += v3_, v3_ = std::rotl(v3_, 21) ^ v0_;
    v2_ += v1_, v1_ = std::rotl(v1_, 17) ^ v2_, v2_ = std::rotl(v2_, 32);
  }

  std::uint64_t v0_, v1_, v2_, v3_;
};

std::uint64_t hash_of_two(std::uint64_t a, std::uint64_t b) {
  Hasher hasher;
  hasher.add(a);
  hasher.add(b);
  return hasher.finish();
}

std::uint64_t bits_of(double number) {
  if (std::isnan(number)) return 0x7ff8000000000000;  // NaN equals NaN
  return number == 0.0 ? 0 : std::bit_cast<std::uint64_t>(number);
}

void add_date(Hasher& hasher, const Date& date) {
  hasher.add((static_cast<std::uint64_t>(date.year) << 16) | (date.month << 8) | date.day);
}

void add_time(Hasher& hasher, const Time& time) {
  hasher.add((std::uint64_t{time.hour} << 56) | (std::uint64_t{time.minute} << 48) |
             (std::uint64_t{time.second} << 40) | (std::uint64_t{time.fold} << 32) |
             time.microsecond);
  hasher.add(static_cast<std::uint64_t>(time.zone.offset_us.value_or(INT64_MIN)));
  hasher.add(time.zone.name);
}

std::uint64_t hash_leaf(const Value& value) {
  Hasher hasher;
  hasher.add(static_cast<std::uint64_t>(value.kind()));
  switch (value.kind()) {
    case Kind::boolean:
      hasher.add(*value.as_bool());
      break;
    case Kind::integer:
      hasher.add(static_cast<std::uint64_t>(*value.as_int()));
      break;
    case Kind::real:
      hasher.add(bits_of(*value.as_double()));
      break;
    case Kind::date:
      add_date(hasher, *value.as_date());
      break;
    case Kind::time:
      add_time(hasher, *value.as_time());
      break;
    case Kind::datetime:
      add_date(hasher, value.as_datetime()->date);
      add_time(hasher, value.as_datetime()->time);
      break;
    case Kind::timedelta: {
      const TimeDelta& delta = *value.as_timedelta();
      hasher.add(static_cast<std::uint64_t>(delta.days));
      hasher.add((static_cast<std::uint64_t>(delta.seconds) << 32) ^
                 static_cast<std::uint32_t>(delta.microseconds));
      break;
    }
    case Kind::uuid:
      hasher.add(std::string_view(reinterpret_cast<const char*>(value.as_uuid()->bytes), 16));
      break;
    default:
      hasher.add(value.text());
  }
  return hasher.finish();
}

std::uint64_t finished(Kind kind, std::size_t child_count, std::uint64_t sum) {
  return hash_of_two(sum, (child_count << 8) | static_cast<std::uint64_t>(kind));
}

// A container whose children are being hashed. Ordered kinds chain the hashes of their children,
// the others add them up.
struct Frame {
  const Value* node;
  std::size_t next = 0;
  std::uint64_t sum = 0;
  std::uint64_t key = 0;  // dict: the hash of the key whose value is next

  std::size_t child_count() const {
    const Value::List* list = node->as_sequence();
    return list ? list->size() : 2 * node->as_dict()->size();
  }
  const Value& child(std::size_t index) const {
    if (const Value::List* list = node->as_sequence()) return (*list)[index];
    const DictItem& item = (*node->as_dict())[index / 2];
    return index % 2 == 0 ? item.first : item.second;
  }
  void take(std::uint64_t child_hash) {
    const std::size_t index = next++;
    if (node->is(Kind::list) || node->is(Kind::tuple)) {
      sum = hash_of_two(sum, child_hash);
    } else if (!node->is(Kind::dict)) {
      sum += child_hash;
    } else if (index % 2 == 0) {
      key = child_hash;
    } else {
      sum += hash_of_two(key, child_hash);
    }
  }
  std::uint64_t finish() const { return finished(node->kind(), child_count(), sum); }
  bool is_unordered() const { return !node->is(Kind::list) && !node->is(Kind::tuple); }
};

bool has_children(const Value& value) { return value.as_sequence() || value.as_dict(); }

}  // namespace

constinit thread_local std::uint64_t work_done = 0;

std::uint64_t hash(const Value& value, KnownHashes* known) {
  if (!has_children(value)) {
    work_done += work_of(value);
    return hash_leaf(value);
  }
  if (known && !known->empty()) {
    if (const auto found = known->find(&value); found != known->end()) return found->second;
  }
  std::uint64_t work = 1;
  std::vector<Frame> open;
  open.push_back({.node = &value});
  for (;;) {
    Frame& top = open.back();
    if (top.next < top.child_count()) {
      const Value& child = top.child(top.next);
      work += work_of(child);
      if (has_children(child)) {
        open.push_back({.node = &child});
      } else {
        top.take(hash_leaf(child));
      }
      continue;
    }
    const std::uint64_t finished = top.finish();
    const Value* const node = top.node;
    open.pop_back();
    if (open.empty()) {
      work_done += work;
      return finished;
    }
    if (known && open.back().is_unordered()) known->emplace(node, finished);
    open.back().take(finished);
  }
}

std::uint64_t hash_of(Kind kind, std::span<const std::uint64_t> children) {
  std::uint64_t sum = 0;
  for (const std::uint64_t child : children) {
    sum = kind == Kind::tuple ? hash_of_two(sum, child) : sum + child;
  }
  return finished(kind, children.size(), sum);
}

}  // namespace djcache::value
