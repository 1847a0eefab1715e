// RESP2 as the harness reads it: replies into trees, commands into words. Pure, and independent of
// the engine's parser on purpose, so that the two do not share mistakes.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include <djcache/harness/reply.h>

namespace djcache::harness {

enum class Parsed { complete, incomplete, invalid };

struct ParsedReply {
  Parsed state = Parsed::incomplete;
  std::size_t used = 0;  // bytes of the buffer, when complete
  Reply reply = {};
};
ParsedReply parse_reply(std::string_view buffer);

struct ParsedCommand {
  Parsed state = Parsed::incomplete;
  std::size_t used = 0;
  std::vector<std::string> words = {};
};
// The array of bulk strings that clients send; inline commands are invalid.
ParsedCommand parse_command(std::string_view buffer);

}  // namespace djcache::harness
