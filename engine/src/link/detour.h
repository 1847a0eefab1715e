// Detour: replaces a command that the server refuses by other commands, step by step, while nothing
// else is in flight on the connection. So the operation keeps its place among the others of its
// keys.
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
  // The replies to the commands of the previous step.
  struct Heard {
    const resp::Reply* last = nullptr;  // null in the first step
    std::string_view error{};           // the first error among those before the last; empty: none
  };
  struct Step {
    enum class Kind : std::uint8_t {
      send,     // sends `commands`, which have `number` replies
      reply,    // ends with the last reply
      integer,  // ends with `number`
      nil,      // ends with nil
      failed,   // ends with an error reply whose text is in `commands`
    } kind;
    std::int64_t number = 1;
  };

  virtual ~Detour() = default;
  // `commands` is empty at first. Borrowed until the next call.
  virtual Step next(const Heard& heard, std::string& commands) = 0;
};

}  // namespace djcache::link
