// From the graph to the Value: children are counted by now, so each container is reserved once and
// filled in place.
#pragma once

#include <djcache/error.h>
#include <djcache/value.h>

#include "codec/codec.h"
#include "codec/pickle_graph.h"

namespace djcache::codec::pickle {

// False: a cycle, too deep, a key that cannot be hashed, copies over the limit, or an object that is
// no value (a class, a time zone).
bool build(Graph& graph, const Ref& root, const Limits& limits, Value& out, Error& error);

}  // namespace djcache::codec::pickle
