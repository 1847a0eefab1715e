// djcache_bench_threads: compares SyncCache with a blocking hiredis connection per thread, with 1,
// 16 and 64 threads. One process per run; ratios are taken within a round; see ../README.md for the
// rules.
#include <djcache/harness/redis_server.h>
#include <djcache/sync_cache.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <atomic>
#include <cstdio>
#include <iostream>
#include <latch>
#include <random>
#include <sstream>
#include <thread>

#include "driver/key_set.h"
#include "measure/process.h"
#include "measure/usage.h"
#include "report/ratios.h"
#include "threads/contestants.h"

namespace djcache::bench {
namespace {

constexpr std::uint32_t value_bytes = 32;
constexpr std::uint32_t key_count = 1000;
const std::vector<std::string> names = {"djcache-sync", "hiredis-blocking"};

struct Goal {
  int threads;
  double speed_at_least;  // relative to hiredis-blocking
  double cpu_at_most;     // 0: none
};
const std::vector<Goal> goals = {{1, 0.6, 0}, {16, 1.0, 0}, {64, 1.5, 0.6}};

struct Figures {
  double per_second = 0;
  double cpu_ns = 0;  // per operation
  std::string failure = {};
};

// --- One run.

struct Run {
  std::string contestant;
  std::uint16_t port = 0;
  int threads = 1;
  std::uint64_t operations = 0;  // of all threads together
};

Figures measure(const Run& run) {
  const auto client = make_threaded_client(run.contestant, run.port);
  if (client == nullptr) return {.failure = "no contestant is called " + run.contestant};
  const auto each = std::max<std::uint64_t>(1, run.operations / static_cast<unsigned>(run.threads));
  const auto warm_up = std::max<std::uint64_t>(1, each / 10);
  std::latch warm(run.threads + 1), begin(1), done(run.threads);
  std::atomic<int> wrong = 0;
  std::vector<std::thread> threads;
  for (int t = 0; t < run.threads; ++t) {
    threads.emplace_back([&, t] {
      KeySet keys(key_count, value_bytes);
      KeyOrder order(static_cast<std::uint64_t>(t) + 1);
      auto worker = client->make_worker();
      std::string value;
      const auto get = [&] {
        const std::uint32_t key = order.next(key_count);
        const bool found = worker != nullptr && worker->get(keys[key].bare, keys[key].made, value);
        if (!found || !keys.is_value_of(key, value)) ++wrong;
      };
      for (std::uint64_t i = 0; i < warm_up; ++i) get();
      warm.count_down();
      begin.wait();
      for (std::uint64_t i = 0; i < each; ++i) get();
      done.count_down();
    });
  }
  warm.arrive_and_wait();
  UsageMeter meter;
  const Usage before = meter.read();
  begin.count_down();
  done.wait();
  const Usage after = meter.read();
  for (auto& thread : threads) thread.join();
  const auto operations = static_cast<double>(each) * run.threads;
  Figures figures;
  figures.per_second = operations * 1e9 / static_cast<double>(after.wall_ns - before.wall_ns);
  figures.cpu_ns = static_cast<double>(after.cpu_ns - before.cpu_ns) / operations;
  if (wrong > 0) figures.failure = std::to_string(wrong) + " replies were wrong";
  return figures;
}

int run_as_child(const Run& run) {
  const Figures figures = measure(run);
  std::printf("%.1f %.1f\n", figures.per_second, figures.cpu_ns);
  if (!figures.failure.empty()) std::fprintf(stderr, "%s\n", figures.failure.c_str());
  return figures.failure.empty() ? 0 : 1;
}

Figures run_child(const Run& run) {
  const auto result = run_process(
      {own_program(), "--contestant", run.contestant, "--port", std::to_string(run.port),
       "--threads", std::to_string(run.threads), "--ops", std::to_string(run.operations)});
  Figures figures;
  if (!result.succeeded) return {.failure = run.contestant + ": " + result.failure};
  std::istringstream(result.output) >> figures.per_second >> figures.cpu_ns;
  return figures;
}

// --- All runs.

bool store_values(std::uint16_t port) {
  Settings settings;
  settings.caches["default"].location = {"redis://127.0.0.1:" + std::to_string(port)};
  settings.caches["default"].options.serializer = Serializer::raw;
  SyncEngine engine(std::move(settings));
  if (!engine.start().ok()) return false;
  KeySet keys(key_count, value_bytes);
  Entries entries;
  for (std::uint32_t i = 0; i < keys.size(); ++i) {
    entries.emplace_back(keys[i].bare, std::string(keys.value_of(i)));
  }
  return engine.cache().set_many(entries, {.ttl = forever}).ok();
}

std::string text_of(const std::optional<Spread>& spread, const char* format) {
  if (!spread) return "-";
  char text[96];
  std::snprintf(text, sizeof text, format, spread->median, spread->min, spread->max);
  return text;
}

// The ratios of the rounds in which neither failed.
template <class Figure>
std::optional<Spread> ratio(const std::vector<Figures>& ours, const std::vector<Figures>& theirs,
                            Figure figure) {
  std::vector<double> ratios;
  for (std::size_t i = 0; i < ours.size(); ++i) {
    if (ours[i].failure.empty() && theirs[i].failure.empty()) {
      ratios.push_back(ours[i].*figure / theirs[i].*figure);
    }
  }
  return spread_of(std::move(ratios));
}

int run_as_bench(int rounds, double scale, std::uint64_t seed) {
  const auto server = harness::RedisServer::start();
  if (!server) return std::cerr << server.problem << "\n", 1;
  if (!store_values(server->port())) return std::cerr << "the values could not be stored\n", 1;
  std::mt19937_64 random(seed);
  bool failed = false;
  std::printf("GET of %u bytes, djcache-sync to hiredis-blocking, %d rounds: median (min to max)\n",
              value_bytes, rounds);
  for (const Goal& goal : goals) {
    std::vector<std::vector<Figures>> figures(names.size());
    for (int round = 0; round < rounds; ++round) {
      std::vector<std::size_t> order = {0, 1};
      std::shuffle(order.begin(), order.end(), random);
      for (const std::size_t who : order) {
        const double operations = (goal.threads == 1 ? 40'000 : 200'000) * scale;
        figures[who].push_back(run_child(
            {names[who], server->port(), goal.threads, static_cast<std::uint64_t>(operations)}));
        if (!figures[who].back().failure.empty()) {
          failed = true;
          std::cerr << figures[who].back().failure << "\n";
        }
      }
    }
    const auto speed = ratio(figures[0], figures[1], &Figures::per_second);
    const auto cpu = ratio(figures[0], figures[1], &Figures::cpu_ns);
    std::printf("%2d threads: throughput %s, wanted >= %.1f: %s\n", goal.threads,
                text_of(speed, "%.2f (%.2f to %.2f)").c_str(), goal.speed_at_least,
                speed && speed->median >= goal.speed_at_least ? "yes" : "NO");
    std::printf("            client CPU %s", text_of(cpu, "%.2f (%.2f to %.2f)").c_str());
    if (goal.cpu_at_most > 0) {
      std::printf(", wanted <= %.1f: %s", goal.cpu_at_most,
                  cpu && cpu->median <= goal.cpu_at_most ? "yes" : "NO");
    }
    for (std::size_t who = 0; who < names.size(); ++who) {
      std::vector<double> rates, costs;
      for (const Figures& each : figures[who]) {
        rates.push_back(each.per_second / 1000);
        costs.push_back(each.cpu_ns / 1000);
      }
      std::printf("\n            %-16s %s k/s, %s us of CPU", names[who].c_str(),
                  text_of(spread_of(rates), "%.1f (%.1f to %.1f)").c_str(),
                  text_of(spread_of(costs), "%.1f (%.1f to %.1f)").c_str());
    }
    std::printf("\n");
    std::fflush(stdout);
  }
  return failed ? 1 : 0;
}

int run(int argc, char** argv) {
  CLI::App app("Measures SyncCache beside a blocking hiredis connection per thread");
  int rounds = 5;
  double scale = 1;
  bool quick = false;
  std::uint64_t seed = 0;
  Run child;
  app.add_option("--rounds", rounds, "How often each is measured")->check(CLI::Range(1, 1000));
  app.add_option("--scale", scale, "Factor on the operations of each run");
  app.add_flag("--quick", quick, "Few operations, one round: tests the bench, not djcache");
  app.add_option("--seed", seed, "Of the order of contestants; 0 draws one");
  app.add_option("--contestant", child.contestant, "One run")->group("One run");
  app.add_option("--port", child.port)->group("One run");
  app.add_option("--threads", child.threads)->group("One run")->check(CLI::Range(1, 1000));
  app.add_option("--ops", child.operations)->group("One run");
  CLI11_PARSE(app, argc, argv);
  if (!child.contestant.empty()) return run_as_child(child);
  return run_as_bench(quick ? 1 : rounds, quick ? 0.01 : scale,
                      seed ? seed : std::random_device{}());
}

}  // namespace
}  // namespace djcache::bench

int main(int argc, char** argv) { return djcache::bench::run(argc, argv); }
