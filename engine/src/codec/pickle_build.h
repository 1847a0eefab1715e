// From the graph to the Value. All children are counted by now, so each container is reserved once
// and filled in place.
#pragma once

#include <djcache/error.h>
#include <djcache/value.h>

#include "codec/codec.h"
#include "codec/pickle_graph.h"

namespace djcache::codec::pickle {

// False: a cycle, too deep, an unhashable key, too many copies, or an object that is not a value (a
// class, a time zone).
bool build(Graph& graph, const Ref& root, const Limits& limits, Value& out, Error& error);

}  // namespace djcache::codec::pickle
