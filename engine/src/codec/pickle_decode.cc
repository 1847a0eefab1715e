// PickleCodec::decode: integer text as Django stores it, else the machine, else an error.
#include <algorithm>

#include "codec/integer_text.h"
#include "codec/limits.h"
#include "codec/pickle.h"
#include "codec/pickle_build.h"
#include "codec/pickle_error.h"
#include "codec/pickle_machine.h"
#include "codec/pickle_plain.h"

namespace djcache::codec {

PickleCodec::PickleCodec(const Limits& limits, int protocol)
    : limits_{std::min(limits.max_bytes, bytes_max), std::min(limits.max_depth, depth_max)},
      protocol_(std::clamp(protocol, pickle_protocol_min, pickle_protocol_max)) {}

bool PickleCodec::decode(std::string_view bytes, Value& out, Error& error) const {
  if (!check_size(bytes.size(), limits_, error)) return false;
  if (read_integer(bytes, out)) return true;
  if (bytes.empty()) return pickle::fail(error, "empty, there is no value");
  return pickle::read_plain(bytes, limits_, out) || pickle::run_machine(bytes, limits_, out, error);
}

namespace pickle {
namespace {

struct TrimmedAtEnd {
  Graph& graph;
  ~TrimmedAtEnd() { graph.trim(); }
};

}  // namespace
}  // namespace pickle

bool pickle::run_machine(std::string_view bytes, const Limits& limits, Value& out, Error& error) {
  // Kept from pickle to pickle, so that reading one allocates nothing but its Value.
  thread_local Graph graph;
  const TrimmedAtEnd trimmed{graph};
  graph.reset(bytes, limits);
  out = Value();
  try {
    Ref root;
    if (!Machine(graph, error).run(root)) return false;
    graph.trim_machine();
    Value made;
    if (!build(graph, root, limits, made, error)) return false;
    out = std::move(made);
    return true;
  } catch (const TooMuchMemory&) {
    return fail(error, "reading it takes memory over the limit of " +
                           std::to_string(limits.max_memory()) + " bytes");
  }
}

}  // namespace djcache::codec
