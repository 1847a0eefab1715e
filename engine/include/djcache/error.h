// What can go wrong, as a closed list for programs and a sentence for people.
//
// Every operation reports through one channel, the Result<T> of its callback. A miss is not an error.
// One thing is thrown across the API: std::bad_alloc, by a call that finds no memory to begin with;
// its callback is destroyed uncalled. engine/docs/errors.md explains what to do about each.
#pragma once

#include <djcache/export.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <system_error>

namespace djcache {

// The comment of each enumerator says when it happens and whether the command may have been
// executed by the server.
enum class Errc : std::uint8_t {
  // --- The call itself. Never executed.
  invalid_settings,  // A setting is unknown, ill-typed or contradictory; `detail` names alias and
                     // key.
  unknown_alias,     // Engine::cache() was asked for an alias that CACHES does not have.
  invalid_argument,  // An argument cannot be used, for example a transaction without commands.
  encode_failed,     // The serializer cannot represent the value.
  value_too_large,   // Encoded value or reply is over `value_max_bytes`. A reply to get is read and
                     // thrown away; one among those of get_many ends the connection. Nothing
                     // changed on the server.
  not_supported,     // This backend cannot do this operation.
  overloaded,        // Queued and unanswered operations reached the pool's ceiling.
  would_deadlock,    // A blocking call from the loop thread that would have to answer it.

  // --- Getting a connection. Never executed.
  connect_failed,  // No address answered, the name is unknown, or the handshake was refused (a
                   // server that is `unavailable` says so).
  auth_failed,     // The server wants other credentials, or some, or refuses the ones given.
  tls_failed,  // The server's certificate is not to be trusted, it refuses the client's, or it does
               // not speak TLS; `detail` says which.

  // --- While waiting.
  timeout,          // The limit passed. May have been executed unless `detail` says "not sent".
  cancelled,        // cancel() was called, or a producer gave up. May have been executed.
  disconnected,     // An abort (or a drain past its limit) ended it. May have been executed.
  connection_lost,  // The connection ended before the reply. May have been executed.
  protocol_error,   // The peer broke the protocol; the connection was closed. May have been
                    // executed.
  closed,           // The SyncEngine was stopped, or is the parent's of this forked process; or the
                    // engine of a coroutine that waits was destroyed. May have been executed if it
                    // was waiting then.
  no_memory,  // This process has no memory left. Nobody knows how far things had got, so that every
              // operation that waited ends with this. May have been executed.

  // --- The server's answer. Not executed, unless a transaction was under way.
  unavailable,    // The server is there and cannot serve now: it loads its data (-LOADING), may
                  // not write (-MISCONF, -NOREPLICAS), has lost its primary (-MASTERDOWN), runs a
                  // script (-BUSY), or its cluster is incomplete (-CLUSTERDOWN, -TRYAGAIN). Go on
                  // without the cache; the same operation works later.
  read_only,      // A write reached a replica (-READONLY); the connection is renewed.
  out_of_memory,  // The server refuses to grow (-OOM). Of this process: no_memory.
  wrong_type,     // The key holds another redis type (-WRONGTYPE).
  permission_denied,  // The ACL of the user forbids it (-NOPERM).
  server_error,       // Any other error reply; `detail` carries its text, without what it repeats
                      // of the command.

  // --- Django's contract.
  key_not_found,   // incr, decr, incr_version, decr_version of a missing key (ValueError). Nothing
                   // was created.
  not_an_integer,  // incr or decr of a value that is no 64-bit integer. The value is unchanged.
  integer_overflow,  // incr or decr past the range of 64 bits. The value is unchanged.
  decode_failed,     // The stored bytes are not what the serializer writes. The entry is unchanged.
  no_value,  // A producer of get_or_set said so: there is nothing to store. Nothing was stored.

  // --- Sessions.
  session_exists,  // The session key is taken (CreateError), or no free one was found. Nothing was
                   // stored.
  session_gone,  // save() of a session whose entry is no longer there (UpdateError): it was logged
                 // out or has expired. Nothing was stored.
};

inline constexpr std::size_t errc_count = static_cast<std::size_t>(Errc::session_gone) + 1;

// The enumerator's own name, for logs and tests: "key_not_found".
DJCACHE_API std::string_view to_string(Errc code);

// For programs whose errors are std::error_code: its category is "djcache", its value that of the enumerator
// and 1, since 0 means no error. `code == Errc::timeout` compares.
DJCACHE_API const std::error_category& error_category() noexcept;
inline std::error_code make_error_code(Errc code) noexcept {
  return {static_cast<int>(code) + 1, error_category()};
}

// An error: a code to branch on and a detail to read. Details name aliases, endpoints and made
// keys (as Python's repr), never credentials, values, tokens or scripts, whatever a server writes. They
// have no control characters, and what others wrote takes a few hundred bytes of them at most.
struct Error {
  Errc code{};
  std::string detail;

  friend bool operator==(const Error& a, const Error& b) = default;
};

// "key_not_found: Key ':1:visits' not found".
DJCACHE_API std::string to_string(const Error& error);

}  // namespace djcache

template <>
struct std::is_error_code_enum<djcache::Errc> : std::true_type {};
