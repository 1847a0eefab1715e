// The cost of reading is in proportion to the input, even if it is hostile: in each family of
// values twice the size costs at most twice the work, or is refused before it has cost more. Work
// is counted; see value/work.h.
#include <gtest/gtest.h>

#include "codec/codec_fixture.h"
#include "codec/compressor.h"
#include "codec/limits.h"
#include "value/work.h"

namespace djcache::codec {
namespace {

constexpr Limits limits{.max_bytes = 32u << 20, .max_depth = 1000};

struct Cost {
  bool is_read = false;
  std::uint64_t work = 0;
  std::string reason;
};

Cost cost_of(const Codec& codec, std::string_view bytes) {
  Cost cost;
  Value value;
  Error error;
  const std::uint64_t before = value::work_done;
  cost.is_read = codec.decode(bytes, value, error);
  cost.work = value::work_done - before;
  cost.reason = error.detail;
  return cost;
}

std::string times(std::size_t count, std::string_view piece) {
  std::string all;
  for (std::size_t i = 0; i < count; ++i) all += piece;
  return all;
}
std::string number(std::size_t n) { return {'M', static_cast<char>(n), static_cast<char>(n >> 8)}; }
std::string numbers(std::size_t count) {
  std::string all;
  for (std::size_t i = 0; i < count; ++i) all += number(i);
  return all;
}
std::string text(std::size_t size) {
  std::string head = "X....";
  for (int i = 0; i < 4; ++i) head[1 + i] = static_cast<char>(size >> (8 * i));
  return head + std::string(size, '1');
}
std::string pickle(const std::string& body) { return "\x80\x04" + body + '.'; }

// --- Families of pickles, each by its size.

// Nested frozensets and tuples around a few numbers.
std::string nested(std::size_t depth, const std::string& close) {
  std::string body = times(depth, "(") + numbers(200);
  for (std::size_t i = 0; i < depth; ++i) body += number(i) + (i % 2 ? close : "\x91");
  return body;
}
std::string nested_frozensets(std::size_t n) { return pickle(nested(n, "\x91")); }
std::string nested_tuples_as_keys(std::size_t n) { return pickle("}" + nested(n, "t") + "Ns"); }
std::string equal_members(std::size_t n) {
  return pickle("(" + times(n, nested(20, "\x91")) + "\x91");
}
std::string wide_and_equal(std::size_t n) {
  return pickle("(" + times(12, '(' + numbers(10 * n) + "t") + "\x91");
}
std::string nearly_equal_tuples(std::size_t n) {
  std::string body = "(";
  for (std::size_t i = 0; i < 16; ++i) body += '(' + times(10 * n, "K\x01") + number(i) + 't';
  return pickle(body + "\x91");
}
std::string nearly_equal_numbers(std::size_t n) {
  std::string body = "(";
  for (std::size_t i = 0; i < n; ++i) {
    body += number(i) + "cdecimal\nDecimal\n\x8c\x04" + std::to_string(1000 + i) + "\x85R";
  }
  return pickle(body + "\x91");
}
// Each level five times the one before.
std::string shared_frozensets(std::size_t n) {
  std::string body = "(" + numbers(14) + "\x91\x94" + "0";
  for (std::size_t level = 0; level < n / 8; ++level) {
    body += '(';
    for (std::size_t i = 0; i < 5; ++i) {
      body += std::string{'h', static_cast<char>(level)} + number(i) + "\x86";
    }
    body += "\x91\x94" + std::string("0");
  }
  return pickle(body + 'h' + static_cast<char>(n / 8));
}
std::string states(std::size_t n) {
  const std::string items = '(' + numbers(2 * n);
  return pickle("}\x8c\x05_data" + items + "ds\x94" + "0" +
                "cdjango.utils.datastructures\nMultiValueDict\n)\x81" + items + 'u' +
                times(10 * n, std::string("h\0b", 3)));
}
std::string calls(const std::string& function, const std::string& arguments, std::size_t n) {
  return pickle('c' + function + "\n\x94" + "0(" + arguments + "t\x94" + "0(" +
                times(n, std::string("h\0h\x01R", 5)) + "t");
}
std::string decimals(std::size_t n) { return calls("decimal\nDecimal", text(20 * n), n); }
std::string texts(std::size_t n) { return calls("builtins\nstr", text(20 * n), n); }
std::string fractions(std::size_t n) {
  return calls("fractions\nFraction",
               "\x8c\x13"
               "1234567890123456/17",
               n);
}
std::string encoded(std::size_t n) {
  return calls("_codecs\nencode", text(20 * n) + "\x8c\x06latin1", n);
}
std::string lazy_texts(std::size_t n) {
  return calls("django.utils.functional\n_lazy_proxy_unpickle",
               "cdjango.utils.translation\ngettext\n\x8c\x01"
               "a\x85}" +
                   times(n, "cbuiltins\nstr\n"),
               10 * n);
}
std::string long_integers(std::size_t n) {
  std::string bytes = "\x8b....";
  const std::size_t size = 1000;
  for (int i = 0; i < 4; ++i) bytes[1 + i] = static_cast<char>(size >> (8 * i));
  return pickle('(' + bytes + std::string(size, '\x11') + "\x94" +
                times(100 * n, std::string("h\0", 2)) + "\x91");
}
std::string bounded_deques(std::size_t n) {
  return pickle(
      "ccollections\ndeque\n\x94"
      "0h" +
      std::string(1, '\0') + ")M\x01" + std::string(1, '\0') + "\x86R(" + times(10 * n, "N") +
      "e\x94" + "0(" + times(10 * n, std::string("h\0h\x01K\x01\x86R", 8)) + "t");
}

struct Family {
  const char* name;
  std::string (*make)(std::size_t);
  bool may_be_refused = false;
  bool copies = false;  // it is built of copies, which have a bound of their own
};

constexpr Family families[] = {
    {"nested_frozensets", nested_frozensets},
    {"nested_tuples_as_keys", nested_tuples_as_keys},
    {"equal_members", equal_members},
    {"wide_and_equal", wide_and_equal},
    {"nearly_equal_tuples", nearly_equal_tuples},
    {"nearly_equal_numbers", nearly_equal_numbers},
    {"shared_frozensets", shared_frozensets, true, true},
    {"states", states, true},
    {"decimals", decimals, true},
    {"texts", texts, true},
    {"fractions", fractions},
    {"encoded", encoded, true},
    {"lazy_texts", lazy_texts, true},
    {"long_integers", long_integers, true},
    {"bounded_deques", bounded_deques, true},
};

// Read or refused.
TEST(Work, OfPicklesIsInProportionToTheirSize) {
  const auto codec = make_codec(Serializer::pickle, limits);
  for (const Family& family : families) {
    for (const std::size_t n : {25, 50, 100, 200, 400}) {
      const std::string bytes = family.make(n);
      const Cost cost = cost_of(*codec, bytes);
      EXPECT_TRUE(cost.is_read || family.may_be_refused) << family.name << n << cost.reason;
      const std::size_t copies =
          family.copies ? copies_max(bytes.size(), copies_of_containers, limits) : 0;
      EXPECT_LE(cost.work, 5000 + 4 * bytes.size() + copies / sizeof(Value)) << family.name << n;
    }
  }
}

Value nested(Kind kind, std::size_t levels) {
  Value inner = Value::tuple({1, 2});
  for (std::size_t i = 0; i < levels; ++i) {
    Value::List members;
    members.push_back(std::move(inner));
    members.push_back(i);
    inner = kind == Kind::tuple ? Value::tuple(std::move(members))
                                : Value::frozenset(std::move(members));
  }
  return inner;
}

TEST(Work, OfMsgpackIsInProportionToItsSize) {
  const auto codec = make_codec(Serializer::msgpack, limits);
  for (const Kind kind : {Kind::tuple, Kind::frozenset}) {
    for (const std::size_t levels : {25, 50, 100, 200, 400}) {
      const Value key = nested(kind, levels);
      for (const Value& value : {Value::dict({{key, 1}}), Value::set({key, levels})}) {
        const std::string bytes = stored(value, Serializer::msgpack, limits);
        const Cost cost = cost_of(*codec, bytes);
        EXPECT_TRUE(cost.is_read) << cost.reason;
        EXPECT_LE(cost.work, bytes.size());
      }
    }
  }
}

TEST(Work, OfWhatIsCompressedIsInProportionToWhatItExpandsTo) {
  Options options;
  options.value_max_depth = 1000;
  options.serializer = Serializer::pickle;
  options.compressor = Compressor::zlib;
  const auto codec = make_codec(options);
  const CompressorTable& zlib = *compressor_table(Compressor::zlib);
  for (const Family& family : families) {
    const std::string bytes = family.make(200);
    std::string compressed, reason;
    ASSERT_TRUE(zlib.compress(bytes, compressed, reason)) << reason;
    const Cost cost = cost_of(*codec, compressed);
    EXPECT_TRUE(cost.is_read || family.may_be_refused) << family.name << cost.reason;
    const std::size_t copies =
        family.copies ? copies_max(bytes.size(), copies_of_containers, limits) : 0;
    EXPECT_LE(cost.work, 5000 + 4 * bytes.size() + copies / sizeof(Value)) << family.name;
  }
}

// Ordinary values are far from any bound.
TEST(Work, OfOrdinaryValuesIsNeverTooMuch) {
  Value::Items items;
  Value::List rows;
  const Value row = Value::dict({{"a text that is too long for its place", 1}, {"b", 2}});
  for (int i = 0; i < 30'000; ++i) {
    items.emplace_back(Value::tuple({i, std::to_string(i)}), i);
    rows.push_back(row);
  }
  for (const Value& value : {Value::dict(std::move(items)), Value::list(std::move(rows))}) {
    for (const auto serializer : {Serializer::pickle, Serializer::msgpack}) {
      const auto codec = make_codec(serializer, {});
      const Cost cost = cost_of(*codec, stored(value, serializer));
      EXPECT_TRUE(cost.is_read) << cost.reason;
    }
  }
}

}  // namespace
}  // namespace djcache::codec
