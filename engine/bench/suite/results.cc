// Pure: no I/O, no clock.
#include "suite/results.h"

namespace djcache::bench {

std::string describe_bytes(std::uint32_t bytes) {
  return bytes % 1024 == 0 ? std::to_string(bytes / 1024) + " KiB" : std::to_string(bytes) + " B";
}

std::string describe(const Cell& cell) {
  return std::string(name_of(cell.op)) + " " + describe_bytes(cell.value_bytes) + ", " +
         std::to_string(cell.in_flight) + " in flight";
}

}  // namespace djcache::bench
