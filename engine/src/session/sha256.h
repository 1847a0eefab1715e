// SHA-256 and HMAC-SHA256, for the hash of a session's user: only a few hundred bytes are hashed,
// so sessions need no library. Source: FIPS 180-4, RFC 2104.
//
// Pure. codec/signer.h, which signs values, uses a library instead.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace djcache {

using Sha256 = std::array<std::uint8_t, 32>;

Sha256 sha256(std::string_view data);
Sha256 hmac_sha256(std::string_view key, std::string_view data);
std::string hex(const Sha256& digest);

}  // namespace djcache
