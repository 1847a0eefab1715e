// Prometheus' text format, version 0.0.4. Pure: only formats the numbers it is given.
#include <djcache/statistics.h>

#include <string_view>

namespace djcache {

namespace {

struct Counter {
  const char* name;
  const char* help;
  std::uint64_t CacheStatistics::*value;
};
constexpr Counter counters[] = {
    {"djcache_operations_total", "Operations that have ended, with an error or without.",
     &CacheStatistics::operations},
    {"djcache_hits_total", "Keys that were found.", &CacheStatistics::hits},
    {"djcache_misses_total", "Keys that were not found.", &CacheStatistics::misses},
    {"djcache_sets_total", "Entries stored.", &CacheStatistics::sets},
    {"djcache_produced_total", "Producers that get_or_set called.", &CacheStatistics::produced},
    {"djcache_coalesced_total", "Calls of get_or_set that shared the producer of another one.",
     &CacheStatistics::coalesced},
    {"djcache_early_refreshes_total", "Entries produced anew before they expired.",
     &CacheStatistics::early_refreshes},
    {"djcache_negative_hits_total", "Misses answered from the memory of what has no value.",
     &CacheStatistics::negative_hits},
};

struct OfStore {
  const char* name;
  const char* type;
  const char* help;
  std::uint64_t StoreStatistics::*value;
};
constexpr OfStore of_store[] = {
    {"djcache_entries", "gauge", "Entries in the memory store of the alias.",
     &StoreStatistics::entries},
    {"djcache_payload_bytes", "gauge", "Bytes of keys and values in the store.",
     &StoreStatistics::payload_bytes},
    {"djcache_allocated_bytes", "gauge", "Bytes of memory that the store holds.",
     &StoreStatistics::allocated_bytes},
    {"djcache_expired_total", "counter", "Entries given back because their time had come.",
     &StoreStatistics::expired},
    {"djcache_refused_too_large_total", "counter", "Values too large for the store.",
     &StoreStatistics::refused_too_large},
};

class Page {
 public:
  explicit Page(std::span<const CacheStatistics> caches) : caches_(caches) {}

  std::string write() && {
    for (const Counter& each : counters) {
      family(each.name, "counter", each.help);
      for (const CacheStatistics& cache : caches_) sample(each.name, cache, "", cache.*each.value);
    }
    errors();
    latency();
    for (const OfStore& each : of_store) store(each);
    evictions();
    return std::move(text_);
  }

 private:
  void family(std::string_view name, std::string_view type, std::string_view help) {
    text_.append("# HELP ").append(name).append(" ").append(help).append("\n");
    text_.append("# TYPE ").append(name).append(" ").append(type).append("\n");
  }

  // `more`: further labels, already formatted, each with a comma in front.
  void sample(std::string_view name, const CacheStatistics& cache, std::string_view more,
              std::uint64_t value) {
    begin_sample(name, cache, more);
    text_.append(std::to_string(value)).append("\n");
  }
  void begin_sample(std::string_view name, const CacheStatistics& cache, std::string_view more) {
    text_.append(name).append("{alias=\"");
    escape(cache.alias);
    text_.append("\",backend=\"");
    escape(cache.backend);
    text_.append("\"").append(more).append("} ");
  }
  void escape(std::string_view label) {
    for (const char c : label) {
      if (c == '\n') {
        text_ += "\\n";
        continue;
      }
      if (c == '\\' || c == '"') text_ += '\\';
      text_ += c;
    }
  }

  void errors() {
    family("djcache_errors_total", "counter", "Operations that ended with an error.");
    for (const CacheStatistics& cache : caches_) {
      for (std::size_t i = 0; i < errc_count; ++i) {
        const std::string code(to_string(static_cast<Errc>(i)));
        // Without this, errors that never happened would fill most of the page.
        if (cache.errors[i] == 0) continue;
        sample("djcache_errors_total", cache, ",code=\"" + code + "\"", cache.errors[i]);
      }
    }
  }

  void latency() {
    family("djcache_latency_seconds", "histogram", "How long operations took.");
    for (const CacheStatistics& cache : caches_) {
      const LatencyHistogram& latency = cache.latency;
      std::uint64_t so_far = 0;
      for (std::size_t i = 0; i < LatencyHistogram::buckets; ++i) {
        so_far += latency.counts[i];
        const bool last = i + 1 == LatencyHistogram::buckets;
        const std::string bound = last ? "+Inf" : seconds(LatencyHistogram::upper_bound_us(i));
        sample("djcache_latency_seconds_bucket", cache, ",le=\"" + bound + "\"", so_far);
      }
      begin_sample("djcache_latency_seconds_sum", cache, "");
      text_.append(seconds(latency.sum_us)).append("\n");
      sample("djcache_latency_seconds_count", cache, "", so_far);
    }
  }

  // Exact, independent of the locale.
  static std::string seconds(std::uint64_t us) {
    std::string fraction = std::to_string(us % 1'000'000 + 1'000'000).substr(1);
    while (fraction.size() > 1 && fraction.back() == '0') fraction.pop_back();
    return std::to_string(us / 1'000'000) + "." + fraction;
  }

  void store(const OfStore& what) {
    family(what.name, what.type, what.help);
    for (const CacheStatistics& cache : caches_) {
      if (cache.store) sample(what.name, cache, "", *cache.store.*what.value);
    }
  }

  void evictions() {
    family("djcache_evictions_total", "counter", "Entries that went to make room.");
    for (const CacheStatistics& cache : caches_) {
      if (!cache.store) continue;
      const auto by = [&](std::string_view cause, std::uint64_t count) {
        sample("djcache_evictions_total", cache, cause, count);
      };
      by(",cause=\"entries\"", cache.store->evicted_for_entries);
      by(",cause=\"bytes\"", cache.store->evicted_for_bytes);
    }
  }

  std::span<const CacheStatistics> caches_;
  std::string text_;
};

}  // namespace

std::string prometheus_text(std::span<const CacheStatistics> caches) {
  return Page(caches).write();
}

}  // namespace djcache
