// Reading: how the reply to a command becomes the outcome of a call, for each kind of command.
//
// Pure.
#pragma once

#include <cstdint>

#include "call.h"
#include "link/pool.h"
#include "resp/reply.h"

namespace djcache::redis {

// The texts of an array, one after the other.
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
  // `refused`: with the words in the outcome's bytes.
  enum class Got : std::uint8_t { outcome, unexpected, missing_key, aborted, refused };
  // Makes the outcome of a reply that is no error. `values` may be kept in the outcome.
  using Read = Got (*)(const resp::Reply& reply, std::string_view command, ReplyValues& values,
                       Outcome& outcome);
  enum class Of : std::uint8_t { cache, raw_client, raw_client_that_takes_errors };

  // `key_at`: which word of the command is its key, for the texts of errors; 0: it has none to name.
  constexpr Reading(Read read, std::uint8_t key_at, Of of = Of::cache)
      : read_(read), key_at_(key_at), of_(of) {}

  // That of a refused script comes later, from other commands.
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
extern const Reading done;  // SET, FLUSHDB, MSET: +OK; DEL of many: a number nobody asks for
extern const Reading stored_or_nil;   // SET NX: +OK or nil
extern const Reading flag;            // EXISTS, DEL, EXPIRE, PERSIST: 0 or more; PTTL: also below
extern const Reading absent;          // EXISTS, asked the other way round
extern const Reading many;            // MGET
extern const Reading transaction;     // EXEC: an array
extern const Reading script_integer;  // the incr script: an integer, or nil for a missing key
extern const Reading script_flag;     // the other scripts: 0 or 1
extern const Reading page;            // SCAN: the next cursor and an array
// Of raw clients, who get the reply as it is.
extern const Reading raw;           // an error reply is an error
extern const Reading raw_or_error;  // an error reply is a reply
extern const Reading exec;          // EXEC: nil is flag false

// What an error reply of a server means.
Errc classify(std::string_view error_text);

}  // namespace djcache::redis
