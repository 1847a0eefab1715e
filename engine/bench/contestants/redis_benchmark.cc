#include "contestants/redis_benchmark.h"

#include <algorithm>
#include <string>
#include <vector>

#include "measure/process.h"
#include "measure/tool_output.h"

namespace djcache::bench {
namespace {

std::vector<std::string> command_line(const Workload& workload, const Endpoint& endpoint,
                                      const BenchmarkShape& shape, std::uint64_t operations) {
  std::vector<std::string> line = {"redis-benchmark",
                                   "-h",
                                   endpoint.host,
                                   "-p",
                                   std::to_string(endpoint.port),
                                   "-c",
                                   std::to_string(shape.connections),
                                   "-P",
                                   std::to_string(shape.pipeline),
                                   "-n",
                                   std::to_string(operations),
                                   "-r",
                                   std::to_string(workload.keys),
                                   "--csv",
                                   name_of(workload.op),
                                   ":1:key:__rand_int__"};
  if (workload.op == Op::kSet) {
    line.insert(line.end(), {std::string(workload.value_bytes, 'v'), "EX", "300"});
  }
  return line;
}

std::uint64_t whole_pipelines(std::uint64_t operations, const BenchmarkShape& shape) {
  const std::uint64_t one = std::uint64_t{shape.connections} * shape.pipeline;
  return std::max<std::uint64_t>(1, operations / one) * one;
}

}  // namespace

Outcome run_redis_benchmark(const Workload& workload, const Endpoint& endpoint,
                            const BenchmarkShape& shape) {
  // The first run warms the server up and measures the cost of starting the program.
  const std::uint64_t few = whole_pipelines(workload.warmup, shape);
  const std::uint64_t many = few + whole_pipelines(workload.operations, shape);
  const ProcessResult first = run_process(command_line(workload, endpoint, shape, few));
  const ProcessResult second = run_process(command_line(workload, endpoint, shape, many));
  Outcome found;
  const auto line = benchmark_line(second.output);
  if (!first.succeeded || !second.succeeded) {
    found.failure = first.succeeded ? second.failure : first.failure;
  } else if (!line) {
    found.failure = "redis-benchmark prints another form of CSV than expected";
  } else {
    found.operations_per_second = line->operations_per_second;
    found.seconds = static_cast<double>(many) / line->operations_per_second;
    found.p50_us = line->p50_us;
    found.p99_us = line->p99_us;
    found.cpu_ns_per_operation = (second.cpu_ns - first.cpu_ns) / static_cast<double>(many - few);
  }
  return found;
}

}  // namespace djcache::bench
