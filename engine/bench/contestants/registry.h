// The contestants by name, in the order in which reports list them.
#pragma once

#include <string>
#include <vector>

#include "contestants/contestant.h"

namespace djcache::bench {

inline constexpr const char* kDjcache = "djcache";
inline constexpr const char* kDjcacheRaw = "djcache-raw";
inline constexpr const char* kDjcacheCoro = "djcache-coro";
inline constexpr const char* kHiredis = "hiredis";
inline constexpr const char* kLibvalkey = "libvalkey";
inline constexpr const char* kRedisPlusPlus = "redis-plus-plus";
inline constexpr const char* kBoostRedis = "boost-redis";
inline constexpr const char* kRedisBenchmark = "redis-benchmark";
inline constexpr const char* kRedisBenchmark50x16 = "redis-benchmark-50x16";
inline constexpr const char* kDriverAlone = "driver-alone";

struct ContestantEntry {
  const char* name;
  const char* about;
  ContestantFactory make;  ///< Null for redis-benchmark, which is run as a program.
};

const std::vector<ContestantEntry>& all_contestants();
/// The names of those whose libraries were not found when this was built, such as "a, b".
std::string absent_contestants();
/// Null if there is none of that name.
const ContestantEntry* contestant_named(const std::string& name);

}  // namespace djcache::bench
