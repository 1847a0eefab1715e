// djcache_growth: measures the cost of an operation by the number of pools, connections and so on.
// Prints a table, draws the curves, and ends with exit code 1 if one of them is not flat.
#include <djcache/harness/redis_server.h>
#include <sys/resource.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <fstream>
#include <iostream>

#include "growth/axes.h"
#include "growth/chart.h"
#include "measure/process.h"
#include "measure/tool_output.h"

namespace djcache::bench {
namespace {

constexpr double kTolerance = 0.10;
constexpr int kPointLimit_s = 300;

struct Arguments {
  std::vector<std::string> only;  // names of axes
  std::uint64_t size_max = UINT64_MAX;
  std::string svg_file;
  // For one point, when the program runs itself under callgrind.
  int axis = -1;
  std::uint64_t size = 0;
  std::string server;
};

// A thousand connections need more descriptors than the usual soft limit.
void raise_descriptors() {
  rlimit limit{};
  getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = std::min<rlim_t>(limit.rlim_max, 20'000);
  setrlimit(RLIMIT_NOFILE, &limit);
}

// Instructions per operation; negative after a failure.
double measure(std::size_t axis, std::uint64_t size, const std::string& server) {
  const ProcessResult ran =
      run_process({"valgrind", "--tool=callgrind", "--instr-atstart=no",
                   "--callgrind-out-file=/dev/null", "--log-fd=1", own_program(), "--axis",
                   std::to_string(axis), "--size", std::to_string(size), "--server", server},
                  {.cpu = {}, .limit_s = kPointLimit_s});
  const auto instructions = callgrind_instructions(ran.output);
  const std::size_t at = ran.output.find("operations: ");
  if (!ran.succeeded || !instructions || *instructions == 0 || at == std::string::npos) return -1;
  const double operations = std::stod(ran.output.substr(at + 12));
  return operations > 0 ? static_cast<double>(*instructions) / operations : -1;
}

// The number of loop turns per operation depends on how soon the server answers, so chance may
// increase a cost but never decrease it. The lowest of several attempts counts.
double measure_again_if_steep(std::size_t axis, std::uint64_t size, const std::string& server,
                              Curve curve) {
  constexpr int attempts = 4;
  curve.points.emplace_back(size, 0);
  double least = -1;
  for (int i = 0; i < attempts; ++i) {
    const double cost = measure(axis, size, server);
    if (cost < 0) return cost;
    least = least < 0 ? cost : std::min(least, cost);
    curve.points.back().second = least;
    if (i > 0 && is_flat(curve, kTolerance)) break;
  }
  return least;
}

bool wanted(const Arguments& given, const Axis& axis) {
  return given.only.empty() ||
         std::find(given.only.begin(), given.only.end(), axis.name) != given.only.end();
}

int run_all(const Arguments& given) {
  const auto server = harness::RedisServer::start();
  if (!server) {
    std::cerr << server.problem << "\n";
    return 1;
  }
  std::vector<Curve> curves;
  bool all_flat = true;
  for (std::size_t i = 0; i < axes().size(); ++i) {
    const Axis& axis = axes()[i];
    if (!wanted(given, axis)) continue;
    Curve curve{.name = std::string(axis.name) + ": " + axis.operation, .points = {}};
    std::printf("%-40s", curve.name.c_str());
    bool failed = false;
    for (const std::uint64_t size : axis.sizes) {
      if (size > given.size_max) continue;
      const double cost = measure_again_if_steep(i, size, server->unix_url(), curve);
      failed = failed || cost < 0;
      if (cost < 0) continue;
      curve.points.emplace_back(size, cost);
      std::printf("  %llu: %.0f", static_cast<unsigned long long>(size), cost);
      std::fflush(stdout);
    }
    curve.flat = !failed && is_flat(curve, kTolerance);
    all_flat = all_flat && curve.flat;
    std::puts(failed ? "  FAILED" : curve.flat ? "  flat" : "  NOT FLAT");
    curves.push_back(std::move(curve));
  }
  if (!given.svg_file.empty()) {
    std::ofstream file(given.svg_file);
    file << chart(curves);
    if (!file.flush()) {
      std::cerr << "cannot write " << given.svg_file << "\n";
      return 1;
    }
  }
  return all_flat ? 0 : 1;
}

int run(int argc, char** argv) {
  CLI::App app("Counts what an operation costs, by how many pools, connections, ... there are");
  Arguments given;
  app.add_option("--only", given.only, "Axes, by name")->delimiter(',');
  app.add_option("--size-max", given.size_max, "No larger sizes");
  app.add_option("--svg", given.svg_file, "Draw the curves here");
  const char* group = "One point (what the program starts itself with, under callgrind)";
  app.add_option("--axis", given.axis)->group(group)->check(CLI::Range(0, 99));
  app.add_option("--size", given.size)->group(group);
  app.add_option("--server", given.server)->group(group);
  CLI11_PARSE(app, argc, argv);
  raise_descriptors();
  if (given.axis < 0) return run_all(given);
  if (static_cast<std::size_t>(given.axis) >= axes().size()) return 2;
  const std::uint64_t operations =
      measure_point(axes()[static_cast<std::size_t>(given.axis)], given.size, given.server);
  std::printf("operations: %llu\n", static_cast<unsigned long long>(operations));
  return operations > 0 ? 0 : 1;
}

}  // namespace
}  // namespace djcache::bench

int main(int argc, char** argv) { return djcache::bench::run(argc, argv); }
