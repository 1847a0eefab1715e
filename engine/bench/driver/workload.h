// The task of one run of one contestant. Data only: the parent process turns a cell of the table
// into a workload, the child process carries it out.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace djcache::bench {

enum class Op { kGet, kSet };

/// "GET" or "SET", as on the command line and in the reports.
const char* name_of(Op op);
std::optional<Op> op_named(const std::string& name);

struct Endpoint {
  std::string host = "127.0.0.1";
  int port = 0;
};

struct Workload {
  Op op = Op::kGet;
  std::uint32_t value_bytes = 32;
  std::uint32_t in_flight = 32;
  std::uint64_t operations = 0;  ///< Measured ones; the warm-up comes on top.
  std::uint64_t warmup = 0;
  std::uint32_t keys = 1000;
  std::uint64_t seed = 1;
  /// One clock reading per operation. Off when instructions are counted.
  bool latency = true;
};

/// The result of one run. Times are of the measured phase alone.
struct Outcome {
  double seconds = 0;
  double operations_per_second = 0;
  double cpu_ns_per_operation = 0;  ///< User and system time of the client process.
  double p50_us = 0;
  double p99_us = 0;
  std::optional<double> allocations_per_operation{};
  std::optional<double> instructions_per_operation{};  ///< User mode, by the hardware counter.
  std::string failure{};                               ///< Empty if every reply was correct.
};

}  // namespace djcache::bench
