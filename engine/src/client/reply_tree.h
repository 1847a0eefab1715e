// Copies a reply of the parser into one that owns its data.
//
// Pure.
#pragma once

#include <djcache/reply.h>

#include "resp/reply.h"

namespace djcache::client {

Reply to_tree(const resp::Reply& reply);

}  // namespace djcache::client
