// Encoding of commands as RESP arrays of bulk strings, straight into memory that the caller
// reserved.
//
// Pure. Lengths are explicit: a key or value may hold any byte. A caller adds up an upper bound
// with command_bound(), reserves that much, writes, and commits what was written.
#pragma once

#include <charconv>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace djcache::resp {

// The most bytes that an array header, or the frame around one argument, can take.
inline constexpr std::size_t frame_bound = 28;

// An upper bound for a command of `arguments` arguments with `payload` bytes in total.
constexpr std::size_t command_bound(std::size_t arguments, std::size_t payload) {
  return frame_bound * (arguments + 1) + payload;
}

class Encoder {
 public:
  explicit Encoder(char* at) : at_(at) {}

  Encoder& array(std::size_t arguments) { return header('*', arguments); }
  // A constant in RESP, such as "*2\r\n$3\r\nGET\r\n".
  template <std::size_t size>
  Encoder& raw(const char (&text)[size]) {
    std::memcpy(at_, text, size - 1);
    at_ += size - 1;
    return *this;
  }
  Encoder& raw(std::string_view bytes) {
    std::memcpy(at_, bytes.data(), bytes.size());
    at_ += bytes.size();
    return *this;
  }
  // The first `size` bytes of `text`. REQUIRES: room for all of it: a copy of fixed size is
  // cheaper.
  template <std::size_t whole>
  Encoder& start_of(const char (&text)[whole], std::size_t size) {
    std::memcpy(at_, text, whole);
    at_ += size;
    return *this;
  }
  Encoder& bulk(std::string_view argument) {
    return header('$', argument.size()).raw(argument).raw("\r\n");
  }
  // One argument made of two parts. An empty part may be a null view, which memcpy must not see.
  Encoder& bulk(std::string_view head, std::string_view body) {
    header('$', head.size() + body.size());
    if (!head.empty()) raw(head);
    if (!body.empty()) raw(body);
    return raw("\r\n");
  }
  Encoder& bulk_integer(std::int64_t number) {
    if (number >= 100 && number < 1000) {  // most ttls are in this range
      raw("$3\r\n");
      const auto ttl = static_cast<unsigned>(number);
      *at_++ = static_cast<char>('0' + ttl / 100);
      two_digits(ttl % 100);
      return raw("\r\n");
    }
    char digits[20];
    const char* end = std::to_chars(digits, digits + sizeof digits, number).ptr;
    return bulk(std::string_view(digits, static_cast<std::size_t>(end - digits)));
  }

  char* end() const { return at_; }

 private:
  Encoder& header(char kind, std::size_t number) {
    *at_++ = kind;
    if (number < 10) {  // most numbers are in this range
      *at_++ = static_cast<char>('0' + number);
    } else if (number < 100) {
      two_digits(number);
    } else {
      at_ = std::to_chars(at_, at_ + 20, number).ptr;
    }
    *at_++ = '\r';
    *at_++ = '\n';
    return *this;
  }

  // REQUIRES: number < 100.
  void two_digits(std::size_t number) {
    static constexpr char pairs[] =
        "00010203040506070809101112131415161718192021222324252627282930313233343536373839"
        "40414243444546474849505152535455565758596061626364656667686970717273747576777879"
        "8081828384858687888990919293949596979899";
    std::memcpy(at_, pairs + 2 * number, 2);
    at_ += 2;
  }

  char* at_;
};

}  // namespace djcache::resp
