// MemoryBackend: the operations of a cache on a Store in this process.
//
// An operation is complete when the call returns; its callback runs on the next turn, as with any
// backend. So operations take effect in the order of their calls, and peek() sees all of them.
// Knows no loop.
#pragma once

#include <memory>
#include <string>

#include "calls.h"
#include "core/backend.h"
#include "memory/store.h"

namespace djcache::memory {

// In time of the store's clock.
std::int64_t expires_at(const Expiry& expiry, std::int64_t now);

class MemoryBackend final : public Backend {
 public:
  using Clock = std::uint64_t (*)();  // milliseconds, never going backwards

  // `bounds` belong to this cache; the store may be shared.
  MemoryBackend(std::shared_ptr<Store> store, const EntryBounds& bounds, Calls& calls, Clock clock);

  void ask(const Request& request, Call* call) override;
  void ask_many(const ManyRequest& request, Call* call) override;
  std::optional<StoreStatistics> store_statistics() const override;
  Peeked peek(const Key& key, std::string_view& bytes) override;

 private:
  std::int64_t now() const { return static_cast<std::int64_t>(clock_()); }
  void answer(Call* call, bool flag) { calls_.settle(call, Outcome{.flag = flag}); }
  void get(const Request& request, Call* call);
  bool has(const Request& request) { return store_->has(request.key.made, now()); }
  bool erase(const Request& request) { return store_->erase(request.key.made, now()); }
  void set(const Request& request, Call* call);
  void add(const Request& request, const codec::Encoded& value, Call* call);
  void replace(const Request& request, Call* call);
  void incr(const Request& request, Call* call);
  void move(const Request& request, Call* call);
  void remaining(const Request& request, Call* call);
  void scan(const Request& request, Call* call);
  bool is_held(const Request& request);
  // Sets when the entry expires; false: no entry.
  bool touch(const Request& request, const Expiry& expiry);
  bool expire_at(const Request& request);
  bool persist(const Request& request);
  bool extend(const Request& request);
  void set_many(const ManyRequest& request, Call* call);
  void fail(Call* call, Errc code, std::string_view made, const std::string& why);
  void refuse(Call* call, std::string_view made, std::size_t value_size);

  std::shared_ptr<Store> store_;
  EntryBounds bounds_;
  Calls& calls_;
  Clock clock_;
};

}  // namespace djcache::memory
