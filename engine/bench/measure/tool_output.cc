// Pure: no I/O, no clock.
#include "measure/tool_output.h"

#include <array>
#include <cstdlib>
#include <sstream>
#include <vector>

namespace djcache::bench {
namespace {

// The fields after the name: rps, then latencies avg, min, p50, p95, p99, max in milliseconds.
constexpr std::size_t kBenchmarkNumbers = 7;

std::optional<double> number_in_quotes(const std::string& field) {
  if (field.size() < 3 || field.front() != '"' || field.back() != '"') return std::nullopt;
  char* end = nullptr;
  const double number = std::strtod(field.c_str() + 1, &end);
  if (end != field.c_str() + field.size() - 1) return std::nullopt;
  return number;
}

std::string last_line(std::string_view text) {
  while (!text.empty() && text.back() == '\n') text.remove_suffix(1);
  const auto before = text.rfind('\n');
  return std::string(before == std::string_view::npos ? text : text.substr(before + 1));
}

}  // namespace

std::optional<std::uint64_t> callgrind_instructions(std::string_view log) {
  constexpr std::string_view kLabel = "Collected : ";
  const auto at = log.rfind(kLabel);
  if (at == std::string_view::npos) return std::nullopt;
  const std::string digits(log.substr(at + kLabel.size(), 20));
  char* end = nullptr;
  const std::uint64_t count = std::strtoull(digits.c_str(), &end, 10);
  if (end == digits.c_str()) return std::nullopt;
  return count;
}

std::map<std::string, std::uint64_t> strace_calls(std::string_view summary) {
  std::map<std::string, std::uint64_t> calls;
  std::istringstream lines{std::string(summary)};
  for (std::string line; std::getline(lines, line);) {
    std::istringstream fields(line);
    std::string name;
    std::uint64_t count = 0;
    // Skips the header and the rules, which have no number after a name, and the total.
    if (fields >> name >> count && name != "total") calls[name] += count;
  }
  return calls;
}

std::string kind_of_syscall(std::string_view name) {
  static constexpr std::array<std::string_view, 5> kWaits = {"epoll_wait", "epoll_pwait",
                                                             "epoll_pwait2", "poll", "ppoll"};
  static constexpr std::array<std::string_view, 5> kReads = {"read", "readv", "recvfrom", "recvmsg",
                                                             "recv"};
  static constexpr std::array<std::string_view, 5> kWrites = {"write", "writev", "sendto",
                                                              "sendmsg", "send"};
  const auto among = [name](const auto& names) {
    for (const std::string_view each : names) {
      if (each == name) return true;
    }
    return false;
  };
  if (among(kWaits)) return "wait";
  if (among(kReads)) return "read";
  if (among(kWrites)) return "write";
  return name == "epoll_ctl" ? "epoll_ctl" : "other";
}

std::optional<BenchmarkLine> benchmark_line(std::string_view csv) {
  // The name is the whole command and may contain anything, so the numbers are taken from the end.
  std::string rest = last_line(csv);
  std::vector<double> numbers(kBenchmarkNumbers);
  for (std::size_t i = kBenchmarkNumbers; i-- > 0;) {
    const auto comma = rest.rfind(',');
    if (comma == std::string::npos) return std::nullopt;
    const auto number = number_in_quotes(rest.substr(comma + 1));
    if (!number) return std::nullopt;
    numbers[i] = *number;
    rest.resize(comma);
  }
  return BenchmarkLine{
      .operations_per_second = numbers[0], .p50_us = numbers[3] * 1e3, .p99_us = numbers[5] * 1e3};
}

}  // namespace djcache::bench
