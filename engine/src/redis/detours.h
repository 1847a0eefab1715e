// Commands that replace the scripts on a server that refuses EVAL (engine/docs/servers.md says what
// each one loses).
//
// Pure.
#pragma once

#include <memory>
#include <string_view>

#include "link/detour.h"

namespace djcache::redis {

// `script`: the EVAL of one of scripts.h, in RESP; `refused`: the server's words, for scripts
// without a replacement. Both are copied.
std::unique_ptr<link::Detour> make_detour(std::string_view script, std::string_view refused);

}  // namespace djcache::redis
