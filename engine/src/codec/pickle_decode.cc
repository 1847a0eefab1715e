// PickleCodec::decode: integer text as Django stores it, otherwise a pickle, otherwise an error.
#include <algorithm>

#include "codec/integer_text.h"
#include "codec/limits.h"
#include "codec/pickle.h"
#include "codec/pickle_build.h"
#include "codec/pickle_error.h"
#include "codec/pickle_machine.h"
#include "codec/pickle_outline.h"
#include "codec/pickle_plain.h"
#include "codec/pickle_whole_text.h"

namespace djcache::codec {

PickleCodec::PickleCodec(const Limits& limits, int protocol)
    : limits_{std::min(limits.max_bytes, bytes_max), std::min(limits.max_depth, depth_max),
              limits.foreign},
      protocol_(std::clamp(protocol, pickle_protocol_min, pickle_protocol_max)) {}

bool PickleCodec::decode(std::string_view bytes, Value& out, Error& error) const {
  if (!check_size(bytes.size(), limits_, error)) return false;
  if (pickle::read_whole_text(bytes, out) || read_integer(bytes, out)) return true;
  if (bytes.empty()) return pickle::fail(error, "empty, there is no value");
  return pickle::read_plain(bytes, limits_, out) ||
         pickle::run_machine(bytes, limits_, out, error) ||
         (limits_.foreign != Foreign::refuse && pickle::read_foreign(bytes, limits_, out, error));
}

bool pickle::read_foreign(std::string_view bytes, const Limits& limits, Value& out, Error& error) {
  std::string rewritten;
  std::vector<std::string> opaques;
  if (take_out_foreign(bytes, limits, rewritten, opaques, error) &&
      run_machine(rewritten, limits, out, error, opaques)) {
    return true;
  }
  if (limits.foreign != Foreign::data) return false;
  // As data it may not fit into any Value, for instance two objects that contain each other.
  Limits whole = limits;
  whole.foreign = Foreign::opaque;
  return read_foreign(bytes, whole, out, error);
}

namespace pickle {
namespace {

struct TrimmedAtEnd {
  Graph& graph;
  ~TrimmedAtEnd() { graph.trim(); }
};

}  // namespace
}  // namespace pickle

bool pickle::run_machine(std::string_view bytes, const Limits& limits, Value& out, Error& error,
                         std::span<const std::string> opaques) {
  // Kept from pickle to pickle, so that reading allocates only the Value.
  thread_local Graph graph;
  const TrimmedAtEnd trimmed{graph};
  graph.reset(bytes, limits);
  graph.opaques = opaques;
  out = Value();
  try {
    for (const std::string& opaque : opaques) Memory::take(opaque.capacity());
    Ref root;
    if (!Machine(graph, error).run(root)) return false;
    graph.trim_machine();
    Value made;
    if (!build(graph, root, limits, made, error)) return false;
    out = std::move(made);
    return true;
  } catch (const TooMuchMemory&) {
    return fail(error,
                std::string(no_memory_left) + std::to_string(limits.max_memory()) + " bytes");
  }
}

}  // namespace djcache::codec
