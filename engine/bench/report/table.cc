#include "report/table.h"

#include <cstdarg>
#include <cstdio>
#include <string>

#include "contestants/registry.h"
#include "report/goals.h"
#include "report/ratios.h"

namespace djcache::bench {
namespace {

[[gnu::format(printf, 1, 2)]] std::string text(const char* format, ...) {
  char line[512];
  va_list arguments;
  va_start(arguments, format);
  std::vsnprintf(line, sizeof line, format, arguments);
  va_end(arguments);
  return line;
}

std::string ratio_text(const std::optional<Spread>& spread) {
  return spread ? text("%.2f (%.2f-%.2f)", spread->median, spread->min, spread->max) : "-";
}

std::string number_text(const std::optional<double>& number, const char* format) {
  if (!number) return "-";
  char digits[64];
  std::snprintf(digits, sizeof digits, format, *number);
  return digits;
}

void print_head(std::ostream& out, const Results& results) {
  out << "redis-server " << results.server_version << "; " << results.processor << "; "
      << results.rounds << (results.rounds == 1 ? " round" : " rounds") << ", seed " << results.seed
      << "\n";
  if (const std::string absent = absent_contestants(); !absent.empty()) {
    out << "left out, because their libraries were not found when this was built: " << absent
        << "\n";
  }
}

void print_timed_row(std::ostream& out, const TimedCell& cell, const std::string& name) {
  const auto median = [&](Figure figure, double unit, const char* format) {
    const auto spread = figure_of(cell, name, figure);
    return number_text(spread ? std::optional(spread->median / unit) : std::nullopt, format);
  };
  const Figure speed = &Outcome::operations_per_second;
  const Figure cpu = &Outcome::cpu_ns_per_operation;
  out << text("  %-22s %8s %8s %9s %9s  %-18s %-18s %-18s\n", name.c_str(),
              median(speed, 1e3, "%.1f").c_str(), median(cpu, 1, "%.0f").c_str(),
              median(&Outcome::p50_us, 1, "%.1f").c_str(),
              median(&Outcome::p99_us, 1, "%.1f").c_str(),
              ratio_text(ratio_of(cell, name, kHiredis, speed)).c_str(),
              ratio_text(ratio_of(cell, name, kHiredis, cpu)).c_str(),
              ratio_text(ratio_of(cell, name, kRedisBenchmark, speed)).c_str());
}

void print_timed(std::ostream& out, const Results& results) {
  if (results.timed.empty()) return;
  out << "\nTimings: medians over the rounds; ratios are medians of the ratios within each round "
         "(smallest-largest)\n";
  for (const TimedCell& cell : results.timed) {
    out << "\n"
        << describe(cell.cell)
        << (cell.server_cpu == cell.client_cpu ? " (client and server on one core)"
                                               : " (client and server on a core each)")
        << "\n"
        << text("  %-22s %8s %8s %9s %9s  %-18s %-18s %-18s\n", "", "k op/s", "CPU ns", "p50 us",
                "p99 us", "speed/hiredis", "CPU/hiredis", "speed/redis-bench.");
    for (const ContestantEntry& entry : all_contestants()) {
      if (cell.rounds.contains(entry.name)) print_timed_row(out, cell, entry.name);
    }
  }
}

void print_counted_row(std::ostream& out, const CountedCell& counted) {
  const auto kind = [&counted](const char* name) {
    const auto found = counted.syscalls_by_kind.find(name);
    return found == counted.syscalls_by_kind.end() ? 0.0 : found->second;
  };
  out << text("  %-22s %12s %12s %9s", counted.contestant.c_str(),
              number_text(counted.instructions, "%.0f").c_str(),
              number_text(counted.allocations, "%.4f").c_str(),
              number_text(counted.syscalls, "%.4f").c_str());
  if (counted.syscalls) {
    out << text("   wait %.4f, read %.4f, write %.4f, epoll_ctl %.4f, other %.4f", kind("wait"),
                kind("read"), kind("write"), kind("epoll_ctl"), kind("other"));
  }
  out << "\n";
}

void print_counted(std::ostream& out, const Results& results) {
  if (results.counted.empty()) return;
  out << "\nCounted per operation, the driver's own share (" << kDriverAlone
      << ") included\n  instructions in user mode: " << results.instructions_by
      << "\n  system calls: " << results.syscalls_by << "\n";
  std::string shown;
  for (const CountedCell& counted : results.counted) {
    const std::string title = describe(counted.cell);
    if (title != shown) {
      out << "\n"
          << title << "\n"
          << text("  %-22s %12s %12s %9s\n", "", "instructions", "allocations", "syscalls");
    }
    shown = title;
    print_counted_row(out, counted);
  }
}

void print_goals(std::ostream& out, const Results& results) {
  out << "\nGoals\n";
  for (const Goal& goal : judge_goals(results)) {
    const char* verdict = !goal.reached ? "-" : *goal.reached ? "yes" : "NO";
    out << text("  %-3s  %-12s %-66s %-14s %s\n", verdict, goal.contestant.c_str(),
                goal.what.c_str(), goal.wanted.c_str(), goal.found.c_str());
  }
}

}  // namespace

void print_tables(std::ostream& out, const Results& results) {
  print_head(out, results);
  print_timed(out, results);
  print_counted(out, results);
  print_goals(out, results);
  for (const std::string& failure : results.failures) out << "FAILED: " << failure << "\n";
}

}  // namespace djcache::bench
