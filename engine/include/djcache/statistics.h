// Statistics: what the operations of an alias have come to, as numbers and for Prometheus.
//
//   for (const djcache::CacheStatistics& each : engine.statistics()) ...
//   const std::string page = djcache::prometheus_text(engine.statistics());
//
// Counting costs an operation a few additions, and no allocation. What pools do is told by
// Pool::info(). See engine/docs/statistics.md.
#pragma once

#include <djcache/export.h>

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include <djcache/error.h>

namespace djcache {

// How long operations took, in buckets that double: up to 8 us, 16 us, ..., 33.6 s, and above.
struct LatencyHistogram {
  static constexpr unsigned first_bound_bits = 3;
  static constexpr std::size_t buckets = 24;  // the last one has no upper bound

  std::array<std::uint64_t, buckets> counts{};  // of each bucket alone
  std::uint64_t sum_us = 0;

  void add(std::uint64_t us) {
    const auto above =
        static_cast<std::size_t>(std::bit_width((us == 0 ? 0 : us - 1) >> first_bound_bits));
    ++counts[above < buckets ? above : buckets - 1];
    sum_us += us;
  }
  // What a bucket takes in, inclusive. REQUIRES: not the last one.
  static constexpr std::uint64_t upper_bound_us(std::size_t bucket) {
    return std::uint64_t{1} << (first_bound_bits + bucket);
  }
  std::uint64_t count() const {
    std::uint64_t all = 0;
    for (const std::uint64_t each : counts) all += each;
    return all;
  }
};

// A memory store. Aliases of one LOCATION share a store, and each reports it.
struct StoreStatistics {
  std::uint64_t entries = 0;          // now; with the policy `cull` expired ones may be among them
  std::uint64_t payload_bytes = 0;    // now: keys and values
  std::uint64_t allocated_bytes = 0;  // now: all that the store holds
  std::uint64_t evicted_for_entries = 0;  // since the engine began, as all below
  std::uint64_t evicted_for_bytes = 0;
  std::uint64_t expired = 0;            // given back because their time had come
  std::uint64_t refused_too_large = 0;  // values that would not have fitted even alone
};

// Of one alias since its first use. All but `store` only ever grow.
struct CacheStatistics {
  std::string alias;
  std::string backend;  // "redis", "memory", "dummy"

  std::uint64_t operations = 0;       // whose end was told, errors included; get_or_set is one
  std::uint64_t hits = 0;             // keys found by get, get_many, get_or_set and peek
  std::uint64_t misses = 0;           // keys they did not find
  std::uint64_t sets = 0;             // entries stored by set, add, set_many and get_or_set
  std::uint64_t produced = 0;         // producers that get_or_set called
  std::uint64_t coalesced = 0;        // get_or_set calls that shared the producer of another one
  std::uint64_t early_refreshes = 0;  // entries produced anew before they expired
  std::uint64_t negative_hits = 0;    // answered with a remembered no_value
  std::array<std::uint64_t, errc_count> errors{};  // by Errc; see errors_of()
  // From the end of the turn, or event, in which an operation was issued until its end; of
  // get_or_set its first look only, because the rest is the producer's.
  LatencyHistogram latency{};
  std::optional<StoreStatistics> store{};  // backend memory, while the engine is alive

  std::uint64_t errors_of(Errc code) const { return errors[static_cast<std::size_t>(code)]; }
};

// All of it in Prometheus' text format (version 0.0.4), with the labels alias and backend. Holds no
// keys, values, addresses or credentials. Serve it as "text/plain; version=0.0.4; charset=utf-8".
// Source: https://prometheus.io/docs/instrumenting/exposition_formats/#text-based-format
DJCACHE_API std::string prometheus_text(std::span<const CacheStatistics> caches);

}  // namespace djcache
