// Parser: bytes in, replies out, in time linear in the bytes, however they come in pieces.
//
// It walks the arrays of a reply itself. Each element (a string, status, error, number or null) that
// lies complete in the bytes just read is read in place; one that came in pieces is collected and
// read by hiredis, a large string by the parser, with one copy. Replies over the caps are skipped.
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

  // Offers bytes. They are borrowed until next() has answered need_more.
  // REQUIRES: the last next() answered need_more, or nothing was fed yet.
  void feed(std::string_view bytes) { pending_ = bytes; }

  // The next complete reply. After `error` only reset() helps; error() says what was wrong. The same
  // after std::bad_alloc.
  Status next(Reply& out) {
    const char* const begin = pending_.data();
    if (at_start_ && !pending_.empty() && read_in_place()) [[likely]] {
      out = Reply(&node_, begin);
      return Status::reply;
    }
    return next_slowly(out);
  }
  const std::string& error() const { return error_; }

  // Forgets everything: for the next connection.
  void reset();
  // More memory is held than replies of a few elements need.
  bool roomy() const { return assembly_.roomy(); }
  // Gives it back, if no reply is under way. The last one is no more.
  void fall_back() noexcept;
  // Whether a reply has begun and not ended.
  bool mid_reply() const { return !at_start_ || !pending_.empty(); }

  // Bytes that were kept because what they belong to was not complete in one read: what tests hold
  // to be linear in the bytes that were fed.
  std::uint64_t bytes_copied() const { return bytes_copied_; }

  // From this size on a string in pieces is not collected by hiredis: one copy instead of two.
  static constexpr std::size_t large_from = 16 * 1024;
  // A status, an error, a number or a header is no longer than this.
  static constexpr std::size_t max_line = 64 * 1024;

 private:
  enum class Stage : std::uint8_t { between, line, string };  // two elements; in the middle of one
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

  bool at_start_ = true;  // no reply is under way, and none was refused
  Stage stage_ = Stage::between;
  std::string line_;  // the beginning of one that came in pieces

  // A string under way.
  Sink sink_ = Sink::nothing;
  std::uint8_t end_seen_ = 0;  // bytes of its closing CRLF
  std::size_t string_size_ = 0;
  std::size_t string_left_ = 0;
  std::string body_;         // a large one
  bool body_alone_ = false;  // which is the whole reply
  Node node_{};              // of a reply that needs no assembly: in place, or a large string
};

}  // namespace djcache::resp
