// Numbers created by a call.
#include <charconv>
#include <cstring>
#include <numeric>

#include "codec/pickle_constructors.h"
#include "codec/pickle_text.h"
#include "value/number_text.h"

namespace djcache::codec::pickle {
namespace {

bool is_integer(const Ref& ref) {
  return ref.tag == Tag::integer || ref.tag == Tag::long_bytes || ref.tag == Tag::long_text;
}

// "-12" or "12", as Python prints it, within 64 bits.
bool read_digits(std::string_view text, std::int64_t& number) {
  const std::string_view digits = text.substr(text.starts_with('-') ? 1 : 0);
  if (!value::all_digits(digits) || (digits[0] == '0' && text != "0")) return false;
  return std::from_chars(text.data(), text.data() + text.size(), number).ec == std::errc();
}

Ref print_fraction(Graph& graph, std::int64_t numerator, std::int64_t denominator) {
  constexpr std::size_t size_max = 2 * 20 + 1;
  char* const text = graph.texts.take(size_max);
  char* at = std::to_chars(text, text + size_max, numerator).ptr;
  if (denominator != 1) {
    *at++ = '/';
    at = std::to_chars(at, text + size_max, denominator).ptr;
  }
  const auto size = static_cast<std::size_t>(at - text);
  graph.texts.give_back(size_max - size);
  return Ref::of_text(Tag::string, {text, size});
}

// The two arguments of a Fraction, in lowest terms. False: not integers, or beyond 64 bits.
bool read_fraction(Args args, std::int64_t& numerator, std::int64_t& denominator) {
  if (args.size() == 2 && args[0].tag == Tag::integer && args[1].tag == Tag::integer) {
    numerator = args[0].number;
    denominator = args[1].number;
    return true;
  }
  if (args.size() != 1 || args[0].tag != Tag::string) return false;
  const std::string_view text = args[0].text();
  const std::size_t slash = text.find('/');
  denominator = 1;
  return read_digits(text.substr(0, slash), numerator) &&
         (slash == text.npos || read_digits(text.substr(slash + 1), denominator));
}

// An int or a float, as a float. False: anything else.
bool read_real(const Ref& ref, double& real) {
  real = ref.tag == Tag::real ? ref.real : static_cast<double>(ref.number);
  return ref.tag == Tag::real || ref.tag == Tag::integer || ref.tag == Tag::boolean;
}

}  // namespace

bool make_decimal(Args args, Ref& out) {
  if (args.size() != 1 || args[0].tag != Tag::string) return false;
  if (!value::is_decimal_literal(args[0].text())) return false;
  out = args[0];
  out.tag = Tag::decimal;
  return true;
}

bool make_int(Args args, Ref& out) {
  out = args.empty() ? Ref::of(Tag::integer) : args[0];
  if (out.tag == Tag::boolean) out.tag = Tag::integer;
  return args.size() <= 1 && is_integer(out);
}

bool make_float(Args args, Ref& out) {
  double real = 0;
  if (args.size() > 1 || (!args.empty() && !read_real(args[0], real))) return false;
  out = Ref::of_real(real);
  return true;
}

bool make_bool(Args args, Ref& out) {
  out = args.empty() ? Ref::of(Tag::boolean) : args[0];
  if (out.tag == Tag::integer) out = Ref::of(Tag::boolean, 0, out.number != 0);
  return args.size() <= 1 && out.tag == Tag::boolean;
}

bool make_complex(Site site, Args args, Ref& out) {
  double parts[2] = {0, 0};
  if (args.size() > 2) return false;
  for (std::size_t i = 0; i < args.size(); ++i) {
    if (!read_real(args[i], parts[i])) return false;
  }
  const Ref refs[] = {Ref::of_real(parts[0]), Ref::of_real(parts[1])};
  out = site.graph.add_node(Kind::tuple, site.position);
  site.graph.add_children(site.graph.nodes.back(), refs, 2);
  return true;
}

bool make_fraction(Site site, Args args, Ref& out) {
  std::int64_t numerator = 0, denominator = 1;
  if (!read_fraction(args, numerator, denominator) || denominator < 1) return false;
  const auto magnitude = numerator < 0 ? 0 - static_cast<std::uint64_t>(numerator)
                                       : static_cast<std::uint64_t>(numerator);
  if (std::gcd(magnitude, static_cast<std::uint64_t>(denominator)) != 1) return false;
  out = print_fraction(site.graph, numerator, denominator);
  return true;
}

bool read_128_bits(const Ref& number, Uuid& out) {
  constexpr std::size_t digits_max = 39;  // of 2^128
  char bytes[sizeof number.number];
  LongBytes buffer;
  switch (number.tag) {
    case Tag::integer:
      for (std::size_t i = 0; i < sizeof bytes; ++i) {
        bytes[i] = static_cast<char>(static_cast<std::uint64_t>(number.number) >> (8 * i));
      }
      return long_to_uuid({bytes, sizeof bytes}, out);
    case Tag::long_bytes:
      return long_to_uuid(number.text(), out);
    case Tag::long_text:
      if (number.index > digits_max) return false;
      return long_to_uuid({buffer.data(), decimal_to_long(number.text(), buffer)}, out);
    default:
      return false;
  }
}

}  // namespace djcache::codec::pickle
