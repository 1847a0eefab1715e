// Parser: bytes in, replies out, in time linear in the bytes, however the input is split.
//
// It walks the arrays of a reply itself. An element (a string, status, error, number or null) that
// is complete in the bytes just read is read in place; one in pieces is collected and read by
// hiredis, or, if it is a large string, by the parser with one copy. Replies over the caps are
// skipped.
//
// Pure: no I/O, no clock. RESP2, hiredis 0.14.1 and 1.x.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "resp/assembly.h"
#include "resp/element_reader.h"
#include "resp/reply.h"

namespace djcache::resp {

class Parser {
 public:
  enum class Status : std::uint8_t { reply, need_more, error };

  explicit Parser(const Caps& caps);
  Parser(const Parser&) = delete;
  Parser& operator=(const Parser&) = delete;

  // Offers bytes, which must stay valid until next() returns need_more. REQUIRES: the last next()
  // returned need_more, or this is the first call.
  void feed(std::string_view bytes) {
    pending_ = bytes;
    assembly_.input(bytes.data());
  }

  // The next complete reply. After `error` only reset() helps; error() says what was wrong. The
  // same after std::bad_alloc.
  Status next(Reply& out) {
    const char* const begin = pending_.data();
    if (at_start_ && !pending_.empty() && read_in_place()) [[likely]] {
      out = Reply(&node_, begin);
      return Status::reply;
    }
    return next_slowly(out);
  }
  const std::string& error() const { return error_; }

  // Forgets everything, for the next connection.
  void reset();
  // Whether more memory is held than replies of a few elements need.
  bool roomy() const { return assembly_.roomy(); }
  // Frees the surplus unless a reply is incomplete. Invalidates the last reply.
  void fall_back() noexcept;
  // Whether a reply has begun but not ended.
  bool mid_reply() const { return !at_start_ || !pending_.empty(); }

  // Bytes that were copied because their element was incomplete in one read. Tests assert that this
  // is linear in the input.
  std::uint64_t bytes_copied() const { return bytes_copied_; }

  // Strings of this size and more that arrive in pieces are not collected for hiredis: one copy
  // instead of two.
  static constexpr std::size_t large_from = 16 * 1024;
  // The longest status, error, number or header.
  static constexpr std::size_t max_line = 64 * 1024;

 private:
  // between two elements; in the middle of one
  enum class Stage : std::uint8_t { between, line, string };
  enum class Part : std::uint8_t { whole, more, failed };
  enum class Sink : std::uint8_t { reader, body, nothing };

  bool read_in_place();
  bool read_line_in_place();
  Status next_slowly(Reply& out);
  Part next_element();
  Part next_part_of_line();
  Part read_line(std::string_view line);
  Part begin_array(std::string_view digits);
  Part begin_string(std::size_t size, std::string_view header);
  Part next_part_of_string();
  Part end_string();
  Part read_by_reader(std::string_view last_bytes);
  void keep(std::string_view bytes);
  Part fail(std::string reason);

  const Caps caps_;
  Assembly assembly_;
  ElementReader reader_;
  std::string_view pending_;
  std::string error_;
  std::uint64_t bytes_copied_ = 0;

  bool at_start_ = true;  // no reply is incomplete, and none was refused
  Stage stage_ = Stage::between;
  std::string line_;  // the beginning of a line that came in pieces

  // A string that is incomplete.
  Sink sink_ = Sink::nothing;
  std::uint8_t end_seen_ = 0;  // bytes of its closing CRLF
  std::size_t string_size_ = 0;
  std::size_t string_left_ = 0;
  std::string body_;         // a large string
  bool body_alone_ = false;  // it is the whole reply
  Node node_{};              // of a reply that needs no assembly: read in place, or a large string
};

}  // namespace djcache::resp
