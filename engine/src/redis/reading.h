// Reading: how the reply to each kind of command becomes the outcome of a call.
//
// Pure.
#pragma once

#include <cstdint>

#include "call.h"
#include "link/pool.h"
#include "resp/reply.h"

namespace djcache::redis {

// The texts of an array, in order.
class ReplyValues final : public ManyBytes {
 public:
  void of(const resp::Reply& array);
  bool next(std::string_view& bytes) override;

 private:
  resp::Reply item_{};
  std::size_t left_ = 0;
  bool first_ = true;
};

class Reading final : public link::Handler {
 public:
  // `refused`: the server's words are in the outcome's bytes.
  enum class Got : std::uint8_t { outcome, unexpected, missing_key, aborted, refused };
  // Makes the outcome of a reply that is not an error. The outcome may refer to `values`.
  using Read = Got (*)(const resp::Reply& reply, std::string_view command, ReplyValues& values,
                       Outcome& outcome);
  enum class Of : std::uint8_t { cache, raw_client, raw_client_that_takes_errors };

  // `key_at`: which word of the command is its key, for error texts; 0: none.
  constexpr Reading(Read read, std::uint8_t key_at, Of of = Of::cache)
      : read_(read), key_at_(key_at), of_(of) {}

  // The end of a refused script comes later, from other commands.
  void end(link::Pool& pool, link::Connection& connection,
           const link::Completion& completion) const override;

 private:
  void end_otherwise(link::Pool& pool, link::Connection& connection,
                     const link::Completion& completion) const;
  void end_with_reply(link::Pool& pool, link::Connection& connection,
                      const link::Completion& completion) const;
  void end_refused(const link::Pool& pool, const link::Completion& completion,
                   std::string_view said) const;
  std::string named_key(const link::Completion& completion) const;
  Error error_of(const link::Pool& pool, const link::Completion& completion,
                 std::string_view said) const;

  Read read_;
  std::uint8_t key_at_;
  Of of_;
};

extern const Reading bytes_or_nil;  // GET
extern const Reading done;  // SET, FLUSHDB, MSET: +OK; DEL of many: a number that is not used
extern const Reading stored_or_nil;  // SET NX: +OK or nil
// EXISTS, DEL, EXPIRE, PERSIST: 0 or more; PTTL: negative, too
extern const Reading flag;
extern const Reading absent;          // EXISTS, inverted
extern const Reading many;            // MGET
extern const Reading transaction;     // EXEC: an array
extern const Reading script_integer;  // the incr script: an integer, or nil for a missing key
extern const Reading script_flag;     // the other scripts: 0 or 1
extern const Reading page;            // SCAN: the next cursor and an array
// For raw clients, which receive the reply itself.
extern const Reading raw;           // an error reply is an error
extern const Reading raw_or_error;  // an error reply is a reply
extern const Reading exec;          // EXEC: nil is flag false

// The error code of a server's error reply.
Errc classify(std::string_view error_text);

}  // namespace djcache::redis
