#include "codec/signer.h"

#ifdef DJCACHE_WITH_OPENSSL
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/params.h>

#include <cstring>
#endif

namespace djcache::codec {

#ifndef DJCACHE_WITH_OPENSSL

std::unique_ptr<const Signer> Signer::make(const std::vector<std::string>&, const std::string&) {
  return nullptr;
}

#else

namespace {

// 0xc1 begins neither an integer's text nor anything in msgpack, pickle or JSON.
constexpr std::string_view magic =
    "\xc1"
    "djs";
constexpr char version = 1;
constexpr std::size_t mac_size = 32;
static_assert(Signer::prefix_size == magic.size() + 1 + mac_size);

struct FreeContext {
  void operator()(EVP_MAC_CTX* context) const { EVP_MAC_CTX_free(context); }
};
using Context = std::unique_ptr<EVP_MAC_CTX, FreeContext>;

// A context that has hashed the key and everything in front of the payload.
Context start(EVP_MAC* hmac, std::string_view key, std::string_view before) {
  Context context(EVP_MAC_CTX_new(hmac));
  char digest[] = "SHA256";
  const OSSL_PARAM params[] = {OSSL_PARAM_construct_utf8_string("digest", digest, 0),
                               OSSL_PARAM_construct_end()};
  const auto* const bytes = reinterpret_cast<const unsigned char*>(key.data());
  if (!context || !EVP_MAC_init(context.get(), bytes, key.size(), params)) return nullptr;
  const auto* const first = reinterpret_cast<const unsigned char*>(before.data());
  return EVP_MAC_update(context.get(), first, before.size()) ? std::move(context) : nullptr;
}

class HmacSigner final : public Signer {
 public:
  bool add_key(EVP_MAC* hmac, std::string_view key, std::string_view before) {
    keys_.push_back(start(hmac, key, before));
    return keys_.back() != nullptr;
  }

  bool sign(std::string_view head, std::string_view body, char* prefix) const override {
    std::memcpy(prefix, magic.data(), magic.size());
    prefix[magic.size()] = version;
    return mac(*keys_.front(), head, body, prefix + magic.size() + 1);
  }

  bool verify(std::string_view bytes, std::string_view& payload,
              std::string& reason) const override {
    if (!bytes.starts_with(magic)) return reason = "the entry has no signature", false;
    if (bytes.size() < prefix_size) return reason = "the signature is cut off", false;
    if (bytes[magic.size()] != version) {
      reason = "the signature is of a version that is not known";
      return false;
    }
    payload = bytes.substr(prefix_size);
    const char* const claimed = bytes.data() + magic.size() + 1;
    for (const Context& key : keys_) {
      char computed[mac_size];
      if (!mac(*key, payload, {}, computed)) return reason = "the library failed", false;
      if (CRYPTO_memcmp(computed, claimed, mac_size) == 0) return true;
    }
    reason = "the signature is wrong: made with another key or salt, or the entry was changed";
    return false;
  }

 private:
  static bool mac(const EVP_MAC_CTX& key, std::string_view head, std::string_view body, char* out) {
    const Context context(EVP_MAC_CTX_dup(&key));
    if (!context) return false;
    for (const std::string_view piece : {head, body}) {
      const auto* const bytes = reinterpret_cast<const unsigned char*>(piece.data());
      if (!piece.empty() && !EVP_MAC_update(context.get(), bytes, piece.size())) return false;
    }
    std::size_t size = 0;
    return EVP_MAC_final(context.get(), reinterpret_cast<unsigned char*>(out), &size, mac_size) &&
           size == mac_size;
  }

  std::vector<Context> keys_;
};

}  // namespace

std::unique_ptr<const Signer> Signer::make(const std::vector<std::string>& keys,
                                           const std::string& salt) {
  // The size of the salt is signed, too, so that no other pair of salt and payload has the same
  // bytes.
  std::string before(magic);
  before += version;
  before += static_cast<char>(salt.size());
  before += salt;
  EVP_MAC* const hmac = EVP_MAC_fetch(nullptr, "HMAC", nullptr);
  auto signer = std::make_unique<HmacSigner>();
  bool made = hmac != nullptr;
  for (const std::string& key : keys) made = made && signer->add_key(hmac, key, before);
  EVP_MAC_free(hmac);  // the contexts hold it
  if (!made) return nullptr;
  return signer;
}

#endif

}  // namespace djcache::codec
