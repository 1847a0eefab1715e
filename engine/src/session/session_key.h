// Random session keys.
#pragma once

#include <djcache/result.h>

#include <string>

namespace djcache::session {

// 32 characters of a-z and 0-9, each equally likely, from the system's cryptographic generator.
// Errors: not_supported if the system provides no random bytes.
Result<std::string> random_session_key();

}  // namespace djcache::session
