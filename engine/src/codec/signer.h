// Signatures of stored bytes: HMAC-SHA256, with several keys for rotation. The stored form is
// described in engine/docs/signed.md. Pure; only signer.cc includes the library.
//
// Secrets stay in here: no reason contains a key, its size or a byte of a signature.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace djcache::codec {

class Signer {
 public:
  // A head that no serializer writes, a version, the signature.
  static constexpr std::size_t prefix_size = 4 + 1 + 32;

  // REQUIRES: at least one key; a salt of at most 255 bytes. Null: not built, or no memory.
  static std::unique_ptr<const Signer> make(const std::vector<std::string>& keys,
                                            const std::string& salt);
  virtual ~Signer() = default;

  // Writes the prefix_size bytes that precede `head` and `body`. False: the library failed.
  virtual bool sign(std::string_view head, std::string_view body, char* prefix) const = 0;
  // True: `payload` is what was signed. False: `reason` says why it is not.
  virtual bool verify(std::string_view bytes, std::string_view& payload,
                      std::string& reason) const = 0;
};

}  // namespace djcache::codec
