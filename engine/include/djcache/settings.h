// Settings: Django's CACHES dictionary, in code or read from JSON.
//
//   Settings settings{.caches = {{"default", {.location = {"redis://127.0.0.1:6379/1"}}}}};
//
// The JSON form is the dictionary itself, as `json.dumps(settings.CACHES)` writes it. Nothing is
// ignored in silence: each finding has alias, key and what was expected. Source: https://docs.djangoproject.com/en/4.2/ref/settings/#caches
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
#include <djcache/tls.h>
#include <djcache/ttl.h>

namespace djcache {

// KEY_FUNCTION: makes the stored key. Pure: the same arguments give the same key.
using KeyFunction = std::function<std::string(std::string_view key, std::string_view key_prefix,
                                              std::int64_t version)>;

enum class Serializer : std::uint8_t {
  msgpack,  // all kinds of Value; engine/docs/msgpack.md
  pickle,   // what stock Django, django-redis and django-redis-ex write; engine/docs/pickle.md
  json,     // django-redis' JSONSerializer: what JSON can say; engine/docs/serializers.md
  raw,      // bytes as they are: strings and bytes in, bytes out
};

// django-redis' compressors. Each is built only where its library was found.
enum class Compressor : std::uint8_t { none, zlib, gzip, zstd, lz4, lzma };

// Which entry the memory backend drops when there is no room. engine/docs/memory.md
enum class EvictionPolicy : std::uint8_t {
  cull,     // Django's: a full store loses one entry in cull_frequency, the least recently used
  lru,      // the least recently used entry, one at a time
  s3_fifo,  // keeps what is asked for again and again, whatever passes through only once
};

// OPTIONS. Every field has a default and a unit. In JSON they have the names of the fields,
// durations as seconds with fractions; the names of redis-py (socket_timeout,
// socket_connect_timeout, ...) and django-redis (SOCKET_TIMEOUT, PASSWORD, ...) are understood too,
// see engine/docs/settings.md. A URL's own parts win over db, username and password. Limits are
// above 0 and at most one hour.
struct Options {
  std::optional<int> db{};
  std::string username{};
  std::string password{};
  std::string client_name = "djcache";  // CLIENT SETNAME; "" sends none

  // Of servers that are written rediss://; with others it is an error to say anything here.
  std::optional<TlsOptions> tls{};

  // --- How values become bytes: serialized, then compressed, then signed. An int that is the whole
  // value passes by all three and stays decimal text, so that incr works. engine/docs/serializers.md
  // and engine/docs/signed.md.
  Serializer serializer = Serializer::pickle;
  int pickle_protocol = -1;  // that is written: 0 to 5; -1 is the highest. All of them are read
  Compressor compressor = Compressor::none;
  // Serialized values of more bytes than this are compressed. Empty: what django-redis does: 100
  // for lzma, 15 for the others.
  std::optional<std::size_t> compress_min_bytes{};
  // Tried in order when an entry is not what `serializer` (`compressor`) writes. Never written.
  std::vector<Serializer> serializer_fallbacks{};
  std::vector<Compressor> compressor_fallbacks{};
  // HMAC-SHA256 over what is stored; empty: no signatures. The first key signs, all verify. Secret:
  // never part of an error or event. Each has 16 to 1024 bytes; at most 8.
  std::vector<std::string> signing_keys{};
  std::string signing_salt{};  // entries of caches with another salt are refused; up to 255 bytes
  Foreign foreign = Foreign::refuse;  // pickle: objects of classes that have no kind in a Value
  bool sign_integers = false;  // true: integers are signed, unsigned ones refused; incr ends with
                               // not_an_integer

  // --- How long things may take.
  // Name, all addresses and handshake together. Empty: redis-py's limits, otherwise 5 s.
  std::optional<std::chrono::milliseconds> connect_limit{};
  // One operation, from its call to its reply. Empty: socket_timeout, otherwise 500 ms.
  std::optional<std::chrono::milliseconds> command_limit{};
  std::chrono::milliseconds stall_limit{2000};  // a connection silent this long, while its oldest
                                                // operation has timed out, is closed
  std::chrono::milliseconds backoff_min{10};    // before a second attempt; doubles, full jitter
  std::chrono::milliseconds backoff_max{1000};
  // What redis-py is told, which a URL's own win over. It connects within socket_connect_timeout,
  // or within socket_timeout when that is empty.
  std::optional<std::chrono::milliseconds> socket_connect_timeout{};
  std::optional<std::chrono::milliseconds> socket_timeout{};

  // --- How much may wait.
  std::size_t connections_max = 1;             // per pool, 1 to 1024
  std::size_t leases_max = 64;                 // connections of raw clients alone, per pool
  std::size_t pending_max = 100'000;           // operations queued or unanswered, per pool
  std::size_t pending_max_bytes = 64u << 20;   // their commands' bytes, per pool
  std::size_t value_max_bytes = 32u << 20;     // one encoded value, in either direction
  std::size_t reply_max_elements = 1'000'000;  // of one reply
  std::size_t value_max_depth = 64;            // nesting when decoding

  // --- memory backend. Never exceeded, either of the bounds.
  std::optional<std::size_t> max_entries{};  // default: 300, as in Django; with max_bytes 2^27 - 2
  std::size_t cull_frequency = 3;            // 0: a full store loses all its entries
  std::optional<std::size_t> max_bytes{};    // all memory of the store, 64 KiB or more; default: no
                                             // bound but max_entries
  std::optional<EvictionPolicy> policy{};    // default: cull; with max_bytes s3_fifo

  friend bool operator==(const Options&, const Options&) = default;
};

// What is to be said about settings: that something cannot work (error: its alias answers
// `invalid_settings`), or has no effect where it is written (warning: the alias works). Never holds a
// value that may be secret.
struct SettingsFinding {
  enum class Severity : std::uint8_t { warning, error };
  Severity severity = Severity::error;
  std::string alias{};
  std::string place{};  // CACHES['default']['OPTIONS']['db']
  std::string text{};   // what is wrong and what was expected

  friend bool operator==(const SettingsFinding&, const SettingsFinding&) = default;
};

struct CacheSettings {
  // "redis", "memory", "dummy", or the name Django, django-redis or django-redis-ex has for it; see
  // engine/docs/settings.md. "": redis if there is a location, otherwise memory.
  std::string backend{};
  // redis: the servers. The first takes all writes; with more than one, reads go to a random one of
  // the others. Each element may itself be several URLs split by ';' or ','. memory: the name of the
  // store, one at most; caches of one engine with the same name share their entries.
  std::vector<std::string> location{};
  Ttl timeout = std::chrono::seconds(300);  // TIMEOUT; omitted counts as 300 s
  std::string key_prefix{};
  std::int64_t version = 1;
  // VERSION as a text, "1.30.1": stands in the keys instead of `version`. incr_version without a version
  // of its own is then an error, as in Django, and there can be no key_function.
  std::string version_text{};
  KeyFunction key_function{};  // empty: "{key_prefix}:{version}:{key}"
  // For logins that change. Wins over users and passwords in `location` and `options`. A connection is
  // renewed when four fifths of its time have passed: what is under way ends first, what comes then goes
  // over the new one. Those of leases and subscribers stay until the server ends them. Aliases with a
  // source share no connections.
  CredentialsSource credentials{};
  Options options{};
  std::vector<SettingsFinding>
      findings{};  // what from_json has to say; part of Settings::findings()
};

// What the names in a CACHES dictionary that stand for a project's own Python code mean here.
struct NamedCode {
  // BACKEND -> a name that djcache knows. For subclasses that change neither keys nor bytes.
  std::map<std::string, std::string, std::less<>> backends{};
  std::map<std::string, KeyFunction, std::less<>>
      key_functions{};  // KEY_FUNCTION -> the same in C++
  std::map<std::string, Serializer, std::less<>>
      serializers{};  // SERIALIZER -> what writes the same
  std::map<std::string, Compressor, std::less<>>
      compressors{};  // COMPRESSOR -> what writes the same
};

struct DJCACHE_API Settings {
  // Empty: a "default" on memory, which is also what Django has without a CACHES setting.
  std::map<std::string, CacheSettings, std::less<>> caches{};

  // Django's CacheKeyWarning. Called on the loop thread, inside the call that has the key, and again
  // before its callback where Django looks at the key more than once (get_or_set, incr_version). It
  // must not call djcache.
  std::function<void(std::string_view alias, std::string_view message)> on_warning{};
  // What findings() has to warn of. Told once, on the thread and inside the constructor of the engine.
  // It must not call djcache.
  std::function<void(const SettingsFinding&)> on_settings_warning{};
  // What pools report. Called on the loop thread, never inside a call into the API.
  std::function<void(const PoolEvent&)> on_event{};
  // For a program that drives the libuv loop from another (uv_backend_fd, uv_backend_timeout): the
  // engine has work that the last uv_backend_timeout did not know of, so take a turn soon. Called on
  // the loop thread, inside the call into djcache that makes the work and never while the engine is
  // at work itself; not again until a turn was taken. It must not call djcache or run the loop: it
  // schedules the turn. engine/docs/other-loops.md.
  std::function<void()> on_work{};

  using ReadOptions = NamedCode;
  // Reads the CACHES dictionary. An alias that cannot be read spoils itself alone: findings() says
  // why. Errors, for a text that is no JSON or no dictionary: invalid_settings.
  static Result<Settings> from_json(std::string_view json, const ReadOptions& names = {});
  static Result<Settings> from_json_file(const std::string& path, const ReadOptions& names = {});

  // Everything there is to say about all aliases: `default` exists (or nothing at all), backends are
  // known, URLs parse, options are in range and have an effect, caches of one memory store agree.
  std::vector<SettingsFinding> findings() const;
  // What the alias resolves to, for people, several lines: servers, limits, keys, timeout, values. Of
  // users and passwords only names.
  std::string explain(std::string_view alias) const;
  // All errors of findings() in one text, a line each; ok when there is none. An alias without an
  // error works in an Engine, whatever is wrong with another.
  Result<void> check() const;
};

}  // namespace djcache
