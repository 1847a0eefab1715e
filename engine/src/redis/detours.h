// What stands in for the scripts on a server that refuses EVAL (engine/docs/servers.md says what each loses).
//
// Pure.
#pragma once

#include <memory>
#include <string_view>

#include "link/detour.h"

namespace djcache::redis {

// `script`: the bytes of an EVAL of one of scripts.h; `refused`: the server's words, for what has no
// replacement either. Both are copied.
std::unique_ptr<link::Detour> make_detour(std::string_view script, std::string_view refused);

}  // namespace djcache::redis
