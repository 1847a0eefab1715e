// djcache_costs: compares the instructions and allocations of one operation with their budgets.
// Exit code 1 if any is over budget.
#include <djcache/harness/redis_server.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <iostream>
#include <optional>

#include "costs/costs.h"
#include "measure/process.h"
#include "measure/tool_output.h"

namespace djcache::bench {
namespace {

struct Arguments {
  int attempts = 3;
  std::vector<std::string> only;  // parts of names
  std::string callgrind_out = "/dev/null";
  // For one figure, when the program runs itself under callgrind.
  int cost = -1;
  std::string server;
};

struct Figures {
  double instructions = 0, allocations = 0;
};

std::optional<double> number_after(const std::string& text, const char* words) {
  const std::size_t at = text.find(words);
  if (at == std::string::npos) return std::nullopt;
  return std::stod(text.substr(at + std::string_view(words).size()));
}

// The number of loop turns per operation depends on how soon the server answers, so chance may
// increase a figure but never decrease it. The lowest of several attempts counts.
std::optional<Figures> measure(const Arguments& given, std::size_t cost,
                               const std::string& server) {
  std::optional<Figures> least;
  for (int i = 0; i < given.attempts; ++i) {
    const ProcessResult ran =
        run_process({"valgrind", "--tool=callgrind", "--instr-atstart=no",
                     "--callgrind-out-file=" + given.callgrind_out, "--log-fd=1", own_program(),
                     "--cost", std::to_string(cost), "--server", server},
                    {.cpu = {}, .limit_s = 300});
    const auto instructions = callgrind_instructions(ran.output);
    const auto operations = number_after(ran.output, "operations: ");
    const auto allocations = number_after(ran.output, "allocations: ");
    if (!ran.succeeded || !instructions || *instructions == 0 || !operations || !allocations)
      return std::nullopt;
    const Figures found{static_cast<double>(*instructions) / *operations,
                        *allocations / *operations};
    if (!least || found.instructions < least->instructions) least = found;
  }
  return least;
}

bool wanted(const Arguments& given, const std::string& name) {
  return given.only.empty() ||
         std::any_of(given.only.begin(), given.only.end(),
                     [&](const std::string& part) { return name.find(part) != name.npos; });
}

int run_all(const Arguments& given) {
  const auto server = harness::RedisServer::start();
  if (!server) return std::cerr << server.problem << "\n", 1;
  bool all_within = true;
  std::printf("%-30s %12s %8s %12s\n", "", "instructions", "budget", "allocations");
  for (std::size_t i = 0; i < costs().size(); ++i) {
    const Cost& cost = costs()[i];
    if (!wanted(given, cost.name)) continue;
    const auto found = measure(given, i, server->url());
    if (!found) return std::cerr << "no figure: " << cost.name << "\n", 1;
    const bool within =
        (cost.instructions_max == 0 || found->instructions <= cost.instructions_max) &&
        found->allocations <= cost.allocations_max + 0.005;
    all_within = all_within && within;
    std::printf("%-30s %12.0f %8.0f %12.3f%s\n", cost.name, found->instructions,
                cost.instructions_max, found->allocations, within ? "" : "  OVER");
    std::fflush(stdout);
  }
  return all_within ? 0 : 1;
}

int run(int argc, char** argv) {
  CLI::App app("Counts the instructions and allocations of one operation");
  Arguments given;
  app.add_option("--attempts", given.attempts, "Of each figure, of which the least counts")
      ->check(CLI::Range(1, 100));
  app.add_option("--only", given.only, "Figures, by a part of their names")->delimiter(',');
  app.add_option("--callgrind-out", given.callgrind_out, "Keeps callgrind's profile here");
  const char* group = "One figure (what the program starts itself with, under callgrind)";
  app.add_option("--cost", given.cost)->group(group)->check(CLI::Range(0, 99));
  app.add_option("--server", given.server)->group(group);
  CLI11_PARSE(app, argc, argv);
  if (given.cost < 0) return run_all(given);
  if (static_cast<std::size_t>(given.cost) >= costs().size()) return 2;
  const Counted counted = measure_cost(costs()[static_cast<std::size_t>(given.cost)], given.server);
  std::printf("operations: %llu\nallocations: %llu\n",
              static_cast<unsigned long long>(counted.operations),
              static_cast<unsigned long long>(counted.allocations));
  return counted.operations > 0 ? 0 : 1;
}

}  // namespace
}  // namespace djcache::bench

int main(int argc, char** argv) { return djcache::bench::run(argc, argv); }
