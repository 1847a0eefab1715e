// djcache_tls_cost: compares the instructions of a get over TLS with the same get over a plain
// connection and with OpenSSL alone on the same data. Exit code 1 if a goal is missed.
#include <djcache/harness/certificates.h>
#include <djcache/harness/redis_server.h>

#include <CLI/CLI.hpp>
#include <array>
#include <cstdio>
#include <iostream>
#include <optional>

#include "growth/growth.h"
#include "measure/process.h"
#include "measure/tool_output.h"
#include "tls/bare.h"

namespace djcache::bench {
namespace {

// How much is read at once, and how often for one figure.
struct Shape {
  const char* name;
  std::uint64_t gets;
  std::size_t value_bytes;
  int rounds;
  // The most instructions that TLS may add to the plain get: excluding OpenSSL's own, or, if
  // `goal_all` is not 0, including them.
  double goal_beyond, goal_all;
};
constexpr std::array<Shape, 3> shapes = {{
    {"a get of 100 B alone", 1, 100, 200, 600, 0},
    {"100 gets of 100 B at once", 100, 100, 20, 550, 0},
    {"a get of 1 MiB", 1, std::size_t{1} << 20, 5, 0, 5'300'000},
}};
constexpr std::array ways = {"plain", "tls", "openssl"};

// The command of one get, and the size of its reply with the raw serializer.
constexpr std::string_view command = "*2\r\n$3\r\nGET\r\n$6\r\n:1:key\r\n";
std::size_t answer_bytes(std::size_t value) { return std::to_string(value).size() + value + 5; }

struct Arguments {
  std::string way, url, ca_file;
  std::size_t shape = 0;
  int attempts = 3;
};

bool store(Growth& growth, Cache& cache, std::size_t size) {
  bool come = false;
  cache.set("key", Value::bytes(std::string(size, 'v')), [&](Result<void> result) {
    come = true;
    if (!result.ok()) growth.fail(to_string(result.error()));
  });
  growth.run_until([&] { return come; });
  return !growth.failed();
}

bool measure_engine(const Arguments& given, const Shape& shape) {
  Growth growth(given.url);
  CacheSettings alias = growth.alias();
  alias.options.serializer = Serializer::raw;
  if (given.way == "tls") alias.options.tls = TlsOptions{.ca_file = given.ca_file};
  Settings settings;
  settings.caches.emplace("default", std::move(alias));
  Cache cache = growth.start(std::move(settings)).cache();
  if (!store(growth, cache, shape.value_bytes)) return false;
  const auto get_all = [&] {
    std::uint64_t open = shape.gets;
    for (std::uint64_t i = 0; i < shape.gets; ++i) {
      cache.get("key", [&](Result<std::optional<Value>> result) {
        --open;
        if (!result.ok()) growth.fail(to_string(result.error()));
      });
    }
    growth.run_until([&] { return open == 0; });
  };
  growth.count(static_cast<std::uint64_t>(shape.rounds), get_all);
  return !growth.failed();
}

bool measure_openssl(const Shape& shape) {
  Bare bare;
  bare.count(shape.rounds, shape.gets * command.size(),
             shape.gets * answer_bytes(shape.value_bytes));
  if (!bare.failure().empty()) std::cerr << bare.failure() << "\n";
  return bare.failure().empty();
}

// Instructions per get. The number of loop turns depends on how soon the server answers, so chance
// may increase a cost but never decrease it. The lowest of several attempts counts.
std::optional<double> measure(const Arguments& given, const Shape& shape) {
  std::optional<double> least;
  for (int i = 0; i < given.attempts; ++i) {
    const ProcessResult ran = run_process(
        {"valgrind", "--tool=callgrind", "--instr-atstart=no", "--callgrind-out-file=/dev/null",
         "--log-fd=1", own_program(), "--way", given.way, "--shape", std::to_string(given.shape),
         "--url", given.url, "--ca", given.ca_file},
        {.cpu = {}, .limit_s = 300});
    const auto instructions = callgrind_instructions(ran.output);
    if (!ran.succeeded || !instructions || *instructions == 0) return std::nullopt;
    const double each = static_cast<double>(*instructions) /
                        static_cast<double>(shape.gets * static_cast<std::uint64_t>(shape.rounds));
    least = least ? std::min(*least, each) : each;
  }
  return least;
}

// Prints a line and returns whether the goal is reached.
bool report(const Shape& shape, const std::array<double, ways.size()>& found) {
  const auto& [plain, tls, openssl] = found;
  const double beyond = tls - plain - openssl;
  const bool reached =
      shape.goal_all > 0 ? tls - plain <= shape.goal_all : beyond <= shape.goal_beyond;
  std::printf("%-26s plain %9.0f  OpenSSL alone %9.0f  over TLS %9.0f  beyond both %7.0f  %s\n",
              shape.name, plain, openssl, tls, beyond, reached ? "reached" : "MISSED");
  return reached;
}

int run_all(Arguments given) {
  const auto authority = harness::CertificateAuthority::make();
  if (!authority) return std::cerr << authority.problem << "\n", 1;
  const auto server = harness::RedisServer::start({.tls = authority->issue()});
  if (!server) return std::cerr << server.problem << "\n", 1;
  bool all_reached = true;
  for (std::size_t i = 0; i < shapes.size(); ++i) {
    std::array<double, ways.size()> found{};
    for (std::size_t way = 0; way < ways.size(); ++way) {
      given.way = ways[way];
      given.url = given.way == "tls" ? server->tls_url() : server->url();
      given.ca_file = authority->ca_file();
      given.shape = i;
      const auto cost = measure(given, shapes[i]);
      if (!cost)
        return std::cerr << "no figure: " << shapes[i].name << ", " << ways[way] << "\n", 1;
      found[way] = *cost;
    }
    all_reached = report(shapes[i], found) && all_reached;
  }
  return all_reached ? 0 : 1;
}

int run(int argc, char** argv) {
  CLI::App app("Counts what TLS adds to a get, beside OpenSSL alone");
  Arguments given;
  app.add_option("--attempts", given.attempts, "Of each figure, of which the least counts")
      ->check(CLI::Range(1, 100));
  const char* group = "One figure (what the program starts itself with, under callgrind)";
  app.add_option("--way", given.way)->group(group);
  app.add_option("--url", given.url)->group(group);
  app.add_option("--ca", given.ca_file)->group(group);
  app.add_option("--shape", given.shape)
      ->group(group)
      ->check(CLI::Range(std::size_t{0}, shapes.size() - 1));
  CLI11_PARSE(app, argc, argv);
  if (given.way.empty()) return run_all(given);
  const Shape& shape = shapes[given.shape];
  return (given.way == "openssl" ? measure_openssl(shape) : measure_engine(given, shape)) ? 0 : 1;
}

}  // namespace
}  // namespace djcache::bench

int main(int argc, char** argv) { return djcache::bench::run(argc, argv); }
