// The hash of a session's user, which Django's get_user() compares. See session_data.h.
//
// Source: AbstractBaseUser._get_session_auth_hash, salted_hmac and get_user of Django 4.2.
#include <djcache/session_data.h>

#include "session/sha256.h"

namespace djcache {

namespace {

// Constant time for texts of this size.
bool same_secret(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) return false;
  unsigned difference = 0;
  for (std::size_t i = 0; i < a.size(); ++i) difference |= static_cast<unsigned char>(a[i] ^ b[i]);
  return difference == 0;
}

// Django does not start without a SECRET_KEY: an empty one is no secret.
bool is_hash_of(std::string_view hash, std::string_view password, std::string_view key) {
  return !key.empty() && same_secret(hash, session_auth_hash(password, key));
}

}  // namespace

std::string session_auth_hash(std::string_view user_password_hash, std::string_view secret_key) {
  std::string salted("django.contrib.auth.models.AbstractBaseUser.get_session_auth_hash");
  const Sha256 key = sha256(salted.append(secret_key));
  return hex(
      hmac_sha256({reinterpret_cast<const char*>(key.data()), key.size()}, user_password_hash));
}

SessionHash verify_session_hash(std::string_view user_password_hash, std::string_view secret_key,
                                const std::vector<std::string>& fallbacks, const Session& session) {
  const auto hash = session.user_hash();
  if (!hash) return session.user_hash_malformed() ? SessionHash::malformed : SessionHash::absent;
  if (is_hash_of(*hash, user_password_hash, secret_key)) return SessionHash::verified;
  for (const std::string& key : fallbacks) {
    if (is_hash_of(*hash, user_password_hash, key)) return SessionHash::verified_by_fallback;
  }
  return SessionHash::different;
}

}  // namespace djcache
