// numpy's scalars: numpy.core.multiarray.scalar(dtype, bytes). A dtype is created from its code and
// receives its byte order afterwards.
#include <bit>
#include <cmath>
#include <cstring>

#include "codec/pickle_constructors.h"
#include "codec/pickle_error.h"

namespace djcache::codec::pickle {
namespace {

struct Type {
  char kind = 0;  // b (bool), i, u, f or c, as in the code
  std::size_t size = 0;
};

// False: a type whose scalars are not numbers, or do not fit into a Value.
bool find_type(std::string_view code, Type& type) {
  static constexpr std::string_view known[] = {"b1", "i1", "i2", "i4", "i8", "u1", "u2",
                                               "u4", "u8", "f2", "f4", "f8", "c8"};
  if (code == "c16") return type = {'c', 16}, true;
  for (const std::string_view each : known) {
    if (each == code) return type = {code[0], static_cast<std::size_t>(code[1] - '0')}, true;
  }
  return false;
}

Type type_of(const Pending& dtype) {
  return {static_cast<char>(dtype.bits.bytes[0]), dtype.bits.bytes[1]};
}

// Up to 8 bytes, lowest first, as a number.
std::uint64_t read_bits(std::string_view bytes) {
  std::uint64_t bits = 0;
  for (std::size_t i = bytes.size(); i > 0; --i) {
    bits = bits << 8 | static_cast<unsigned char>(bytes[i - 1]);
  }
  return bits;
}

double read_half(std::uint64_t bits) {
  const int exponent = static_cast<int>(bits >> 10 & 0x1f);
  const auto fraction = static_cast<double>(bits & 0x3ff);
  double size = std::ldexp(fraction, -24);
  if (exponent == 0x1f) {
    size = fraction == 0 ? INFINITY : NAN;
  } else if (exponent > 0) {
    size = std::ldexp(1024 + fraction, exponent - 25);
  }
  return bits & 0x8000 ? -size : size;
}

double read_float(std::string_view bytes) {
  const std::uint64_t bits = read_bits(bytes);
  if (bytes.size() == 2) return read_half(bits);
  if (bytes.size() == 4) return std::bit_cast<float>(static_cast<std::uint32_t>(bits));
  return std::bit_cast<double>(bits);
}

Ref read_int(std::string_view bytes) {
  const unsigned unused = 64 - 8 * static_cast<unsigned>(bytes.size());
  return Ref::of(Tag::integer, 0, static_cast<std::int64_t>(read_bits(bytes) << unused) >> unused);
}

Ref read_uint(Graph& graph, std::string_view bytes) {
  const auto number = static_cast<std::int64_t>(read_bits(bytes));
  if (number >= 0) return Ref::of(Tag::integer, 0, number);
  char* const padded = graph.texts.take(bytes.size() + 1);  // so that it has no sign
  std::memcpy(padded, bytes.data(), bytes.size());
  padded[bytes.size()] = 0;
  return Ref::of_text(Tag::long_bytes, {padded, bytes.size() + 1});
}

Ref read_complex(Site site, std::string_view bytes) {
  const std::size_t half = bytes.size() / 2;
  const Ref parts[] = {Ref::of_real(read_float(bytes.substr(0, half))),
                       Ref::of_real(read_float(bytes.substr(half)))};
  const Ref made = site.graph.add_node(Kind::tuple, site.position);
  site.graph.add_children(site.graph.nodes.back(), parts, 2);
  return made;
}

// Lowest byte first, for each part of a complex number.
std::string_view in_order(const Type& type, bool big_endian, std::string_view bytes,
                          char (&buffer)[16]) {
  if (!big_endian) return bytes;
  const std::size_t size = type.kind == 'c' ? type.size / 2 : type.size;
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    buffer[i] = bytes[i / size * size + size - 1 - i % size];
  }
  return {buffer, bytes.size()};
}

Ref read_scalar(Site site, const Type& type, std::string_view bytes) {
  switch (type.kind) {
    case 'b':
      return Ref::of(Tag::boolean, 0, bytes[0] != 0);
    case 'i':
      return read_int(bytes);
    case 'u':
      return read_uint(site.graph, bytes);
    case 'f':
      return Ref::of_real(read_float(bytes));
    default:
      return read_complex(site, bytes);
  }
}

}  // namespace

// The code, and whether to align and to copy.
bool make_dtype(Site site, Args args, Ref& out) {
  Type type;
  if (args.size() != 3 || args[0].tag != Tag::string) return false;
  if (!find_type(args[0].text(), type)) {
    return fail_at(site.error, "numpy.dtype", site.position,
                   " is of a type whose scalars are no numbers that can be read");
  }
  out = site.graph.add_pending(Global::numpy_dtype);
  Pending& dtype = site.graph.pending[out.index];
  dtype.bits.bytes[0] = static_cast<std::uint8_t>(type.kind);
  dtype.bits.bytes[1] = static_cast<std::uint8_t>(type.size);
  return true;
}

// Version, byte order, fields of structured types, and sizes.
bool set_dtype_state(Site site, Pending& dtype, const Ref& state) {
  const Node* const node = state.tag == Tag::node ? &site.graph.nodes[state.index] : nullptr;
  if (node && node->kind == Kind::tuple && node->count == 8) {
    const Args parts = site.graph.children_of_tuple(*node);
    const std::string_view order =
        parts[1].tag == Tag::string ? parts[1].text() : std::string_view();
    const bool one_byte = type_of(dtype).size == 1;
    dtype.big_endian = order == ">";
    dtype.finished = parts[0].tag == Tag::integer && parts[0].number == 3 &&
                     order == (one_byte           ? "|"
                               : dtype.big_endian ? ">"
                                                  : "<") &&
                     parts[2].tag == Tag::nil && parts[3].tag == Tag::nil &&
                     parts[4].tag == Tag::nil;
    if (dtype.finished) return true;
  }
  return fail_at(site.error, "numpy.dtype", site.position, " gets a state that no number has");
}

bool make_numpy_scalar(Site site, Args args, Ref& out) {
  if (args.size() != 2 || args[0].tag != Tag::pending || args[1].tag != Tag::bytes) return false;
  const Pending& dtype = site.graph.pending[args[0].index];
  const Type type = type_of(dtype);
  if (dtype.cls != Global::numpy_dtype || !dtype.finished || args[1].index != type.size) {
    return false;
  }
  char buffer[16];
  out = read_scalar(site, type, in_order(type, dtype.big_endian, args[1].text(), buffer));
  return true;
}

}  // namespace djcache::codec::pickle
