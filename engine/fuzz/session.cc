// Fuzz target: the untrusted inputs of a session: the Cookie header, the stored entry, its dates.
#include <djcache/cookie.h>

#include "codec_property.h"
#include "session/iso_datetime.h"
#include "session/session_access.h"

namespace djcache::fuzz {
namespace {

void check_cookie(std::string_view header) {
  const auto key = session_key_from_cookie(header);
  require(!key || is_session_key(*key), "a key that is none was taken from a cookie");
  (void)find_cookie(header, "sessionid");
}

void check_date(std::string_view text) {
  const auto at = session::parse_iso(text);
  if (!at) return;
  const auto again = session::to_iso(*at);
  require(again && session::parse_iso(*again) == at, "a date is written as another");
}

void check_entry(std::string_view bytes) {
  static const auto reader =
      codec::make_codec(Serializer::pickle, {.max_bytes = 1 << 16, .max_depth = 32});
  Value data;
  Error error;
  if (!reader->decode(bytes, data, error) || data.kind() != Kind::dict) return;
  Session session({.naive_offset = std::chrono::seconds(3600)}, "0123456789abcdef");
  SessionAccess::fill(session, std::move(data));
  const auto age = session.get_expiry_age();
  require(age.ok() || !age.error().detail.empty(), "an error without a reason");
  (void)session.get_expiry_date();
  (void)session.get_expire_at_browser_close();
  const auto user = session.user();
  require(!user || session.contains("_auth_user_id"), "a user whom nobody logged in");
}

}  // namespace
}  // namespace djcache::fuzz

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  using namespace djcache::fuzz;
  check_cookie(view(data, size));
  check_date(view(data, size));
  check_entry(view(data, size));
  return 0;
}
