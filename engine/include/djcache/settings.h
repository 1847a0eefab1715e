/// @file
/// Settings: Django's CACHES dictionary, in code or read from JSON.
///
/// @code
/// Settings settings{.caches = {{"default", {.location = {"redis://127.0.0.1:6379/1"}}}}};
/// @endcode
/// The JSON form is the dictionary itself, as `json.dumps(settings.CACHES)` writes it. Nothing is
/// ignored silently: each finding names alias, key and what was expected. Source:
/// https://docs.djangoproject.com/en/4.2/ref/settings/#caches
#pragma once

#include <djcache/export.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <djcache/credentials.h>
#include <djcache/events.h>
#include <djcache/foreign.h>
#include <djcache/result.h>
#include <djcache/sentinel.h>
#include <djcache/tls.h>
#include <djcache/ttl.h>

namespace djcache {

/// KEY_FUNCTION: derives the stored key from a caller's key.
///
/// Pure: the same arguments give the same key. Runs inside the call that passes the key, on the
/// thread of that call (with SyncEngine: on the loop thread), and must not throw or call djcache.
using KeyFunction = std::function<std::string(std::string_view key, std::string_view key_prefix,
                                              std::int64_t version)>;

/// How values are serialized.
enum class Serializer : std::uint8_t {
  msgpack,  ///< every kind of Value except objects of other classes; engine/docs/msgpack.md
  pickle,   ///< the default: what stock Django and django-redis write; engine/docs/pickle.md
  json,  ///< django-redis' JSONSerializer: the values JSON can express; engine/docs/serializers.md
  raw,   ///< no encoding: strings and bytes in, bytes out
};

/// django-redis' compressors. Each is available if djcache was built with its library.
enum class Compressor : std::uint8_t { none, zlib, gzip, zstd, lz4, lzma };

/// Which entry the memory backend drops when the store is full; see engine/docs/memory.md.
enum class EvictionPolicy : std::uint8_t {
  cull,     ///< Django's: a full store drops one entry in cull_frequency, the least recently used
  lru,      ///< the least recently used entry, one at a time
  s3_fifo,  ///< keeps entries that are read repeatedly, even if many others are used only once
};

/// OPTIONS of an alias. Every field has a default.
///
/// In JSON options have the names of these fields, and durations are seconds with fractions; the
/// names of redis-py (socket_timeout, socket_connect_timeout, ...) and django-redis
/// (SOCKET_TIMEOUT, PASSWORD, ...) are accepted as well: engine/docs/settings.md has the table,
/// with ranges. The parts of a URL take precedence over db, username and password. Limits are a
/// millisecond to an hour; other values are `invalid_settings`.
struct Options {
  std::optional<int> db{};              ///< the database; empty: 0
  std::string username{};               ///< empty: the server's default user
  std::string password{};               ///< secret: never part of an error or event
  std::string client_name = "djcache";  ///< CLIENT SETNAME; "" sends none

  /// For servers with rediss:// URLs; an error with other servers.
  std::optional<TlsOptions> tls{};
  /// The Sentinels that know the addresses of the servers: LOCATION then names a service.
  std::optional<SentinelOptions> sentinel{};

  /// Values are serialized, then compressed, then signed: engine/docs/serializers.md, signed.md. An
  /// int that is the whole value skips all three and stays decimal text, so that incr works.
  Serializer serializer = Serializer::pickle;
  int pickle_protocol = -1;  ///< the protocol written: 0 to 5; -1 is the highest. All are read
  Compressor compressor = Compressor::none;  ///< of serialized values above compress_min_bytes

  /// Serialized values of more bytes than this are compressed. Empty: as django-redis, 100 for lzma
  /// and 15 for the others.
  std::optional<std::size_t> compress_min_bytes{};
  /// Tried in order if `serializer` cannot read an entry. Never used for writing.
  std::vector<Serializer> serializer_fallbacks{};
  std::vector<Compressor> compressor_fallbacks{};  ///< as serializer_fallbacks

  /// HMAC-SHA256 keys for stored values; empty: no signatures. The first one signs, all verify. At
  /// most 8, of 16 to 1024 bytes. Secret: never part of an error or event.
  std::vector<std::string> signing_keys{};
  std::string signing_salt{};  ///< entries signed with another salt are refused; up to 255 bytes
  Foreign foreign = Foreign::refuse;  ///< pickle: how objects of other classes are read

  /// True: integers are signed, unsigned ones refused; incr fails with not_an_integer.
  bool sign_integers = false;

  /// The limit for making a connection: name, all addresses and handshake together. Empty:
  /// redis-py's limits, otherwise 5 s.
  std::optional<std::chrono::milliseconds> connect_limit{};
  /// The limit of one operation, from its call to its reply, including connecting. Empty:
  /// socket_timeout, otherwise 500 ms.
  std::optional<std::chrono::milliseconds> command_limit{};
  /// A connection is closed if it has been silent for this long and its oldest operation has timed
  /// out.
  std::chrono::milliseconds stall_limit{2000};
  /// The pause before a second connection attempt; doubles with each attempt, full jitter.
  std::chrono::milliseconds backoff_min{10};
  std::chrono::milliseconds backoff_max{1000};  ///< the longest pause between attempts

  /// redis-py's own limits; those of a URL take precedence. Used if connect_limit and command_limit
  /// are empty.
  std::optional<std::chrono::milliseconds> socket_connect_timeout{};
  std::optional<std::chrono::milliseconds> socket_timeout{};  ///< as socket_connect_timeout

  std::size_t connections_max = 1;             ///< per pool, 1 to 1024
  std::size_t leases_max = 64;                 ///< connections that are leased at once, per pool
  std::size_t pending_max = 100'000;           ///< operations queued or unanswered, per pool
  std::size_t pending_max_bytes = 64u << 20;   ///< bytes of the commands of these, per pool
  std::size_t value_max_bytes = 32u << 20;     ///< one encoded value, in either direction
  std::size_t reply_max_elements = 1'000'000;  ///< elements of one reply
  std::size_t value_max_depth = 64;            ///< nesting when decoding

  /// The maximum number of entries. Default: 300, as in Django; with max_bytes 2^27 - 2.
  std::optional<std::size_t> max_entries{};
  std::size_t cull_frequency = 3;  ///< of EvictionPolicy::cull; 0: a full store drops all entries

  /// The maximum memory of the store, 64 KiB or more; default: only max_entries is a bound.
  std::optional<std::size_t> max_bytes{};
  std::optional<EvictionPolicy> policy{};  ///< default: cull; with max_bytes s3_fifo

  friend bool operator==(const Options&, const Options&) = default;
};

/// A problem with the settings.
///
/// Error: the alias cannot work, and reports `invalid_settings`. Warning: a setting has no effect,
/// but the alias works. Never contains a value that may be secret.
struct SettingsFinding {
  /// How severe it is.
  enum class Severity : std::uint8_t { warning, error };
  Severity severity = Severity::error;  ///< error: the alias does not work
  std::string alias{};                  ///< empty: about the whole dictionary
  std::string place{};                  ///< CACHES['default']['OPTIONS']['db']
  std::string text{};                   ///< what is wrong and what was expected

  friend bool operator==(const SettingsFinding&, const SettingsFinding&) = default;
};

/// One alias of CACHES.
struct CacheSettings {
  /// "redis", "memory", "dummy", or the name Django, django-redis or django-redis-ex has for it;
  /// see engine/docs/settings.md. "": redis if there is a location, otherwise memory.
  std::string backend{};
  /// LOCATION. redis: the URLs of the servers. The first takes all writes; with more than one,
  /// reads go to a random one of the others. An element may be several URLs split by ';' or ','.
  /// memory: the name of the store, one at most; caches of one engine with the same name share
  /// their entries.
  std::vector<std::string> location{};
  Ttl timeout = std::chrono::seconds(300);  ///< TIMEOUT; omitted counts as 300 s
  std::string key_prefix{};                 ///< KEY_PREFIX
  std::int64_t version = 1;                 ///< VERSION

  /// VERSION as text, "1.30.1": used in the keys instead of `version`. incr_version without a
  /// version argument is then an error, as in Django, and there can be no key_function.
  std::string version_text{};
  KeyFunction key_function{};  ///< empty: "{key_prefix}:{version}:{key}"

  /// For credentials that change; takes precedence over users and passwords in `location` and
  /// `options`. A connection is renewed after four fifths of the validity of its credentials:
  /// operations in flight finish first, later ones use the new connection. Connections of leases
  /// and subscribers stay until the server closes them. Aliases with a source share no connections.
  CredentialsSource credentials{};
  Options options{};                        ///< OPTIONS
  std::vector<SettingsFinding> findings{};  ///< findings of from_json; part of Settings::findings()
};

/// Maps the names in a CACHES dictionary that stand for Python code of the project: an argument of
/// Settings::from_json().
struct NamedCode {
  /// BACKEND -> a name that djcache knows. For subclasses that change neither keys nor bytes.
  std::map<std::string, std::string, std::less<>> backends{};
  std::map<std::string, KeyFunction, std::less<>>
      key_functions{};  ///< KEY_FUNCTION -> the same in C++
  std::map<std::string, Serializer, std::less<>>
      serializers{};  ///< SERIALIZER -> the serializer that writes the same
  std::map<std::string, Compressor, std::less<>>
      compressors{};  ///< COMPRESSOR -> the compressor that writes the same
};

/// Django's CACHES dictionary, and the functions through which an engine reports.
struct DJCACHE_API Settings {
  /// The aliases. Empty: a "default" on memory, which is also what Django has without CACHES.
  std::map<std::string, CacheSettings, std::less<>> caches{};

  /// Django's CacheKeyWarning. Called on the loop thread, inside the call that passes the key, and
  /// again before its callback where Django checks the key more than once (get_or_set,
  /// incr_version). Also called, once and with an empty alias, if a thread other than the loop's
  /// has used the engine. It must not call djcache.
  std::function<void(std::string_view alias, std::string_view message)> on_warning{};
  /// Receives each warning of findings() once, inside the constructor of the engine. It must not
  /// call djcache.
  std::function<void(const SettingsFinding&)> on_settings_warning{};
  /// Receives the events of pools, on the loop thread, never inside a call into djcache. It may
  /// call anything.
  std::function<void(const PoolEvent&)> on_event{};
  /// For a program that drives the libuv loop from another (uv_backend_fd, uv_backend_timeout): the
  /// engine has work that the last uv_backend_timeout did not include, so take a turn soon. Called
  /// on the loop thread, inside the call into djcache that creates the work, never while the engine
  /// itself is running, and not again until a turn has been taken. It must not call djcache or run
  /// the loop, only schedule the turn. engine/docs/other-loops.md.
  std::function<void()> on_work{};

  using ReadOptions = NamedCode;  ///< of from_json()

  /// Reads what `json.dumps(settings.CACHES)` writes.
  ///
  /// An alias that cannot be read does not affect the others: findings() has its errors. Errors:
  /// `invalid_settings` for a text that is not JSON or not a dictionary, or that is too large (16
  /// MiB, 32 levels).
  static Result<Settings> from_json(std::string_view json, const ReadOptions& names = {});
  /// As from_json(), of a regular file. Errors: also `invalid_settings` if it cannot be read.
  static Result<Settings> from_json_file(const std::string& path, const ReadOptions& names = {});

  /// All errors and warnings of all aliases: whether `default` exists (or no alias at all),
  /// backends are known, URLs parse, options are in range and have an effect, and caches of one
  /// memory store agree.
  std::vector<SettingsFinding> findings() const;
  /// The effective settings of the alias, as text of several lines: servers, limits, keys, timeout,
  /// values. Contains no password.
  std::string explain(std::string_view alias) const;
  /// The errors of findings() in one text, one per line; ok if there are none. An alias without
  /// errors works in an Engine, regardless of errors in others.
  Result<void> check() const;
};

}  // namespace djcache
