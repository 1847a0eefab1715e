// DummyBackend: takes everything and keeps nothing, for development: Django's DummyCache.
//
// Knows no loop and no keys; the cache has made and checked them before they come here.
// Source: django/core/cache/backends/dummy.py.
#pragma once

#include "backend.h"
#include "calls.h"

namespace djcache::dummy {

class DummyBackend final : public Backend {
 public:
  explicit DummyBackend(Calls& calls) : calls_(calls) {}

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
  Peeked peek(const Key& key, std::string_view& bytes) override;

 private:
  void answer(Call* call, bool flag);
  void refuse_lock(Call* call);

  Calls& calls_;
};

}  // namespace djcache::dummy
