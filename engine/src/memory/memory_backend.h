// MemoryBackend: the operations of a cache on a Store in this process.
//
// An operation is done when the call returns; its callback comes on the next turn, as everywhere.
// So operations take effect in the order of their calls, and peek() sees all of them. Knows no loop.
#pragma once

#include <memory>
#include <string>

#include "backend.h"
#include "calls.h"
#include "memory/store.h"

namespace djcache::memory {

// On the store's clock.
std::int64_t expires_at(const Expiry& expiry, std::int64_t now);

class MemoryBackend final : public Backend {
 public:
  using Clock = std::uint64_t (*)();  // milliseconds, never going back

  // `bounds` are this cache's own; the store may be shared.
  MemoryBackend(std::shared_ptr<Store> store, const EntryBounds& bounds, Calls& calls, Clock clock);

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
  std::optional<StoreStatistics> store_statistics() const override;
  Peeked peek(const Key& key, std::string_view& bytes) override;

 private:
  std::int64_t now() const { return static_cast<std::int64_t>(clock_()); }
  void answer(Call* call, bool flag) { calls_.settle(call, Outcome{.flag = flag}); }
  bool is_held(const Key& key, std::string_view token);
  void fail(Call* call, Errc code, std::string_view made, const std::string& why);
  void refuse(Call* call, std::string_view made, std::size_t value_size);

  std::shared_ptr<Store> store_;
  EntryBounds bounds_;
  Calls& calls_;
  Clock clock_;
};

}  // namespace djcache::memory
