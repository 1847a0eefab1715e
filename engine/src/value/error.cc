// Names of error codes, for logs and tests.
#include <djcache/result.h>

#include <cstdio>
#include <cstdlib>

namespace djcache {

std::string_view to_string(Errc code) {
  switch (code) {
    case Errc::invalid_settings:
      return "invalid_settings";
    case Errc::unknown_alias:
      return "unknown_alias";
    case Errc::invalid_argument:
      return "invalid_argument";
    case Errc::encode_failed:
      return "encode_failed";
    case Errc::value_too_large:
      return "value_too_large";
    case Errc::not_supported:
      return "not_supported";
    case Errc::overloaded:
      return "overloaded";
    case Errc::would_deadlock:
      return "would_deadlock";
    case Errc::connect_failed:
      return "connect_failed";
    case Errc::auth_failed:
      return "auth_failed";
    case Errc::tls_failed:
      return "tls_failed";
    case Errc::no_primary:
      return "no_primary";
    case Errc::timeout:
      return "timeout";
    case Errc::cancelled:
      return "cancelled";
    case Errc::disconnected:
      return "disconnected";
    case Errc::connection_lost:
      return "connection_lost";
    case Errc::protocol_error:
      return "protocol_error";
    case Errc::closed:
      return "closed";
    case Errc::unavailable:
      return "unavailable";
    case Errc::read_only:
      return "read_only";
    case Errc::out_of_memory:
      return "out_of_memory";
    case Errc::wrong_type:
      return "wrong_type";
    case Errc::permission_denied:
      return "permission_denied";
    case Errc::server_error:
      return "server_error";
    case Errc::key_not_found:
      return "key_not_found";
    case Errc::not_an_integer:
      return "not_an_integer";
    case Errc::integer_overflow:
      return "integer_overflow";
    case Errc::decode_failed:
      return "decode_failed";
    case Errc::no_value:
      return "no_value";
    case Errc::session_exists:
      return "session_exists";
    case Errc::no_memory:
      return "no_memory";
    case Errc::session_gone:
      return "session_gone";
  }
  return "unknown error code";
}

std::string to_string(const Error& error) {
  std::string text(to_string(error.code));
  if (!error.detail.empty()) text.append(": ").append(error.detail);
  return text;
}

namespace {

class Category final : public std::error_category {
 public:
  const char* name() const noexcept override { return "djcache"; }
  std::string message(int value) const override {
    return std::string(to_string(static_cast<Errc>(value - 1)));
  }
};

}  // namespace

const std::error_category& error_category() noexcept {
  static const Category category;
  return category;
}

namespace detail {

void has_no_value(const Error& error) noexcept {
  const std::string_view code = to_string(error.code);
  std::fprintf(stderr, "djcache: value() of a Result that is an error: %.*s: %s\n",
               static_cast<int>(code.size()), code.data(), error.detail.c_str());
  std::abort();
}

void has_no_error() noexcept {
  std::fputs("djcache: error() of a Result that has a value\n", stderr);
  std::abort();
}

}  // namespace detail

}  // namespace djcache
