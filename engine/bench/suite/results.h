// The results of a whole run of the bench. Data only; the reports are made from it.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "driver/workload.h"

namespace djcache::bench {

struct Cell {
  Op op = Op::kGet;
  std::uint32_t value_bytes = 32;
  std::uint32_t in_flight = 32;
};

/// "GET 32 B, 512 in flight"
std::string describe(const Cell& cell);
std::string describe_bytes(std::uint32_t bytes);

/// Timings of one cell: for each contestant, one outcome per round.
struct TimedCell {
  Cell cell;
  int server_cpu = 0;
  int client_cpu = 0;
  std::map<std::string, std::vector<Outcome>> rounds{};
};

/// Figures per operation that do not depend on the speed of the machine.
struct CountedCell {
  Cell cell;
  std::string contestant{};
  std::optional<double> instructions{};
  std::optional<double> allocations{};
  std::optional<double> syscalls{};
  std::map<std::string, double> syscalls_by_kind{};
  std::string failure{};
};

struct HandleCost {
  std::uint64_t handles = 0;
  double bytes_each = 0;
  std::int64_t connections = 0;
  std::string failure{};
};

struct Results {
  std::string server_version;
  std::string processor;
  std::uint64_t seed = 0;
  int rounds = 0;
  std::string instructions_by;  ///< How instructions were counted, or why they were not.
  std::string syscalls_by;
  std::vector<TimedCell> timed;
  std::vector<CountedCell> counted;
  std::optional<HandleCost> handles;
  std::vector<std::string> failures;
};

}  // namespace djcache::bench
