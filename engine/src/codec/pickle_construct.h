// What the constructors on the allow-list make of their arguments. Implemented here and nowhere
// else: nothing is called. They check the whole of their arguments, so that building the Value
// later cannot fail on them.
#pragma once

#include <span>

#include <djcache/error.h>

#include "codec/pickle_graph.h"

namespace djcache::codec::pickle {

// The instruction at work: what it may change, and where it stands.
struct Site {
  Graph& graph;
  Error& error;
  std::size_t position;
};

// REDUCE: callee(*args). False: it does not take these arguments; `error` says so.
bool construct(Site site, Global callee, std::span<const Ref> args, Ref& out);
// NEWOBJ: cls.__new__(cls, *args).
bool construct_new(Site site, Global cls, std::span<const Ref> args, Ref& out);
// BUILD: some objects get their state after they were made.
bool set_state(Site site, Ref object, Ref state);

}  // namespace djcache::codec::pickle
