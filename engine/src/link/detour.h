// Detour: what stands in for a command that the server refuses: other commands, step by step, while nothing
// else is in flight on the connection. So the operation keeps its place among all others of its keys.
//
// Pure.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "resp/reply.h"

namespace djcache::link {

class Detour {
 public:
  // The replies to the commands of the step before.
  struct Heard {
    const resp::Reply* last = nullptr;  // null at the first step
    std::string_view error{};           // the first error among those before the last; empty: none
  };
  struct Step {
    enum class Kind : std::uint8_t {
      send,     // `commands`, which have `number` replies
      reply,    // over: the last reply is the answer
      integer,  // over: `number` is
      nil,      // over: nil is
      failed,   // over: an error reply with the text in `commands` is
    } kind;
    std::int64_t number = 1;
  };

  virtual ~Detour() = default;
  // `commands` is empty. Borrowed until the next call.
  virtual Step next(const Heard& heard, std::string& commands) = 0;
};

}  // namespace djcache::link
