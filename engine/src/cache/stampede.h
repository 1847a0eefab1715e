// Stampede: what an alias remembers about computing its entries, so that few callers do it: the
// running producer of each key, how long the last one took, and which keys have no value.
//
// Pure: time and random numbers are passed in. Everything is bounded, and stays in this process.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include <djcache/cache.h>

namespace djcache::cache {

class Stampede {
 public:
  static constexpr std::size_t slots = 4096;               // of each of the two memories
  static constexpr std::size_t remembered_key_max = 1024;  // bytes; longer keys are not remembered

  std::uint64_t (*clock)() = nullptr;  // milliseconds, never going backwards
  std::function<double()> random;      // above 0, up to 1

  // The running production of a key; a ticket of no operation if there is none.
  Ticket production(std::string_view made) const;
  void begin_production(const std::string& made, Ticket ticket);
  void end_production(std::string_view made);

  // How long the last production took. Two keys may share a slot: then the later one counts.
  void remember_duration(std::string_view made, std::uint64_t milliseconds);
  std::optional<std::uint64_t> duration(std::string_view made) const;
  // XFetch: whether an entry with this much life left is produced anew, by chance. Source: Vattani,
  // Chierichetti, Lowenstein: Optimal Probabilistic Cache Stampede Prevention, PVLDB 8(8), 2015.
  bool due_early(double beta, std::uint64_t duration_ms, std::int64_t remaining_ms) const;

  void remember_missing(std::string_view made, std::uint64_t for_ms);
  bool known_missing(std::string_view made) const;
  void forget_missing() { std::vector<Missing>().swap(missing_); }

 private:
  struct Duration {
    std::size_t hash = 0;
    std::uint64_t milliseconds = 0;
    bool known = false;
  };
  struct Missing {
    std::string made;
    std::uint64_t until = 0;
  };
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const {
      return std::hash<std::string_view>()(text);
    }
  };

  std::unordered_map<std::string, Ticket, Hash, std::equal_to<>> productions_;
  std::vector<Duration> durations_;  // empty until needed, as the next one
  std::vector<Missing> missing_;
};

}  // namespace djcache::cache
