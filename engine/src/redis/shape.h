// Shape: how the reply to a command is read. Travels with the operation through the pool as one
// byte.
//
// Pure.
#pragma once

#include <cstdint>

#include "call.h"
#include "link/pool.h"

namespace djcache::redis {

enum class Shape : std::uint8_t {
  bytes_or_nil,    // GET
  done,            // SET, FLUSHDB, MSET: +OK; DEL of many: a number nobody asks for
  stored_or_nil,   // SET NX: +OK or nil
  flag,            // EXISTS, DEL, EXPIRE, PERSIST: 0 or more; PTTL: also below
  absent,          // EXISTS, asked the other way round
  many,            // MGET
  transaction,     // EXEC: an array
  script_integer,  // the incr script: an integer, or nil for a missing key
  script_flag,     // the other scripts: 0 or 1
  page,            // SCAN: the next cursor and an array
  // Of raw clients, who get the reply as it is.
  reply,           // an error reply is an error
  reply_or_error,  // an error reply is a reply
  exec,            // EXEC: nil is flag false
};

inline bool is_script(Shape shape) {
  return shape == Shape::script_integer || shape == Shape::script_flag;
}

// Ends the call of a completion of `pool`; that of a refused script later, by other commands.
void finish(link::Pool& pool, link::Connection& connection, const link::Completion& completion);

// What an error reply of a server means.
Errc classify(std::string_view error_text);

}  // namespace djcache::redis
