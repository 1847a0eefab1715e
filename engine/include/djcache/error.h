/// @file
/// Errors: a closed list of codes for programs, and a text for people.
///
/// Every operation reports through one channel, the Result<T> of its callback. A miss is not an
/// error. The API throws nothing but std::bad_alloc, from a call that has no memory to begin; its
/// callback is destroyed uncalled. engine/docs/errors.md has the advice for each code.
#pragma once

#include <djcache/export.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <system_error>

namespace djcache {

/// What went wrong: a closed list.
///
/// Each enumerator says when it happens and whether the server may have executed the command.
/// engine/docs/errors.md has the advice for each.
enum class Errc : std::uint8_t {
  // --- The call itself. Never executed.
  /// A setting is unknown, ill-typed or contradictory; `detail` names alias and key.
  invalid_settings,
  unknown_alias,     ///< Engine::cache() was given an alias that CACHES does not have.
  invalid_argument,  ///< An argument cannot be used, for example a transaction without commands.
  encode_failed,     ///< The serializer cannot represent the value.

  /// The encoded value or the reply exceeds a limit such as `value_max_bytes`; `detail` names the
  /// option. A reply that is too large is read and discarded, and the connection stays usable.
  /// Nothing changed on the server.
  value_too_large,
  not_supported,   ///< This backend cannot do this operation.
  overloaded,      ///< A bound is reached: `pending_max` of the pool, `leases_max`, `keys_max`.
  would_deadlock,  ///< A blocking call on the loop thread, which would wait for itself.

  // --- Getting a connection. Never executed.
  /// No address answered, the name is unknown, or the handshake was refused (`unavailable` if the
  /// server says that).
  connect_failed,
  auth_failed,  ///< The server rejects the credentials, or requires some.
  /// The server's certificate is not trusted, the server rejects the client's, or the port does not
  /// speak TLS; `detail` says which.
  tls_failed,
  /// No Sentinel knows a primary of the service, or the server they name reports that it is not
  /// one; `detail` lists each Sentinel that was asked, and its answer.
  no_primary,

  // --- While waiting.
  timeout,  ///< The limit expired. May have been executed unless `detail` says "not sent".

  /// Engine::cancel() was called, or a producer dropped its Resolve. May have been executed.
  cancelled,
  disconnected,     ///< Ended by an abort, or by a drain at its limit. May have been executed.
  connection_lost,  ///< The connection was lost before the reply. May have been executed.

  /// The peer broke the protocol; the connection was closed. May have been executed.
  protocol_error,
  /// The SyncEngine was stopped, or belongs to the parent of this forked process; or the engine was
  /// destroyed while a coroutine waited. May have been executed if it was pending then.
  closed,
  /// This process ran out of memory while processing its operations: pending operations fail with
  /// this. May have been executed. (If the server is out of memory: out_of_memory.)
  no_memory,

  // --- The server's answer. Not executed, unless a transaction was under way.
  /// The server cannot serve at present: it loads its data (-LOADING), may not write (-MISCONF,
  /// -NOREPLICAS), has lost its primary (-MASTERDOWN), runs a script (-BUSY), or its cluster is
  /// incomplete (-CLUSTERDOWN, -TRYAGAIN). Continue without the cache; the same operation will work
  /// later.
  unavailable,
  read_only,          ///< A write reached a replica (-READONLY); the connection is renewed.
  out_of_memory,      ///< The server is at its `maxmemory` (-OOM). For this process: no_memory.
  wrong_type,         ///< The key holds another redis type (-WRONGTYPE).
  permission_denied,  ///< The ACL of the user forbids it (-NOPERM).

  /// Any other error reply; `detail` has its text, without the parts that quote the command.
  server_error,

  // --- Django's contract.
  /// A missing key in incr, decr, incr_version or decr_version (Django: ValueError). Nothing was
  /// created.
  key_not_found,
  not_an_integer,    ///< incr or decr of a value that is not a 64-bit integer. It is unchanged.
  integer_overflow,  ///< incr or decr past the range of 64 bits. The value is unchanged.

  /// The stored bytes are not what the serializer writes. The entry is unchanged.
  decode_failed,
  no_value,  ///< A producer of get_or_set reported that there is nothing to store.

  // --- Sessions.
  /// The session key is taken (CreateError), or no free one was found. Nothing was stored.
  session_exists,
  /// SessionStore::save() of a session whose entry no longer exists (UpdateError): it was logged
  /// out or has expired. Nothing was stored.
  session_gone,
};

/// The number of codes.
inline constexpr std::size_t errc_count = static_cast<std::size_t>(Errc::session_gone) + 1;

/// The enumerator's own name, for logs and tests: "key_not_found".
DJCACHE_API std::string_view to_string(Errc code);

/// The category "djcache", for programs whose errors are std::error_code.
///
/// The value of a code is that of the enumerator plus 1, since 0 means no error. `code ==
/// Errc::timeout` compares.
DJCACHE_API const std::error_category& error_category() noexcept;
/// Makes `std::error_code code = Errc::timeout;` work.
inline std::error_code make_error_code(Errc code) noexcept {
  return {static_cast<int>(code) + 1, error_category()};
}

/// An error: a code to branch on, and a detail to read.
///
/// Details name aliases, endpoints and stored keys (as Python's repr), never credentials, values,
/// tokens or scripts, regardless of what a server writes. They contain no control characters, and
/// at most a few hundred bytes of text from others.
struct Error {
  Errc code{};         ///< for programs
  std::string detail;  ///< for people; its wording may change

  friend bool operator==(const Error& a, const Error& b) = default;
};

/// Both as one text: "key_not_found: Key ':1:visits' not found".
DJCACHE_API std::string to_string(const Error& error);

}  // namespace djcache

template <>
struct std::is_error_code_enum<djcache::Errc> : std::true_type {};
