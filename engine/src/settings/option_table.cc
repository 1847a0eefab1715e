#include "settings/option_table.h"

#include <algorithm>
#include <chrono>
#include <type_traits>

#include "settings/option_choices.h"
#include "settings/read_value.h"
#include "settings/sentinel_options.h"
#include "settings/store_settings.h"
#include "settings/tls_options.h"

namespace djcache::settings {
namespace {

using std::chrono::milliseconds;
using enum Origin;

constexpr std::int64_t hour = 3'600'000;

template <class T>
std::optional<std::int64_t> number_in(const T& value) {
  if constexpr (std::is_same_v<T, milliseconds>) {
    return value.count();
  } else {
    return std::in_range<std::int64_t>(value) ? static_cast<std::int64_t>(value) : INT64_MAX;
  }
}
template <class T>
std::optional<std::int64_t> number_in(const std::optional<T>& value) {
  return value ? number_in(*value) : std::nullopt;
}
template <auto Field>
std::optional<std::int64_t> number(const Options& options) {
  return number_in(options.*Field);
}

template <auto Read, auto Field>
Problem by(const Json& json, Options& options) {
  return Read(json, options.*Field);
}
template <auto Read, auto Field>
Problem of_tls(const Json& json, Options& options) {
  if (!options.tls) options.tls.emplace();
  return Read(json, *options.tls.*Field);
}
template <auto Field>
Option tls_text(std::string_view name, std::string_view sentence, Origin origin = redis_py) {
  return {name, "", "string", "none", sentence, &of_tls<&read_string, Field>, origin};
}
template <auto Field>
Problem count(const Json& json, Options& options) {
  std::size_t number = 0;
  Problem problem = read_count(json, number);
  if (problem.empty()) options.*Field = number;
  return problem;
}
template <auto Field>
Problem seconds(const Json& json, Options& options) {
  milliseconds limit{};
  Problem problem = read_seconds(json, limit);
  if (problem.empty()) options.*Field = limit;
  return problem;
}
// An option of redis-py, where null cancels the value of django-redis' name.
template <auto Field>
Problem seconds_or_null(const Json& json, Options& options) {
  if (json.is(Json::Kind::null)) return options.*Field = {}, Problem{};
  return seconds<Field>(json, options);
}
// For options where Python treats 0 as "not set".
template <auto Field>
Problem seconds_or_zero(const Json& json, Options& options) {
  const bool zero = json.is(Json::Kind::integer) ? json.integer == 0
                                                 : json.is(Json::Kind::number) && json.number == 0;
  return seconds_or_null<Field>(zero ? Json{} : json, options);
}
template <auto Field>
Problem django_count(const Json& json, Options& options) {
  std::optional<std::size_t> number;
  Problem problem = read_django_count(json, number);
  if (number) options.*Field = *number;
  return problem;
}
// A name or, as in django-cachex, a list: the first one writes, the others are for reading.
template <auto Read, auto ReadAll, auto Field, auto Fallbacks>
Problem first_of(const Json& json, Options& options) {
  if (!json.is(Json::Kind::array) || json.items.empty()) return Read(json, options.*Field);
  Json others = json;
  others.items.erase(others.items.begin());
  Problem problem = Read(json.items.front(), options.*Field);
  return problem.empty() ? ReadAll(others, options.*Fallbacks) : problem;
}

template <auto Field>
Option counted(std::string_view name, std::int64_t min, std::int64_t max, std::string_view sentence,
               std::string_view standard = "") {
  return {name, "", "integer", standard, sentence, &count<Field>, own, &number<Field>, min, max};
}
template <auto Field>
Option limit(std::string_view name, std::string_view sentence, std::string_view standard = "") {
  return {name, "", "seconds", standard, sentence, &seconds<Field>, own, &number<Field>, 1, hour};
}

using O = Options;

std::vector<Option> login_and_values() {
  const auto db = &number<&O::db>, protocol = &number<&O::pickle_protocol>;
  return {
      {"db", "", "integer, also as text", "0", "", by<&read_database, &O::db>, redis_py, db},
      {"username", "", "string", "none", "", by<&read_string, &O::username>, redis_py},
      {"password", "PASSWORD", "string", "none", "secret", by<&read_string, &O::password>,
       redis_py},
      {"client_name", "", "string", "`\"djcache\"`",
       "visible ASCII, at most 255; `\"\"` sends none", by<&read_string, &O::client_name>,
       redis_py},
      {"serializer", "SERIALIZER", "name, or a list of them", "`\"pickle\"`",
       "see below; of a list the first writes, the others are fallbacks",
       first_of<&read_serializer, &read_serializers, &O::serializer, &O::serializer_fallbacks>},
      {"pickle_protocol", "PICKLE_VERSION", "integer", "", "what is written; -1 is the highest",
       by<&read_pickle_protocol, &O::pickle_protocol>, own, protocol, -1, 5},
      {"compressor", "COMPRESSOR", "as `serializer`", "`\"none\"`", "see below",
       first_of<&read_compressor, &read_compressors, &O::compressor, &O::compressor_fallbacks>},
      counted<&O::compress_min_bytes>("compress_min_bytes", 0, INT64_MAX,
                                      "values of more bytes are compressed", "15; lzma 100"),
      {"serializer_fallbacks", "", "list of names", "none", "at most 8; for reading",
       by<&read_serializers, &O::serializer_fallbacks>},
      {"compressor_fallbacks", "", "list of names", "none", "at most 8; for reading",
       by<&read_compressors, &O::compressor_fallbacks>},
      {"signing_keys", "", "list of strings", "none",
       "at most 8, of 16 to 1024 bytes; the first signs, all verify; secret",
       by<&read_strings, &O::signing_keys>},
      {"signing_salt", "", "string", "`\"\"`", "at most 255 bytes",
       by<&read_string, &O::signing_salt>},
      {"foreign", "", "`\"refuse\"`, `\"opaque\"`, `\"data\"`", "`\"refuse\"`",
       "objects of classes that have no kind in a `Value`: "
       "[pickle.md](pickle.md#objects-of-other-classes)",
       by<&read_foreign, &O::foreign>},
      {"sign_integers", "", "boolean", "false", "needs `signing_keys`",
       by<&read_flag, &O::sign_integers>},
  };
}

// The upper bounds catch typing errors.
std::vector<Option> limits_and_bounds() {
  constexpr std::int64_t mib = 1 << 20, million = 1'000'000;
  const auto socket = &number<&O::socket_timeout>, connect = &number<&O::socket_connect_timeout>;
  return {
      limit<&O::connect_limit>("connect_limit", "name, addresses, handshake together", "see below"),
      limit<&O::command_limit>("command_limit", "an operation, from call to reply", "see below"),
      {"socket_timeout", "SOCKET_TIMEOUT", "seconds", "none", "",
       seconds_or_null<&O::socket_timeout>, redis_py, socket, 1, hour,
       seconds_or_zero<&O::socket_timeout>},
      {"socket_connect_timeout", "SOCKET_CONNECT_TIMEOUT", "seconds", "none", "",
       seconds_or_zero<&O::socket_connect_timeout>, redis_py, connect, 1, hour},
      limit<&O::stall_limit>(
          "stall_limit", "a connection silent this long, an operation of it timed out, is closed"),
      limit<&O::backoff_min>("backoff_min", "not above `backoff_max`"),
      limit<&O::backoff_max>("backoff_max", "the longest wait before another attempt"),
      counted<&O::connections_max>("connections_max", 1, 1024, "of a pool"),
      counted<&O::leases_max>("leases_max", 1, 10'000, "connections of raw clients alone"),
      counted<&O::pending_max>("pending_max", 1, 100 * million,
                               "operations queued or unanswered, of a pool"),
      counted<&O::pending_max_bytes>("pending_max_bytes", 1, 65'536 * mib, "of these"),
      counted<&O::value_max_bytes>("value_max_bytes", 1, 512 * mib,
                                   "one encoded value; redis itself allows no more"),
      counted<&O::reply_max_elements>("reply_max_elements", 1, 100 * million, "of a reply"),
      counted<&O::value_max_depth>("value_max_depth", 1, 1000, "nesting when decoding"),
  };
}

std::vector<Option> tls_sentinels_and_memory() {
  const auto cull = &number<&O::cull_frequency>;
  return {
      {.name = "ssl_cert_reqs",
       .kind = "`\"required\"`, `\"optional\"`, `\"none\"`; null",
       .standard = "`\"required\"`",
       .sentence = "null and `\"none\"`: nothing of the server's certificate is verified",
       .read = of_tls<&read_cert_reqs, &TlsOptions::verify>,
       .origin = redis_py,
       .takes_null = true},
      {"ssl_check_hostname", "", "boolean", "true", "the name in the certificate, too",
       of_tls<&read_flag, &TlsOptions::check_hostname>, redis_py},
      tls_text<&TlsOptions::ca_file>("ssl_ca_certs", "a file in PEM, instead of the system's"),
      tls_text<&TlsOptions::ca_path>("ssl_ca_path", "a folder of such files under their hashes"),
      tls_text<&TlsOptions::ca_data>("ssl_ca_data", "the certificates themselves"),
      tls_text<&TlsOptions::cert_file>("ssl_certfile", "the client's own, in PEM"),
      tls_text<&TlsOptions::key_file>("ssl_keyfile", "its key; none: in `ssl_certfile`"),
      tls_text<&TlsOptions::key_password>("ssl_password", "of the key; secret"),
      {"ssl_min_version", "", "771 or 772", "771", "TLS 1.2 or 1.3, as Python's `ssl.TLSVersion`",
       of_tls<&read_tls_version, &TlsOptions::min_version>, redis_py},
      tls_text<&TlsOptions::ciphers>("ssl_ciphers", "of TLS 1.2, as OpenSSL writes them"),
      tls_text<&TlsOptions::server_name>(
          "tls_server_name", "to ask for and to find in the certificate; none: the host", own),
      tls_text<&TlsOptions::crl_file>("tls_crl_file", "certificates that were revoked, in PEM",
                                      own),
      {"sentinels", "SENTINELS", "list of [host, port]", "none",
       "[sentinel.md](sentinel.md); `LOCATION` then names a service", &read_sentinels},
      {"sentinel_username", "", "string", "none", "of the Sentinels", &read_sentinel_username},
      {"sentinel_password", "", "string", "none", "of the Sentinels; secret",
       &read_sentinel_password},
      {"max_entries", "MAX_ENTRIES", "integer", "300; with `max_bytes` the most there is",
       "memory backend; 0 counts as 1", count<&O::max_entries>, own, &number<&O::max_entries>, 0,
       store_entries_max, django_count<&O::max_entries>, true},
      {"cull_frequency", "CULL_FREQUENCY", "integer", "", "memory backend with the policy `cull`",
       count<&O::cull_frequency>, own, cull, 0, INT64_MAX, django_count<&O::cull_frequency>, true},
      {"max_bytes", "MAX_BYTES", "integer", "no bound", "memory backend", count<&O::max_bytes>, own,
       &number<&O::max_bytes>, store_bytes_min, INT64_MAX, nullptr, true},
      {"policy", "", "`\"cull\"`, `\"lru\"`, `\"s3-fifo\"`",
       "`\"cull\"`; with `max_bytes` `\"s3-fifo\"`", "memory backend",
       by<&read_policy, &O::policy>},
  };
}

std::vector<Option> make_table() {
  std::vector<Option> table = login_and_values();
  for (const auto& more : {limits_and_bounds(), tls_sentinels_and_memory()}) {
    table.insert(table.end(), more.begin(), more.end());
  }
  return table;
}

bool is_duration(const Option& option) { return option.kind == "seconds"; }

}  // namespace

const std::vector<Option>& option_table() {
  static const std::vector<Option> table = make_table();
  return table;
}

Problem range_problem(const Option& option, const Options& options) {
  const auto number = option.number ? option.number(options) : std::nullopt;
  if (!number || (*number >= option.min && *number <= option.max)) return {};
  if (is_duration(option)) return "must be from 1 millisecond to 1 hour";
  const std::string min = std::to_string(option.min), max = std::to_string(option.max);
  if (option.max == INT64_MAX) return "must be " + min + " or more";
  return "must be " + min + " to " + max;
}

}  // namespace djcache::settings
