// get_or_set on a memory store in virtual time and without a loop: the tests decide when a turn
// comes, how late it is, and the random numbers. For tests only.
#pragma once

#include <djcache/cache.h>
#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "cache/alias.h"
#include "memory/memory_backend.h"

namespace djcache {

class StampedeTest : public testing::Test {
 protected:
  StampedeTest();

  static std::uint64_t now_ms;

  // Runs turns until nothing more is due.
  void run();
  void pass(std::uint64_t milliseconds);
  Cache cache() { return detail::Alias::handle(alias_); }
  const CacheStatistics& counted() const { return alias_->statistics; }
  // Like destroying an engine.
  void destroy();

  // A caller of get_or_set, the producer it brought, and the results it received.
  struct Caller {
    std::optional<Resolve> resolve{};
    Ticket ticket{};
    int produced = 0;
    int told = 0;
    Result<Value> answer{Errc::not_supported, "not told yet"};
  };
  Caller& call(std::string_view key, const GetOrSetOptions& options = {});
  Caller& call_on(Cache cache, std::string_view key, const GetOrSetOptions& options = {});

  Calls calls_{[] {}, [] { return now_ms * 1000; }};
  std::shared_ptr<memory::Store> store_ =
      std::make_shared<memory::Store>(memory::StoreOptions{.policy = EvictionPolicy::lru});
  memory::MemoryBackend backend_{store_, {.max_entries = 1000}, calls_, [] { return now_ms; }};
  std::shared_ptr<detail::Alias> alias_;
  double chance_ = 1;
  std::shared_ptr<detail::Alias> make_alias(std::string name);

 private:
  std::vector<std::unique_ptr<Caller>> callers_;
};

}  // namespace djcache
