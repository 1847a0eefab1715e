// The results of the constructors on the allow-list. All are implemented here; nothing is called.
// They check their arguments completely, so that building the Value later cannot fail because of
// them.
#pragma once

#include <span>

#include <djcache/error.h>

#include "codec/pickle_graph.h"

namespace djcache::codec::pickle {

// The instruction being executed: what it may change, and its position.
struct Site {
  Graph& graph;
  Error& error;
  std::size_t position;
};

// REDUCE: callee(*args). False: these arguments are refused; `error` says so.
bool construct(Site site, Global callee, std::span<const Ref> args, Ref& out);
// NEWOBJ: cls.__new__(cls, *args).
bool construct_new(Site site, Global cls, std::span<const Ref> args, Ref& out);
// BUILD: the state of an object that was created before.
bool set_state(Site site, Ref object, Ref state);

}  // namespace djcache::codec::pickle
