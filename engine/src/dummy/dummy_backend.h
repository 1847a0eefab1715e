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
  Peeked peek(const Key& key, std::string_view& bytes) override;

 private:
  void answer(Call* call, bool flag);

  Calls& calls_;
};

}  // namespace djcache::dummy
