#include "resp/parser.h"

#include <algorithm>
#include <charconv>

namespace djcache::resp {

namespace {

// Digits only, without leading zeros.
std::optional<std::size_t> read_size(std::string_view digits) {
  std::size_t size = 0;
  const char* const end = digits.data() + digits.size();
  const auto [stop, ec] = std::from_chars(digits.data(), end, size);
  const bool sound = ec == std::errc() && stop == end && size <= INT64_MAX;
  if (!sound || (digits.size() > 1 && digits.front() == '0')) return std::nullopt;
  return size;
}

std::string unknown_type(char type) {
  // RESP3 is never requested: if pushes were taken for replies, all later replies would be
  // misassigned.
  if (std::string_view("_,#!=(%~|>").find(type) != std::string_view::npos) {
    return std::string("Protocol error, got the RESP3 type '") + type +
           "', which was not asked for";
  }
  const auto byte = static_cast<unsigned char>(type);
  if (byte > 32 && byte < 127) {
    return std::string("Protocol error, got '") + type + "' as reply type byte";
  }
  const char* const hex = "0123456789abcdef";
  return std::string("Protocol error, got '\\x") + hex[byte >> 4] + hex[byte & 15] +
         "' as reply type byte";
}

// The size of `text` up to and including its first CRLF; npos if there is none. `before` is the
// byte in front of `text`, which may be the CR.
std::size_t line_size(std::string_view text, char before) {
  for (std::size_t at = text.find('\n'); at != std::string_view::npos;
       at = text.find('\n', at + 1)) {
    if ((at > 0 ? text[at - 1] : before) == '\r') return at + 1;
  }
  return std::string_view::npos;
}

}  // namespace

Parser::Parser(const Caps& caps) : caps_(caps), assembly_(caps), reader_(assembly_) {}

void Parser::reset() {
  assembly_.clear();
  reader_.reset();
  pending_ = {};
  error_.clear();
  at_start_ = true;
  stage_ = Stage::between;
  line_.clear();
  std::string().swap(body_);
  body_alone_ = false;
}

void Parser::fall_back() noexcept {
  if (mid_reply()) return;
  assembly_.clear();
  assembly_.fall_back();
}

Parser::Part Parser::fail(std::string reason) {
  error_ = std::move(reason);
  return Part::failed;
}

Parser::Status Parser::next_slowly(Reply& out) {
  if (!error_.empty()) return Status::error;
  if (at_start_) {
    assembly_.clear();
    body_alone_ = false;
    if (body_.capacity() > (1u << 20)) std::string().swap(body_);
  }
  while (!pending_.empty()) {
    at_start_ = false;
    const Part part = next_element();
    if (part == Part::failed) return Status::error;
    if (part == Part::more || !assembly_.whole()) continue;
    at_start_ = true;
    out = body_alone_ ? Reply(&node_, body_.data(), &body_) : assembly_.reply();
    return Status::reply;
  }
  assembly_.keep();
  return Status::need_more;
}

// Reads one element, the header of an array, or as much of either as has arrived.
Parser::Part Parser::next_element() {
  if (stage_ == Stage::string) return next_part_of_string();
  if (stage_ == Stage::between) {
    const char* begin = pending_.data();
    while (read_in_place()) {  // most elements of an array follow each other like this
      assembly_.add_in_place(node_, begin);
      if (assembly_.whole() || pending_.empty()) return Part::whole;
      begin = pending_.data();
    }
    if (std::string_view("+-:$*").find(*begin) == std::string_view::npos) {
      return fail(unknown_type(*begin));
    }
    stage_ = Stage::line;
  }
  return next_part_of_line();
}

// Reads a complete string, nil, status, error or integer at the start of `pending_`. False: there
// is none, or it is not plainly valid; then nothing has been consumed. `node_` refers to the input.
bool Parser::read_in_place() {
  const char* const begin = pending_.data();
  const char* const end = begin + pending_.size();
  const char kind = *begin;
  const char* at = begin + 1;
  if (kind == '+' && pending_.starts_with("+OK\r\n")) {
    node_ = Node{Type::status, 0, 1, 2};
    pending_.remove_prefix(5);
    return true;
  }
  if (kind != '$' && kind != ':') return read_line_in_place();
  // At most 9 digits: longer numbers are rare, and the reader checks their range.
  const bool negative = at < end && *at == '-';
  if (negative) ++at;
  const char* const digits = at;
  const char* const limit = end - at > 9 ? at + 9 : end;
  std::uint32_t number = 0;
  for (unsigned digit; at < limit && (digit = static_cast<unsigned char>(*at) - unsigned{'0'}) < 10;
       ++at) {
    number = number * 10 + digit;
  }
  if (at == digits || end - at < 2 || at[0] != '\r' || at[1] != '\n') return false;
  // The reader refuses "02" and "-0"; the result must not depend on how the input was split.
  if (*digits == '0' && (negative || at - digits > 1)) [[unlikely]] {
    return false;
  }
  at += 2;
  if (kind == ':') {
    node_ = Node{Type::integer, negative ? -std::int64_t{number} : std::int64_t{number}, 0, 0};
  } else if (negative) {
    if (number != 1) return false;
    node_ = Node{Type::nil, 0, 0, 0};
  } else {
    const std::size_t size = number;
    if (static_cast<std::size_t>(end - at) < size + 2 || size > caps_.bulk_bytes) return false;
    if (at[size] != '\r' || at[size + 1] != '\n') return false;
    node_ = Node{Type::string, 0, static_cast<std::size_t>(at - begin), size};
    at += size + 2;
  }
  pending_.remove_prefix(static_cast<std::size_t>(at - begin));
  return true;
}

// The same for a status or an error.
bool Parser::read_line_in_place() {
  const char kind = pending_.front();
  if (kind != '+' && kind != '-') return false;
  const std::size_t size = pending_.substr(0, 256).find("\r\n");
  if (size == std::string_view::npos) return false;
  node_ = Node{kind == '+' ? Type::status : Type::error, 0, 1, size - 1};
  pending_.remove_prefix(size + 2);
  return true;
}

// --- Lines. A complete one is read in place, others are collected.

Parser::Part Parser::next_part_of_line() {
  const std::size_t size = line_size(pending_, line_.empty() ? '\0' : line_.back());
  const bool ended = size != std::string_view::npos;
  const std::string_view part = pending_.substr(0, size);
  // Counts its type and its end. A peer that never ends a line is not a redis.
  if (line_.size() + part.size() > 1 + max_line + 2) {
    return fail("a line of more than " + std::to_string(max_line) + " bytes");
  }
  pending_.remove_prefix(part.size());
  if (ended && line_.empty()) return read_line(part);
  line_ += part;
  bytes_copied_ += part.size();
  if (!ended) return Part::more;
  const Part result = read_line(line_);
  line_.clear();
  return result;
}

// Reads a complete line, including its end.
Parser::Part Parser::read_line(std::string_view line) {
  stage_ = Stage::between;
  const std::string_view text = line.substr(1, line.size() - 3);
  switch (line.front()) {
    case '+':
    case '-':
      assembly_.add({line.front() == '+' ? Type::status : Type::error, 0, 0, text.size()},
                    text.data());
      return Part::whole;
    case '*':
      return begin_array(text);
    case '$':
      if (const auto size = read_size(text)) return begin_string(*size, line);
      break;
  }
  return read_by_reader(line);
}

Parser::Part Parser::begin_array(std::string_view digits) {
  if (digits == "-1") {
    assembly_.add({Type::nil, 0, 0, 0}, nullptr);
    return Part::whole;
  }
  const auto count = read_size(digits);
  if (!count) {
    return fail(digits.starts_with('-') ? "Protocol error: Multi-bulk length out of range"
                                        : "Protocol error: Bad multi-bulk length");
  }
  std::string refusal = assembly_.begin_array(*count);
  return refusal.empty() ? Part::whole : fail(std::move(refusal));
}

// --- Strings that are incomplete in one read, or over a cap.

Parser::Part Parser::begin_string(std::size_t size, std::string_view header) {
  std::string refusal = assembly_.begin_string(size);
  if (!refusal.empty()) return fail(std::move(refusal));
  stage_ = Stage::string;
  string_size_ = string_left_ = size;
  end_seen_ = 0;
  sink_ = assembly_.skipped() ? Sink::nothing : size < large_from ? Sink::reader : Sink::body;
  if (sink_ == Sink::reader) keep(header);
  if (sink_ == Sink::body) {
    body_.clear();
    // A header is only a promise: how much is reserved before the payload arrives is bounded.
    body_.reserve(std::min<std::size_t>(size, 1u << 20));
  }
  return Part::more;
}

Parser::Part Parser::next_part_of_string() {
  const std::string_view part = pending_.substr(0, string_left_);
  keep(part);
  string_left_ -= part.size();
  pending_.remove_prefix(part.size());
  while (string_left_ == 0 && !pending_.empty()) {
    if (pending_.front() != "\r\n"[end_seen_]) {
      return fail("a string of " + std::to_string(string_size_) +
                  " bytes does not end where its header says");
    }
    pending_.remove_prefix(1);
    if (++end_seen_ == 2) return end_string();
  }
  return Part::more;
}

void Parser::keep(std::string_view bytes) {
  if (sink_ == Sink::nothing) return;
  bytes_copied_ += bytes.size();
  if (sink_ == Sink::reader) {
    reader_.feed(bytes);
  } else {
    body_ += bytes;
  }
}

Parser::Part Parser::end_string() {
  stage_ = Stage::between;
  if (sink_ == Sink::reader) return read_by_reader("\r\n");
  node_ = {Type::string, 0, 0, body_.size()};
  body_alone_ = sink_ == Sink::body && assembly_.lone();
  if (!body_alone_) assembly_.add(node_, body_.data());
  return Part::whole;
}

Parser::Part Parser::read_by_reader(std::string_view last_bytes) {
  reader_.feed(last_bytes);
  return reader_.read() ? Part::whole : fail(reader_.error());
}

}  // namespace djcache::resp
