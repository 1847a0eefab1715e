#include "codec/pickle_instruction.h"

#include <charconv>

namespace djcache::codec::pickle {
namespace {

enum class Form : std::uint8_t { none, fixed, piece, line, two_lines, unknown };
struct Shape {
  Form form = Form::none;
  std::size_t size = 0;  // of the number, or of the payload's length
};

// Source: Lib/pickletools.py of CPython.
Shape shape_of(unsigned char op) {
  switch (op) {
    case 'K':
    case 'h':
    case 'q':
    case 0x80:
    case 0x82:
      return {Form::fixed, 1};
    case 'M':
    case 0x83:
      return {Form::fixed, 2};
    case 'J':
    case 'j':
    case 'r':
    case 0x84:
      return {Form::fixed, 4};
    case 'G':
    case 0x95:
      return {Form::fixed, 8};
    case 'U':
    case 'C':
    case 0x8a:
    case 0x8c:
      return {Form::piece, 1};
    case 'T':
    case 'X':
    case 'B':
    case 0x8b:
      return {Form::piece, 4};
    case 0x8d:
    case 0x8e:
    case 0x96:
      return {Form::piece, 8};
    case 'I':
    case 'L':
    case 'F':
    case 'V':
    case 'S':
    case 'g':
    case 'p':
    case 'P':
      return {Form::line, 0};
    case 'c':
    case 'i':
      return {Form::two_lines, 0};
    default:
      break;
  }
  constexpr std::string_view plain = "(.012NRQabde]}lost)u";
  const bool known = plain.find(static_cast<char>(op)) != plain.npos || (op >= 0x81 && op <= 0x98);
  return {known ? Form::none : Form::unknown, 0};
}

}  // namespace

bool read_instruction(std::string_view pickle, std::size_t at, Instruction& out) {
  if (at >= pickle.size()) return false;
  const auto op = static_cast<unsigned char>(pickle[at]);
  const Shape shape = shape_of(op);
  const std::string_view rest = pickle.substr(at + 1);
  out = {static_cast<Op>(op), 1, {}, 0};
  switch (shape.form) {
    case Form::none:
      return true;
    case Form::unknown:
      return false;
    case Form::fixed:
    case Form::piece:
      if (rest.size() < shape.size) return false;
      for (std::size_t i = 0; i < shape.size; ++i) {
        out.number |= std::uint64_t{static_cast<unsigned char>(rest[i])} << (8 * i);
      }
      out.size += shape.size;
      if (shape.form == Form::fixed) return true;
      if (out.number > rest.size() - shape.size) return false;
      out.argument = rest.substr(shape.size, static_cast<std::size_t>(out.number));
      out.size += out.argument.size();
      return true;
    case Form::line:
    case Form::two_lines: {
      std::size_t end = rest.find('\n');
      if (shape.form == Form::two_lines && end != rest.npos) end = rest.find('\n', end + 1);
      if (end == rest.npos) return false;
      out.argument = rest.substr(0, end);
      out.size += end + 1;
      std::from_chars(out.argument.data(), out.argument.data() + end, out.number);
      return true;
    }
  }
  return false;
}

}  // namespace djcache::codec::pickle
