// The names of operations. Pure: no I/O, no clock.
#include "driver/workload.h"

namespace djcache::bench {

const char* name_of(Op op) { return op == Op::kGet ? "GET" : "SET"; }

std::optional<Op> op_named(const std::string& name) {
  if (name == "GET") return Op::kGet;
  if (name == "SET") return Op::kSet;
  return std::nullopt;
}

}  // namespace djcache::bench
