// djcache_bench: the command line. Without arguments it measures everything; with --contestant this
// process is one run of one contestant (see suite/child.h).
#include <CLI/CLI.hpp>
#include <fstream>
#include <iostream>
#include <random>

#include "contestants/djcache_handles.h"
#include "report/cells_chart.h"
#include "report/json_report.h"
#include "report/table.h"
#include "suite/child.h"
#include "suite/suite.h"

namespace djcache::bench {
namespace {

struct Arguments {
  Plan plan;
  bool quick = false;
  bool timing = false;
  bool instructions = false;
  bool syscalls = false;
  bool handles = false;
  int rounds = 0;
  double scale = 0;
  std::vector<std::string> ops;
  std::vector<std::uint32_t> sizes;
  std::vector<std::uint32_t> in_flight;
  std::uint64_t seed = 0;
  std::string json_file;
  std::string svg_file;

  std::string contestant;
  Endpoint endpoint;
  Workload workload;
  std::string op = "GET";
  std::uint64_t handle_count = 0;
};

void add_suite_options(CLI::App& app, Arguments& given) {
  app.add_flag("--quick", given.quick, "Few operations, one round: tests the bench, not djcache");
  app.add_flag("--timing", given.timing, "Only this (and others so named): timings");
  app.add_flag("--instructions", given.instructions,
               "Only this (and others so named): instructions, under callgrind where the kernel "
               "does not give us the processor's counter");
  app.add_flag("--syscalls", given.syscalls, "Only this (and others so named): system calls");
  app.add_flag("--handles", given.handles, "Only this (and others so named): cache handles");
  app.add_option("--rounds", given.rounds, "Rounds of timings")->check(CLI::Range(1, 1000));
  app.add_option("--scale", given.scale, "Factor on the operations of each timed run")
      ->check(CLI::Range(0.001, 1000.0));
  app.add_option("--ops-of", given.ops, "GET, SET or both")->delimiter(',');
  app.add_option("--sizes", given.sizes, "Value sizes in bytes, 16 to 1048576")
      ->delimiter(',')
      ->check(CLI::Range(16u, kLargest));
  app.add_option("--in-flights", given.in_flight, "Numbers in flight")
      ->delimiter(',')
      ->check(CLI::Range(1, 100000));
  app.add_option("--only", given.plan.contestants, "Contestants, by name")->delimiter(',');
  app.add_option("--seed", given.seed, "Of the order of contestants and of keys; 0 draws one");
  app.add_option("--json", given.json_file, "Write the report for programs here");
  app.add_option("--svg", given.svg_file, "Draw the timings here");
}

void add_child_options(CLI::App& app, Arguments& given) {
  const char* group = "One run (what the bench starts itself with)";
  app.add_option("--contestant", given.contestant)->group(group);
  app.add_option("--port", given.endpoint.port)->group(group);
  app.add_option("--op", given.op)->group(group);
  app.add_option("--size", given.workload.value_bytes)
      ->group(group)
      ->check(CLI::Range(16u, kLargest));
  app.add_option("--inflight", given.workload.in_flight)
      ->group(group)
      ->check(CLI::Range(1, 100000));
  app.add_option("--ops", given.workload.operations)->group(group);
  app.add_option("--warmup", given.workload.warmup)->group(group);
  app.add_option("--keys", given.workload.keys)->group(group)->check(CLI::Range(1, 1'000'000));
  app.add_option("--latency", given.workload.latency)->group(group);
  app.add_option("--handle-count", given.handle_count)->group(group);
}

Plan plan_of(const Arguments& given) {
  Plan plan = given.quick ? quick_plan() : Plan{};
  plan.contestants = given.plan.contestants;
  if (given.timing || given.instructions || given.syscalls || given.handles) {
    plan.timing = given.timing;
    plan.instructions = given.instructions;
    plan.syscalls = given.syscalls;
    plan.handles = given.handles;
  }
  if (given.rounds > 0) plan.rounds = given.rounds;
  if (given.scale > 0) plan.scale = given.scale;
  if (!given.sizes.empty()) plan.sizes = given.sizes;
  if (!given.in_flight.empty()) plan.in_flight = given.in_flight;
  if (!given.ops.empty()) {
    plan.ops.clear();
    for (const std::string& name : given.ops) {
      if (const auto op = op_named(name)) plan.ops.push_back(*op);
    }
  }
  plan.seed = given.seed != 0 ? given.seed : std::random_device{}();
  return plan;
}

int run_as_child(Arguments& given) {
  const auto op = op_named(given.op);
  if (!op) {
    std::cerr << "no operation is called " << given.op << "\n";
    return 2;
  }
  if (given.handle_count > 0) {
    const HandleCost cost = measure_handles(given.handle_count, given.endpoint);
    std::cout << to_line(cost) << std::endl;
    return cost.failure.empty() ? 0 : 1;
  }
  given.workload.op = *op;
  given.workload.seed = given.seed;
  const Outcome outcome = run_contestant(given.contestant, given.workload, given.endpoint);
  std::cout << to_line(outcome) << std::endl;
  return outcome.failure.empty() ? 0 : 1;
}

int run_as_bench(const Arguments& given) {
  const auto server = harness::RedisServer::start();
  if (!server) {
    std::cerr << server.problem << "\n";
    return 1;
  }
  const Plan plan = plan_of(given);
  const Results results = run_suite(
      plan, *server, [](const std::string& what) { std::cerr << "... " << what << "\n"; });
  print_tables(std::cout, results);
  const auto write = [](const std::string& name, const auto& report) {
    if (name.empty()) return true;
    std::ofstream file(name);
    report(file);
    if (file.flush()) return true;
    std::cerr << "cannot write " << name << "\n";
    return false;
  };
  const bool written =
      write(given.json_file, [&](std::ostream& file) { write_json(file, results); }) &&
      write(given.svg_file, [&](std::ostream& file) { file << chart_of_cells(results); });
  return written && results.failures.empty() ? 0 : 1;
}

int run(int argc, char** argv) {
  CLI::App app("Measures djcache beside hiredis and redis-benchmark, on a redis-server of its own");
  Arguments given;
  add_suite_options(app, given);
  add_child_options(app, given);
  CLI11_PARSE(app, argc, argv);
  if (given.contestant.empty()) return run_as_bench(given);
  if (given.workload.warmup == 0) given.workload.warmup = 1;  // measuring begins when it is done
  if (given.workload.operations == 0) given.workload.operations = 1;
  return run_as_child(given);
}

}  // namespace
}  // namespace djcache::bench

int main(int argc, char** argv) { return djcache::bench::run(argc, argv); }
