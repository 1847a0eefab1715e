// Parses the output of callgrind, strace and redis-benchmark. Pure: no I/O, no clock.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace djcache::bench {

/// The instructions that callgrind counted: the number after "Collected :" in its log.
std::optional<std::uint64_t> callgrind_instructions(std::string_view log);

/// Calls by system call, from `strace -c -U name,calls`. Empty if the text is not of that form.
std::map<std::string, std::uint64_t> strace_calls(std::string_view summary);

/// The kind of a system call: "wait", "read", "write", "epoll_ctl" or "other".
std::string kind_of_syscall(std::string_view name);

struct BenchmarkLine {
  double operations_per_second = 0;
  double p50_us = 0;
  double p99_us = 0;
};
/// The last line of `redis-benchmark --csv`.
std::optional<BenchmarkLine> benchmark_line(std::string_view csv);

}  // namespace djcache::bench
