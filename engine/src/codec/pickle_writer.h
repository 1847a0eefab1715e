// Writes instructions of pickle into a buffer: shortest forms, frames, the memo's numbers. Byte for
// byte what CPython's C pickler writes for the same calls. Knows no Value.
//
// A call only fails because the limit of bytes is reached; then it returns false.
#pragma once

#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

#include "codec/byte_order.h"
#include "codec/pickle_opcodes.h"
#include "codec/pickle_write_plain.h"

namespace djcache::codec::pickle {

class Writer {
 public:
  // Overwrites `body`; up to its size no more memory is asked for.
  Writer(std::string& body, int protocol, std::size_t max_bytes);

  int protocol() const { return protocol_; }
  // STOP. The pickle is the front of `body`, valid until that changes.
  bool finish(std::string_view& pickle);

  bool op(Op op) { return room(1) && byte(static_cast<unsigned char>(op)); }
  bool op(Op code, std::uint8_t argument) {
    return room(2) && byte(static_cast<unsigned char>(code)) && byte(argument);
  }
  bool integer(std::int64_t number);
  bool long_integer(std::string_view little_endian);  // two's complement, at most 4 GiB
  bool real(double number);
  bool string(std::string_view utf8);
  bool bytes(std::string_view data);  // protocol 3 and above
  // GLOBAL, the form of classes below protocol 4.
  bool global_lines(std::string_view module, std::string_view name);

  // Instructions that leave an object on the stack, and how many objects they memoize.
  bool object(std::string_view instructions, std::uint32_t memoized);
  std::uint32_t memo_count() const { return memo_count_; }

  // --- The memo: each object has the next number.
  bool memoize();
  std::uint32_t memoized() const { return memo_count_ - 1; }  // the latest number
  bool get(std::uint32_t index);

  // --- Many small objects with put_plain(): a copy of the Writer's position, and its limit.
  struct Cursor {
    char* at;
    // the last place where an object may start: there is room, and the frame is not full
    char* last;
    std::uint32_t memo_count;

    bool put(const Value& value) {
      char* const next = at <= last ? put_plain(at, value, memo_count) : nullptr;
      if (next) at = next;
      return next != nullptr;
    }
  };
  Cursor cursor();
  void resume(const Cursor& cursor) {
    at_ = cursor.at;
    memo_count_ = cursor.memo_count;
  }

  // Called before each object: closes a frame that is long enough. Texts, integers and get() do it
  // themselves.
  bool begin_object() {
    return !framing_ || used() - frame_start_ < frame_target + frame_head || next_frame();
  }

 private:
  static constexpr std::size_t frame_head = 9, frame_min = 4, frame_target = 64 << 10;

  std::size_t used() const { return static_cast<std::size_t>(at_ - body_.data()); }
  bool room(std::size_t size) { return static_cast<std::size_t>(end_ - at_) >= size || grow(size); }
  bool grow(std::size_t size);
  bool byte(unsigned char value) {
    *at_++ = static_cast<char>(value);
    return true;
  }
  template <class T>
  void little_endian(T number) {
    store_little(at_, number);
    at_ += sizeof number;
  }
  bool whole(std::string_view head, std::string_view bytes);
  bool piece(std::string_view text, Op shortest, bool has_shortest, Op longer);
  bool open_frame();
  void close_frame();
  bool next_frame() {
    close_frame();
    return open_frame();
  }

  std::string& body_;
  const int protocol_;
  const bool framing_;
  const std::size_t max_bytes_;
  char* at_;
  char* end_;
  std::size_t frame_start_ = 0;
  std::uint32_t memo_count_ = 0;
};

}  // namespace djcache::codec::pickle
