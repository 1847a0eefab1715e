// What a server wrote, made fit for a text of ours. All of it that goes into errors and events passes
// through here.
//
// Servers repeat what they were sent: "unknown command 'SET', with args beginning with: ...", the name
// of the user that may not, the line of a script. None of that may come back in a log.
//
// Pure.
#pragma once

#include <string>
#include <string_view>

namespace djcache::text {

// What must not come back.
struct Sent {
  std::string_view command{};  // that the server answers, in RESP; or several
  std::string_view username{};
  std::string_view password{};
};

// The text of an error reply: up to ", with args beginning with", with "..." for whatever it repeats of
// what was sent (arguments of four bytes or more, eight bytes of longer ones), without control
// characters, at most `foreign_max` bytes and "...". Of an answer to AUTH or HELLO: as refusal().
inline constexpr std::size_t foreign_max = 300;
std::string foreign(std::string_view error, const Sent& sent);

// Up to where servers begin to repeat the arguments: behind the name of an unknown command, too.
std::string_view before_arguments(std::string_view error);

// The first word and, where it is known, what it means in our own words: "WRONGPASS: wrong user or
// ...". Nothing else that the server wrote: for answers to what carries credentials, and where it is
// not known what is answered.
std::string refusal(std::string_view error);

// The server does not know `command`, or does not let this user run it: the words differ, but name it.
bool refuses(std::string_view error, std::string_view command);

// The server is there and cannot serve now: LOADING, MISCONF, NOREPLICAS, MASTERDOWN, BUSY,
// CLUSTERDOWN, TRYAGAIN.
bool says_unavailable(std::string_view error);

// What of it the settings may have to say otherwise; empty if nothing is known. For an answer to a
// command of the cache's own.
std::string_view hint(std::string_view error);

}  // namespace djcache::text
