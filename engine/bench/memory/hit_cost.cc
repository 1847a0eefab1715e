// Compares the cost of a hit with std::unordered_map: find, and copy the bytes.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <numeric>
#include <random>
#include <unordered_map>
#include <vector>

#include "memory/memory_bench.h"
#include "memory/memory_cache.h"

namespace djcache::bench {

namespace {

constexpr std::size_t entries = 50'000;
constexpr std::size_t lookups = 400'000;
constexpr int rounds = 9;
constexpr int gets_per_turn = 100;

template <class F>
double nanoseconds_each(F f) {
  const auto begin = std::chrono::steady_clock::now();
  f();
  const std::chrono::duration<double, std::nano> took = std::chrono::steady_clock::now() - begin;
  return took.count() / static_cast<double>(lookups);
}

double median(std::vector<double> numbers) {
  std::nth_element(numbers.begin(), numbers.begin() + numbers.size() / 2, numbers.end());
  return numbers[numbers.size() / 2];
}

}  // namespace

bool hit_cost() {
  std::vector<std::string> keys(entries);
  for (std::size_t i = 0; i < entries; ++i) keys[i] = "session:" + std::to_string(1'000'000 + i);
  const std::string value(100, 'v');

  std::unordered_map<std::string, std::string> map;
  MemoryCache memory({.max_entries = 2 * entries, .policy = EvictionPolicy::s3_fifo});
  for (const std::string& key : keys) {
    map.emplace(key, value);
    memory.set(key, value);
  }
  memory.turn();
  std::mt19937 random(1);
  std::vector<const std::string*> order(lookups);
  for (auto& key : order) key = &keys[random() % entries];

  std::size_t bytes = 0;  // so that nothing is optimized away
  std::vector<double> of_map, of_peek, of_get;
  for (int round = 0; round < rounds; ++round) {
    of_map.push_back(nanoseconds_each([&] {
      for (const std::string* key : order) {
        const std::string copy = map.find(*key)->second;
        bytes += copy.size();
      }
    }));
    of_peek.push_back(nanoseconds_each([&] {
      for (const std::string* key : order) {
        const auto found = memory.cache().peek(*key);
        if (found.ok() && found->has_value()) bytes += (*found)->text().size();
      }
    }));
    of_get.push_back(nanoseconds_each([&] {
      int issued = 0;
      for (const std::string* key : order) {
        memory.cache().get(*key, [&bytes](Result<std::optional<Value>> found) {
          if (found.ok() && found->has_value()) bytes += (*found)->text().size();
        });
        if (++issued % gets_per_turn == 0) memory.turn();
      }
      memory.turn();
    }));
  }
  if (bytes != lookups * rounds * 3 * value.size()) {
    std::printf("a lookup missed\n");
    return false;
  }
  const double base = median(of_map);
  std::printf("a hit of %zu bytes among %zu entries, %d gets per turn of the loop\n", value.size(),
              entries, gets_per_turn);
  std::printf("  unordered_map: find and copy  %6.1f ns\n", base);
  const bool peek = goal("peek", median(of_peek), base, 1.5);
  const bool get = goal("get, with its callback", median(of_get), base, 2.5);
  return peek && get;
}

}  // namespace djcache::bench
