/// @file
/// Statistics: counters of the operations of an alias, as numbers and for Prometheus.
///
/// @code
/// for (const djcache::CacheStatistics& each : engine.statistics()) ...
/// const std::string page = djcache::prometheus_text(engine.statistics());
/// @endcode
/// Counting costs an operation a few additions and no allocation. Pool::info() has the
/// counters of pools. See engine/docs/statistics.md.
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

/// How long operations took, in microseconds, in buckets whose bounds double: up to 8 us, 16 us,
/// ..., 33.6 s, and above.
struct LatencyHistogram {
  static constexpr unsigned first_bound_bits = 3;  ///< the first bucket ends at 2^3 us
  static constexpr std::size_t buckets = 24;       ///< the last one has no upper bound

  std::array<std::uint64_t, buckets> counts{};  ///< of each bucket separately
  std::uint64_t sum_us = 0;                     ///< of all latencies

  /// Counts one operation.
  void add(std::uint64_t us) {
    const auto above =
        static_cast<std::size_t>(std::bit_width((us == 0 ? 0 : us - 1) >> first_bound_bits));
    ++counts[above < buckets ? above : buckets - 1];
    sum_us += us;
  }
  /// The largest latency of a bucket, inclusive. REQUIRES: not the last one.
  static constexpr std::uint64_t upper_bound_us(std::size_t bucket) {
    return std::uint64_t{1} << (first_bound_bits + bucket);
  }
  /// The number of operations in all buckets.
  std::uint64_t count() const {
    std::uint64_t all = 0;
    for (const std::uint64_t each : counts) all += each;
    return all;
  }
};

/// The store of the memory backend. Aliases with one LOCATION share a store, and each reports it.
struct StoreStatistics {
  /// The current number of entries; with the policy `cull` expired ones may be among them.
  std::uint64_t entries = 0;
  std::uint64_t payload_bytes = 0;    ///< current bytes of keys and values
  std::uint64_t allocated_bytes = 0;  ///< current memory of the store

  /// Dropped because of max_entries, since the engine began.
  std::uint64_t evicted_for_entries = 0;
  std::uint64_t evicted_for_bytes = 0;  ///< dropped because of max_bytes
  std::uint64_t expired = 0;            ///< removed after their expiry
  std::uint64_t refused_too_large = 0;  ///< values larger than the whole store
};

/// The counters of one alias since its first use. They only grow, except those of `store`.
struct CacheStatistics {
  std::string alias;    ///< its name in CACHES
  std::string backend;  ///< "redis", "memory", "dummy"

  std::uint64_t operations = 0;       ///< completed, errors included; get_or_set counts once
  std::uint64_t hits = 0;             ///< keys found by get, get_many, get_or_set and peek
  std::uint64_t misses = 0;           ///< keys not found by these
  std::uint64_t sets = 0;             ///< entries stored by set, add, set_many and get_or_set
  std::uint64_t produced = 0;         ///< producers that get_or_set called
  std::uint64_t coalesced = 0;        ///< get_or_set calls that shared the producer of another one
  std::uint64_t early_refreshes = 0;  ///< entries produced again before they expired
  std::uint64_t negative_hits = 0;    ///< misses answered with a remembered no_value
  std::array<std::uint64_t, errc_count> errors{};  ///< by Errc; see errors_of()

  /// From the end of the turn, or event, in which an operation was issued until its end; of
  /// get_or_set only the first lookup, because the rest is the producer's time.
  LatencyHistogram latency{};
  std::optional<StoreStatistics> store{};  ///< backend memory, while the engine is alive

  /// The number of operations that failed with this code.
  std::uint64_t errors_of(Errc code) const { return errors[static_cast<std::size_t>(code)]; }
};

/// Writes counters in Prometheus' text format (version 0.0.4), with the labels alias and backend.
///
/// Takes what Engine::statistics() returns. The text holds no keys, values, addresses or
/// credentials. Serve it as "text/plain; version=0.0.4; charset=utf-8". Source:
/// https://prometheus.io/docs/instrumenting/exposition_formats/#text-based-format
DJCACHE_API std::string prometheus_text(std::span<const CacheStatistics> caches);

}  // namespace djcache
