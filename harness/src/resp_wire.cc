#include "resp_wire.h"

#include <charconv>
#include <optional>

namespace djcache::harness {
namespace {

constexpr int deepest = 32;
constexpr std::int64_t longest_bulk = 512 * 1024 * 1024;
constexpr std::size_t longest_line = 1024 * 1024;

// Walks through the buffer; state() tells why it stopped.
class Cursor {
 public:
  explicit Cursor(std::string_view buffer) : buffer_(buffer) {}

  std::optional<std::string_view> line() {
    const auto end = buffer_.find("\r\n", at_);
    if (end == std::string_view::npos) {
      return stop(buffer_.size() - at_ > longest_line ? Parsed::invalid : Parsed::incomplete);
    }
    const auto text = buffer_.substr(at_, end - at_);
    at_ = end + 2;
    return text;
  }

  std::optional<std::int64_t> number(std::string_view text) {
    std::int64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error == std::errc() && end == text.data() + text.size()) return value;
    stop(Parsed::invalid);
    return std::nullopt;
  }

  std::optional<std::string_view> bulk(std::int64_t size) {
    if (size < 0 || size > longest_bulk) return stop(Parsed::invalid);
    const auto length = static_cast<std::size_t>(size);
    if (buffer_.size() - at_ < length + 2) return stop(Parsed::incomplete);
    if (buffer_.substr(at_ + length, 2) != "\r\n") return stop(Parsed::invalid);
    const auto text = buffer_.substr(at_, length);
    at_ += length + 2;
    return text;
  }

  std::optional<std::string_view> stop(Parsed state) {
    state_ = state;
    return std::nullopt;
  }

  Parsed state() const { return state_; }
  std::size_t at() const { return at_; }

 private:
  std::string_view buffer_;
  std::size_t at_ = 0;
  Parsed state_ = Parsed::complete;
};

bool read_reply(Cursor& in, Reply& out, int depth);

bool read_array(Cursor& in, Reply& out, std::int64_t count, int depth) {
  if (count < 0) return count == -1 || in.stop(Parsed::invalid).has_value();
  out.type = Reply::Type::array;
  for (std::int64_t i = 0; i < count; ++i) {
    if (!read_reply(in, out.elements.emplace_back(), depth + 1)) return false;
  }
  return true;
}

bool read_bulk(Cursor& in, Reply& out, std::int64_t size) {
  if (size == -1) return true;
  const auto text = in.bulk(size);
  if (!text) return false;
  out.type = Reply::Type::bulk;
  out.text = *text;
  return true;
}

bool read_reply(Cursor& in, Reply& out, int depth) {
  if (depth > deepest) return in.stop(Parsed::invalid).has_value();
  const auto header = in.line();
  if (!header) return false;
  const char kind = header->empty() ? '\0' : header->front();
  if (kind == '+' || kind == '-') {
    out.type = kind == '+' ? Reply::Type::status : Reply::Type::error;
    out.text = header->substr(1);
    return true;
  }
  if (kind != ':' && kind != '$' && kind != '*') return in.stop(Parsed::invalid).has_value();
  const auto value = in.number(header->substr(1));
  if (!value) return false;
  if (kind == '$') return read_bulk(in, out, *value);
  if (kind == '*') return read_array(in, out, *value, depth);
  out.type = Reply::Type::integer;
  out.integer = *value;
  return true;
}

bool read_command(Cursor& in, std::vector<std::string>& words) {
  const auto header = in.line();
  if (!header) return false;
  if (header->empty() || header->front() != '*') return in.stop(Parsed::invalid).has_value();
  const auto count = in.number(header->substr(1));
  if (!count) return false;
  if (*count < 1) return in.stop(Parsed::invalid).has_value();
  for (std::int64_t i = 0; i < *count; ++i) {
    const auto length = in.line();
    if (!length) return false;
    if (length->empty() || length->front() != '$') return in.stop(Parsed::invalid).has_value();
    const auto size = in.number(length->substr(1));
    if (!size) return false;
    const auto word = in.bulk(*size);
    if (!word) return false;
    words.emplace_back(*word);
  }
  return true;
}

}  // namespace

ParsedReply parse_reply(std::string_view buffer) {
  Cursor in(buffer);
  ParsedReply out;
  read_reply(in, out.reply, 0);
  out.state = in.state();
  out.used = in.at();
  return out;
}

ParsedCommand parse_command(std::string_view buffer) {
  Cursor in(buffer);
  ParsedCommand out;
  read_command(in, out.words);
  out.state = in.state();
  out.used = in.at();
  return out;
}

}  // namespace djcache::harness
