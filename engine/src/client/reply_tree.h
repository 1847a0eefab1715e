// From a reply as the parser has it to one that owns itself.
//
// Pure.
#pragma once

#include <djcache/reply.h>

#include "resp/reply.h"

namespace djcache::client {

Reply to_tree(const resp::Reply& reply);

}  // namespace djcache::client
