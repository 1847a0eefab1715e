// Texts written by a server, made safe to quote. Everything from servers that goes into errors and
// events passes through here.
//
// Servers repeat what they were sent: "unknown command 'SET', with args beginning with: ...", the
// name of a user without permission, the line of a script. None of that may appear in a log.
//
// Pure.
#pragma once

#include <string>
#include <string_view>

namespace djcache::text {

// Texts that must not be repeated.
struct Sent {
  std::string_view command{};  // the command or commands that the server answers, in RESP
  std::string_view username{};
  std::string_view password{};
};

// The text of an error reply up to ", with args beginning with", with "..." for everything that it
// repeats of the command (arguments of four bytes or more, and any eight bytes of longer ones),
// without control characters, cut with "..." after `foreign_max` bytes. For AUTH or HELLO: as
// refusal().
inline constexpr std::size_t foreign_max = 300;
std::string foreign(std::string_view error, const Sent& sent);

// The text in front of the arguments that servers repeat; ends behind the name of an unknown
// command, too.
std::string_view before_arguments(std::string_view error);

// The first word and, if known, its meaning in djcache's words: "WRONGPASS: wrong user or ...".
// Nothing else of the server's text. For replies to commands with credentials, and where it is
// unknown which command is answered.
std::string refusal(std::string_view error);

// Whether the server does not know `command`, or does not allow this user to run it: the wording
// differs, but names the command.
bool refuses(std::string_view error, std::string_view command);

// Whether the server is running but cannot serve now: LOADING, MISCONF, NOREPLICAS, MASTERDOWN,
// BUSY, CLUSTERDOWN, TRYAGAIN.
bool says_unavailable(std::string_view error);

// Which setting may be wrong, given an error reply to a command of the cache; empty if unknown.
std::string_view hint(std::string_view error);

}  // namespace djcache::text
