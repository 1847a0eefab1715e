#include "contestants/registry.h"

namespace djcache::bench {

const std::vector<ContestantEntry>& all_contestants() {
  static const std::vector<ContestantEntry> entries = {
      {kDjcache, "the public API with the serializer msgpack", make_djcache_msgpack},
      {kDjcacheRaw, "the public API with the raw serializer", make_djcache_raw},
      {kDjcacheCoro, "co_await on the public API with the serializer msgpack", make_djcache_coro},
      {kHiredis, "hiredis' asynchronous context with its libuv adapter", make_hiredis_async},
#ifdef DJCACHE_BENCH_LIBVALKEY
      {kLibvalkey, "libvalkey's asynchronous context with its libuv adapter", make_libvalkey},
#endif
#ifdef DJCACHE_BENCH_REDIS_PLUS_PLUS
      {kRedisPlusPlus, "AsyncRedis with callbacks, on the loop thread of its own",
       make_redis_plus_plus},
#endif
#ifdef DJCACHE_BENCH_BOOST_REDIS
      {kBoostRedis, "Boost.Redis' connection with callbacks, on Asio", make_boost_redis},
#endif
      {kRedisBenchmark, "one connection, -P as many as are in flight; does not check replies",
       nullptr},
      {kRedisBenchmark50x16, "50 connections, -P 16; does not check replies", nullptr},
      {kDriverAlone, "no client: what the driver adds to everyone's figures", make_driver_alone},
  };
  return entries;
}

std::string absent_contestants() {
  std::string names;
  for (const char* name : {kLibvalkey, kRedisPlusPlus, kBoostRedis}) {
    if (contestant_named(name) != nullptr) continue;
    names += (names.empty() ? "" : ", ") + std::string(name);
  }
  return names;
}

const ContestantEntry* contestant_named(const std::string& name) {
  for (const ContestantEntry& entry : all_contestants()) {
    if (name == entry.name) return &entry;
  }
  return nullptr;
}

}  // namespace djcache::bench
