#include "codec/pickle_writer.h"

#include <algorithm>
#include <bit>
#include <utility>

namespace djcache::codec::pickle {
namespace {

constexpr std::size_t size_min = 1024;
// The most that callers ask for at once.
constexpr std::size_t slack = 64;

}  // namespace

Writer::Writer(std::string& body, int protocol, std::size_t max_bytes)
    : body_(body), protocol_(protocol), framing_(protocol >= 4), max_bytes_(max_bytes) {
  if (body_.size() < size_min) body_.resize(size_min);
  at_ = body_.data();
  end_ = at_ + body_.size();
  byte(static_cast<unsigned char>(Op::proto));
  byte(static_cast<unsigned char>(protocol));
  open_frame();
}

bool Writer::finish(std::string_view& pickle) {
  if (!op(Op::stop)) return false;
  if (framing_) close_frame();
  pickle = {body_.data(), used()};
  return true;
}

bool Writer::grow(std::size_t size) {
  const std::size_t now = used(), needed = now + size;
  if (needed > max_bytes_ + slack) return false;
  body_.resize(std::max(needed, 2 * body_.size()));
  at_ = body_.data() + now;
  end_ = body_.data() + body_.size();
  return true;
}

// A frame's length is only known when it is closed: space for its head is left until then.
bool Writer::open_frame() {
  if (!framing_) return true;
  if (!room(frame_head)) return false;
  frame_start_ = used();
  at_ += frame_head;
  return true;
}

void Writer::close_frame() {
  char* const start = body_.data() + frame_start_;
  const std::size_t size = used() - frame_start_ - frame_head;
  if (size < frame_min) {
    std::memmove(start, start + frame_head, size);
    at_ -= frame_head;
    return;
  }
  char* const end = std::exchange(at_, start);
  byte(static_cast<unsigned char>(Op::frame));
  little_endian(std::uint64_t{size});
  at_ = end;
}

Writer::Cursor Writer::cursor() {
  // In protocols 2 and 3 these objects are written differently.
  if (!framing_ || !room(plain_size_max)) return {at_, at_ - 1, memo_count_};
  char* const frame_end = body_.data() + frame_start_ + frame_head + frame_target;
  return {at_, std::min(end_ - plain_size_max, frame_end - 1), memo_count_};
}

bool Writer::integer(std::int64_t number) {
  if (!begin_object() || !room(integer_size_max)) return false;
  at_ = put_integer(at_, number);
  return true;
}

bool Writer::long_integer(std::string_view little_endian_bytes) {
  const std::size_t size = little_endian_bytes.size();
  if (!room(size + 5)) return false;
  if (size <= 0xff) {
    byte(static_cast<unsigned char>(Op::long1));
    byte(static_cast<unsigned char>(size));
  } else {
    byte(static_cast<unsigned char>(Op::long4));
    little_endian(static_cast<std::uint32_t>(size));
  }
  std::memcpy(at_, little_endian_bytes.data(), size);
  at_ += size;
  return true;
}

bool Writer::real(double number) {
  if (!room(9)) return false;
  at_ = put_real(at_, number);
  return true;
}

// A large text is written between frames.
bool Writer::whole(std::string_view head, std::string_view bytes) {
  if (!begin_object()) return false;
  const std::size_t size = bytes.size();
  const bool outside = framing_ && size >= frame_target;
  if (outside) close_frame();
  if (!room(size + head.size() + frame_head)) return false;
  at_ = std::copy(head.begin(), head.end(), at_);
  if (size > 0) std::memcpy(at_, bytes.data(), size);
  at_ += size;
  return !outside || open_frame();
}

bool Writer::piece(std::string_view text, Op shortest, bool has_shortest, Op longer) {
  char head[5];
  const bool is_short = has_shortest && text.size() <= 0xff;
  head[0] = static_cast<char>(is_short ? shortest : longer);
  store_little(head + 1, static_cast<std::uint32_t>(text.size()));
  return whole({head, is_short ? 2u : 5u}, text);
}

bool Writer::object(std::string_view instructions, std::uint32_t memoized) {
  memo_count_ += memoized;
  return whole({}, instructions);
}

bool Writer::string(std::string_view utf8) {
  return piece(utf8, Op::short_bin_unicode, protocol_ >= 4, Op::bin_unicode);
}

bool Writer::bytes(std::string_view data) {
  return piece(data, Op::short_bin_bytes, true, Op::bin_bytes);
}

bool Writer::global_lines(std::string_view module, std::string_view name) {
  if (!room(module.size() + name.size() + 3)) return false;
  byte(static_cast<unsigned char>(Op::global));
  for (const std::string_view line : {module, name}) {
    at_ = std::copy(line.begin(), line.end(), at_);
    byte('\n');
  }
  return true;
}

bool Writer::memoize() {
  const std::uint32_t index = memo_count_++;
  if (framing_) return op(Op::memoize);
  if (index <= 0xff) return op(Op::bin_put, static_cast<std::uint8_t>(index));
  if (!room(5)) return false;
  byte(static_cast<unsigned char>(Op::long_bin_put));
  little_endian(index);
  return true;
}

bool Writer::get(std::uint32_t index) {
  if (!begin_object()) return false;
  if (index <= 0xff) return op(Op::bin_get, static_cast<std::uint8_t>(index));
  if (!room(5)) return false;
  byte(static_cast<unsigned char>(Op::long_bin_get));
  little_endian(index);
  return true;
}

}  // namespace djcache::codec::pickle
