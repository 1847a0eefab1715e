// RedisBackend: the operations of a cache as redis commands over pools.
//
// Knows commands and replies, nothing of sockets or loops. The first server takes all writes; with
// more than one, reads go to a random one of the others (django/core/cache/backends/redis.py,
// RedisCacheClient.get_client).
#pragma once

#include <memory>
#include <vector>

#include "backend.h"
#include "link/pool.h"
#include "redis/scripts.h"
#include "redis/shape.h"
#include "resp/encoder.h"

namespace djcache::redis {

class RedisBackend final : public Backend {
 public:
  // `pools`: primary first, not empty, all of them outliving the backend. `calls` takes what must
  // be refused.
  RedisBackend(std::vector<link::Pool*> pools, Calls& calls, std::uint64_t seed);

  void get(const Key& key, const CallOptions& options, Call* call) override;
  void set(const Key& key, const codec::Encoded& value, const Expiry& expiry,
           const CallOptions& options, Call* call) override;
  void add(const Key& key, const codec::Encoded& value, const Expiry& expiry,
           const CallOptions& options, Call* call) override;
  void touch(const Key& key, const Expiry& expiry, const CallOptions& options, Call* call) override;
  void erase(const Key& key, const CallOptions& options, Call* call) override;
  void has_key(const Key& key, const CallOptions& options, Call* call) override;
  void get_many(std::span<const Key> keys, const CallOptions& options, Call* call) override;
  void set_many(std::span<const StoredEntry> entries, const Expiry& expiry,
                const CallOptions& options, Call* call) override;
  void erase_many(std::span<const Key> keys, const CallOptions& options, Call* call) override;
  void incr(const Key& key, std::int64_t delta, const CallOptions& options, Call* call) override;
  void move(const Key& from, const Key& to, const Expiry& expiry, const CallOptions& options,
            Call* call) override;
  void clear(const CallOptions& options, Call* call) override;
  void remaining(const Key& key, const CallOptions& options, Call* call) override;
  void replace(const Key& key, const codec::Encoded& value, const Expiry& expiry,
               const CallOptions& options, Call* call) override;
  void expire_in(const Key& key, std::int64_t milliseconds, const CallOptions& options,
                 Call* call) override;
  void expire_at(const Key& key, std::int64_t unix_ms, const CallOptions& options,
                 Call* call) override;
  void persist(const Key& key, const CallOptions& options, Call* call) override;
  void scan(std::string_view cursor, std::string_view pattern, std::size_t count,
            const CallOptions& options, Call* call) override;
  void lock(const Key& key, std::string_view token, const Expiry& expiry,
            const CallOptions& options, Call* call) override;
  void unlock(const Key& key, std::string_view token, const CallOptions& options,
              Call* call) override;
  void prolong(const Key& key, std::string_view token, std::int64_t milliseconds, bool more,
               const CallOptions& options, Call* call) override;
  void holds(const Key& key, std::string_view token, const CallOptions& options,
             Call* call) override;
  std::vector<link::Pool*> pools() const override { return pools_; }
  link::Pool* pool(const CallOptions& options) override { return &reader(options); }

 private:
  // One command on its way into a connection's buffer.
  struct Draft {
    link::Connection* connection = nullptr;  // null: refused, the call has been ended
    char* begin = nullptr;
  };

  link::Pool& primary() { return *pools_.front(); }
  link::Pool& reader(const CallOptions& options);
  Draft draft(link::Pool& pool, std::string_view affinity, const CallOptions& options,
              std::size_t arguments, std::size_t payload, Call* call);
  void refuse(link::Pool& pool, std::size_t bound, Call* call);
  void submit(link::Pool& pool, const Draft& draft, const resp::Encoder& encoder, Shape shape,
              bool idempotent, const CallOptions& options, Call* call, std::uint32_t replies = 1);
  // A command whose arguments are a constant and one key.
  template <std::size_t size>
  void one_key(link::Pool& pool, const char (&constant)[size], const Key& key, Shape shape,
               bool idempotent, const CallOptions& options, Call* call);
  // A command of few arguments, one of which is `key`; not for hot paths.
  void send(link::Pool& pool, std::string_view affinity,
            std::initializer_list<std::string_view> arguments, Shape shape, bool idempotent,
            const CallOptions& options, Call* call);
  void send(link::Pool& pool, std::string_view affinity,
            std::span<const std::string_view> arguments, Shape shape, bool idempotent,
            const CallOptions& options, Call* call);
  void run_script(std::string_view script, const Key& key,
                  std::initializer_list<std::string_view> arguments, bool idempotent,
                  const CallOptions& options, Call* call);
  void get_group(link::Pool& pool, std::span<const Key> keys, const CallOptions& options,
                 Call* call);
  void set_group(std::span<const StoredEntry> entries, const Expiry& expiry,
                 const CallOptions& options, Call* call);
  void erase_group(std::span<const Key> keys, const CallOptions& options, Call* call);
  void set_entries_with_expiry(std::span<const StoredEntry> entries, std::int64_t seconds,
                               const CallOptions& options, Call* call);

  std::vector<link::Pool*> pools_;
  Calls& calls_;
  std::uint64_t random_;
};

}  // namespace djcache::redis
