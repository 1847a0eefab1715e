// Reads tags whose value is text with a syntax: bytes, numbers, uuid.
#include <algorithm>
#include <charconv>
#include <limits>

#include "src/cases/read_value.h"

namespace djcache::conformance {
namespace {

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return -1;
}

bool unhex(std::string_view text, std::string& bytes) {
  if (text.size() % 2 != 0) return false;
  for (std::size_t i = 0; i < text.size(); i += 2) {
    const int high = hex_digit(text[i]), low = hex_digit(text[i + 1]);
    if (high < 0 || low < 0) return false;
    bytes += static_cast<char>(high * 16 + low);
  }
  return true;
}

std::string repeated_hex(const Node& node) {
  const auto parts = node.elements();
  if (parts.size() != 2) node.fail_expected("[hexadecimal, times]");
  const std::string unit = read_hex(parts[0]);
  const std::int64_t times = parts[1].integer(0, 64 << 20);
  if (static_cast<std::int64_t>(unit.size()) * times > 64 << 20) node.fail("more than 64 MiB");
  if (unit.size() == 1) return std::string(static_cast<std::size_t>(times), unit.front());
  std::string bytes;
  for (std::int64_t i = 0; i < times; ++i) bytes += unit;
  return bytes;
}

}  // namespace

std::string read_hex(const Node& node) {
  std::string bytes;
  if (!unhex(node.text_or_empty(), bytes)) node.fail_expected("hexadecimal in lower case");
  return bytes;
}

Value read_bytes(const Node& node) {
  if (node.is_string()) return Value::bytes(read_hex(node));
  node.only({"text", "repeat"});
  if (node.json().size() != 1) node.fail_expected("hexadecimal, {\"text\"} or {\"repeat\"}");
  if (node.has("text")) return Value::bytes(node["text"].text_or_empty());
  return Value::bytes(repeated_hex(node["repeat"]));
}

Value read_integer(const Node& node) {
  auto value = Value::integer(node.text());
  if (!value) node.fail_expected("decimal digits");
  return *std::move(value);
}

Value read_float(const Node& node) {
  const std::string text = node.text();
  if (text == "nan") return std::numeric_limits<double>::quiet_NaN();
  if (text == "inf") return std::numeric_limits<double>::infinity();
  if (text == "-inf") return -std::numeric_limits<double>::infinity();
  double number = 0;
  const auto end = text.data() + text.size();
  const auto [stopped, error] = std::from_chars(text.data(), end, number);
  if (error != std::errc() || stopped != end) node.fail_expected("nan, inf, -inf or a number");
  return number;
}

Value read_decimal(const Node& node) {
  auto value = Value::decimal(node.text());
  if (!value) node.fail_expected("what decimal.Decimal prints");
  return *std::move(value);
}

Value read_uuid(const Node& node) {
  std::string text = node.text();
  const bool dashed =
      text.size() == 36 && text[8] == '-' && text[13] == '-' && text[18] == '-' && text[23] == '-';
  std::string bytes;
  text.erase(std::remove(text.begin(), text.end(), '-'), text.end());
  if (!dashed || !unhex(text, bytes) || bytes.size() != 16) {
    node.fail_expected("a uuid in lower case");
  }
  Uuid uuid;
  std::copy(bytes.begin(), bytes.end(), uuid.bytes);
  return uuid;
}

}  // namespace djcache::conformance
