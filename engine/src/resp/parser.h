// Parser: bytes in, replies out. hiredis' redisReader does the framing; our object functions build
// flat replies and refuse what is over the caps before any memory is reserved for it.
//
// Two short cuts, for what a cache's replies mostly are: a string, status or number that lies complete
// in the bytes just read is answered in place, uncopied; a large string is collected with one copy. Both
// only at the start of a reply, and only when all is sound: everything else is the reader's.
//
// Pure: no I/O, no clock. RESP2, hiredis 0.14.1 and 1.x.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "resp/reply.h"

struct redisReader;

namespace djcache::resp {

struct Caps {
  std::size_t bulk_bytes = 32u << 20;  // one string; a larger top-level one is skipped, not stored
  std::size_t elements = 1'000'000;    // of one reply, over all its arrays
  std::size_t reply_bytes = 512u << 20;  // all strings of one reply together
  std::size_t depth = 7;                 // arrays in arrays; hiredis 1.x has no limit of its own

  friend auto operator<=>(const Caps&, const Caps&) = default;
};

class Parser {
 public:
  enum class Status : std::uint8_t { reply, need_more, error };

  explicit Parser(const Caps& caps);
  ~Parser();
  Parser(const Parser&) = delete;
  Parser& operator=(const Parser&) = delete;

  // Offers bytes. They are borrowed until next() has answered need_more.
  // REQUIRES: the last next() answered need_more, or nothing was fed yet.
  void feed(std::string_view bytes) { pending_ = bytes; }

  // The next complete reply. After `error` only reset() helps; error() says what was wrong. The same
  // after std::bad_alloc.
  Status next(Reply& out) {
    if (at_start_ && !pending_.empty() && next_in_place(out)) [[likely]] {
      return Status::reply;
    }
    return next_slowly(out);
  }
  const std::string& error() const { return error_; }
  // The error is a string over the cap, in a reply that is sound otherwise.
  bool error_is_size() const { return error_is_size_; }

  // Forgets everything: for the next connection.
  void reset();
  // Whether a reply has begun and not ended.
  bool mid_reply() const;

  // Bytes that the reader was given or has moved since the parser was made: what tests hold to be
  // linear in the bytes that were fed.
  std::uint64_t bytes_copied() const { return bytes_copied_; }

  // From this size on a top-level string bypasses the reader: one copy instead of two.
  static constexpr std::size_t large_from = 16 * 1024;

 private:
  friend struct ObjectFunctions;
  struct Build;  // what the object functions see
  struct Header {
    std::size_t size = 0;    // announced bytes
    std::size_t length = 0;  // of the header itself; 0: there is none (complete and sound)
  };

  bool next_in_place(Reply& out);
  bool line_in_place(Reply& out);
  Status next_slowly(Reply& out);
  Status collect(Reply& out);
  Status next_large(Reply& out);
  Status next_small(Reply& out);
  bool enter_large(const Header& header, std::string_view rest);
  void feed_reader();
  std::size_t wanted() const;
  bool waits_for_string() const;
  bool leave_reader_for_large();
  bool over_caps();
  Status fail(std::string reason);
  static Header read_header(std::string_view digits);

  Caps caps_;
  redisReader* reader_ = nullptr;
  std::unique_ptr<Build> build_;
  std::string_view pending_;
  std::string error_;
  bool error_is_size_ = false;
  std::uint64_t bytes_copied_ = 0;

  bool at_start_ = true;  // no reply is under way, in the reader or here, and none was refused

  // A large top-level string under way.
  bool large_ = false;
  bool discard_ = false;  // over the cap: count, do not keep
  std::size_t large_size_ = 0;
  std::size_t large_left_ = 0;  // including the closing CRLF
  std::string body_;
  Node node_{};  // of a reply that needs no Build: in place, or large
};

}  // namespace djcache::resp
