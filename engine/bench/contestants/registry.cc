#include "contestants/registry.h"

namespace djcache::bench {

const std::vector<ContestantEntry>& all_contestants() {
  static const std::vector<ContestantEntry> entries = {
      {kDjcache, "the public API with the serializer msgpack", make_djcache_msgpack},
      {kDjcacheRaw, "the public API with the raw serializer", make_djcache_raw},
      {kDjcacheCoro, "co_await on the public API with the serializer msgpack", make_djcache_coro},
      {kHiredis, "hiredis' asynchronous context with its libuv adapter", make_hiredis_async},
      {kRedisBenchmark, "one connection, -P as many as are in flight; does not check replies",
       nullptr},
      {kRedisBenchmark50x16, "50 connections, -P 16; does not check replies", nullptr},
      {kDriverAlone, "no client: what the driver adds to everyone's figures", make_driver_alone},
  };
  return entries;
}

const ContestantEntry* contestant_named(const std::string& name) {
  for (const ContestantEntry& entry : all_contestants()) {
    if (name == entry.name) return &entry;
  }
  return nullptr;
}

}  // namespace djcache::bench
