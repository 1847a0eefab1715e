#include "suite/child.h"

#include <nlohmann/json.hpp>

#include "contestants/redis_benchmark.h"
#include "contestants/registry.h"
#include "driver/driver.h"
#include "measure/process.h"

namespace djcache::bench {
namespace {

using nlohmann::json;

constexpr int kTurnsToClose = 1000;

Outcome drive(const ContestantEntry& entry, const Workload& workload, const Endpoint& endpoint) {
  uv_loop_t loop;
  uv_loop_init(&loop);
  Outcome found;
  {
    const auto contestant = entry.make(workload);
    Driver driver(loop, *contestant, workload);
    found.failure = contestant->open(loop, endpoint, driver);
    if (found.failure.empty()) found = driver.run();
    contestant->close();
    for (int turn = 0; turn < kTurnsToClose && uv_run(&loop, UV_RUN_ONCE) != 0; ++turn) {
    }
  }
  if (uv_loop_close(&loop) != 0 && found.failure.empty()) {
    found.failure = "something is left on the loop after closing";
  }
  return found;
}

/// Stores the keys by the driver through hiredis, because redis-benchmark needs them, then runs it.
Outcome run_program(const std::string& name, const Workload& workload, const Endpoint& endpoint) {
  Workload filling = workload;
  filling.op = Op::kGet;
  filling.warmup = filling.operations = 1;
  const Outcome filled = drive(*contestant_named(kHiredis), filling, endpoint);
  if (!filled.failure.empty()) return filled;
  const BenchmarkShape shape =
      name == kRedisBenchmark50x16
          ? BenchmarkShape{.connections = 50, .pipeline = 16}
          : BenchmarkShape{.connections = 1, .pipeline = workload.in_flight};
  return run_redis_benchmark(workload, endpoint, shape);
}

std::optional<double> optional_number(const json& from, const char* name) {
  if (!from.contains(name)) return std::nullopt;
  return from.at(name).get<double>();
}

}  // namespace

Outcome run_contestant(const std::string& contestant, const Workload& workload,
                       const Endpoint& endpoint) {
  const ContestantEntry* entry = contestant_named(contestant);
  if (entry == nullptr) return {.failure = "no contestant is called " + contestant};
  return entry->make != nullptr ? drive(*entry, workload, endpoint)
                                : run_program(contestant, workload, endpoint);
}

std::vector<std::string> child_arguments(const std::string& contestant, const Workload& workload,
                                         const Endpoint& endpoint) {
  return {own_program(),
          "--contestant",
          contestant,
          "--port",
          std::to_string(endpoint.port),
          "--op",
          name_of(workload.op),
          "--size",
          std::to_string(workload.value_bytes),
          "--inflight",
          std::to_string(workload.in_flight),
          "--ops",
          std::to_string(workload.operations),
          "--warmup",
          std::to_string(workload.warmup),
          "--keys",
          std::to_string(workload.keys),
          "--seed",
          std::to_string(workload.seed),
          "--latency",
          workload.latency ? "1" : "0"};
}

std::string to_line(const Outcome& outcome) {
  json line = {{"seconds", outcome.seconds},
               {"operations_per_second", outcome.operations_per_second},
               {"cpu_ns_per_operation", outcome.cpu_ns_per_operation},
               {"p50_us", outcome.p50_us},
               {"p99_us", outcome.p99_us},
               {"failure", outcome.failure}};
  if (outcome.allocations_per_operation) {
    line["allocations_per_operation"] = *outcome.allocations_per_operation;
  }
  if (outcome.instructions_per_operation) {
    line["instructions_per_operation"] = *outcome.instructions_per_operation;
  }
  return line.dump(-1, ' ', false, json::error_handler_t::replace);
}

std::string to_line(const HandleCost& cost) {
  const json line = {{"handles", cost.handles},
                     {"bytes_each", cost.bytes_each},
                     {"connections", cost.connections},
                     {"failure", cost.failure}};
  return line.dump(-1, ' ', false, json::error_handler_t::replace);
}

Outcome run_in_child(const std::string& contestant, const Workload& workload,
                     const Endpoint& endpoint, std::optional<int> cpu) {
  const ProcessResult ran =
      run_process(child_arguments(contestant, workload, endpoint), {.cpu = cpu});
  const json line = json::parse(ran.output, nullptr, false);
  if (!line.is_object()) return {.failure = ran.succeeded ? "no outcome" : ran.failure};
  return {.seconds = line.at("seconds"),
          .operations_per_second = line.at("operations_per_second"),
          .cpu_ns_per_operation = line.at("cpu_ns_per_operation"),
          .p50_us = line.at("p50_us"),
          .p99_us = line.at("p99_us"),
          .allocations_per_operation = optional_number(line, "allocations_per_operation"),
          .instructions_per_operation = optional_number(line, "instructions_per_operation"),
          .failure = line.at("failure")};
}

HandleCost measure_handles_in_child(std::uint64_t handles, const Endpoint& endpoint) {
  const ProcessResult ran =
      run_process({own_program(), "--contestant", kDjcache, "--port", std::to_string(endpoint.port),
                   "--handle-count", std::to_string(handles)});
  const json line = json::parse(ran.output, nullptr, false);
  if (!line.is_object()) return {.failure = ran.succeeded ? "no outcome" : ran.failure};
  return {.handles = line.at("handles"),
          .bytes_each = line.at("bytes_each"),
          .connections = line.at("connections"),
          .failure = line.at("failure")};
}

}  // namespace djcache::bench
