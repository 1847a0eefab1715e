// What django-redis adds to Django's operations, on a store in this process.
#include <charconv>
#include <chrono>

#include "codec/embedded.h"
#include "key_pattern.h"
#include "memory/memory_backend.h"

namespace djcache::memory {

namespace {

constexpr std::string_view token_head = codec::EmbeddedCodec::bytes_head;

std::int64_t wall_clock_ms() {
  return std::chrono::duration_cast<std::chrono::milliseconds>(
             std::chrono::system_clock::now().time_since_epoch())
      .count();
}

class FoundKeys final : public ManyBytes {
 public:
  explicit FoundKeys(std::vector<std::string> keys) : keys_(std::move(keys)) {}
  bool next(std::string_view& bytes) override {
    if (at_ == keys_.size()) return false;
    bytes = keys_[at_++];
    return true;
  }

 private:
  std::vector<std::string> keys_;
  std::size_t at_ = 0;
};

}  // namespace

void MemoryBackend::replace(const Key& key, const codec::Encoded& value, const Expiry& expiry,
                            const CallOptions& options, Call* call) {
  if (!store_->has(key.made, now())) return answer(call, false);
  if (!expiry.forever && expiry.milliseconds <= 0) return erase(key, options, call);
  set(key, value, expiry, options, call);  // flag: stored
}

void MemoryBackend::expire_in(const Key& key, std::int64_t milliseconds, const CallOptions&,
                              Call* call) {
  const std::int64_t time = now();
  answer(call, store_->touch(key.made, expires_at({false, milliseconds}, time), time));
}

void MemoryBackend::expire_at(const Key& key, std::int64_t unix_ms, const CallOptions& options,
                              Call* call) {
  std::int64_t left = 0;
  if (__builtin_sub_overflow(unix_ms, wall_clock_ms(), &left)) left = unix_ms;
  expire_in(key, left, options, call);
}

void MemoryBackend::persist(const Key& key, const CallOptions&, Call* call) {
  const std::int64_t time = now();
  const std::optional<std::int64_t> expires = store_->expires(key.made, time);
  const bool ends = expires.has_value() && *expires != never;
  answer(call, ends && store_->touch(key.made, never, time));
}

void MemoryBackend::scan(std::string_view cursor, std::string_view pattern, std::size_t count,
                         const CallOptions&, Call* call) {
  std::uint64_t from = 0;
  std::from_chars(cursor.data(), cursor.data() + cursor.size(), from);
  std::vector<std::string> keys;
  const std::uint64_t next = store_->scan(from, count, now(), [&](std::string_view key) {
    if (matches_pattern(pattern, key)) keys.emplace_back(key);
  });
  const std::string next_cursor = std::to_string(next);
  FoundKeys found(std::move(keys));
  calls_.settle(call, Outcome{.bytes = next_cursor, .many = &found});
}

// --- Locks.

bool MemoryBackend::is_held(const Key& key, std::string_view token) {
  std::string_view bytes;
  return store_->get(key.made, now(), bytes) && bytes.starts_with(token_head) &&
         bytes.substr(token_head.size()) == token;
}

void MemoryBackend::lock(const Key& key, std::string_view token, const Expiry& expiry,
                         const CallOptions& options, Call* call) {
  add(key, {token_head, token}, expiry, options, call);
}

void MemoryBackend::unlock(const Key& key, std::string_view token, const CallOptions&, Call* call) {
  answer(call, is_held(key, token) && store_->erase(key.made, now()));
}

void MemoryBackend::prolong(const Key& key, std::string_view token, std::int64_t milliseconds,
                            bool more, const CallOptions&, Call* call) {
  if (!is_held(key, token)) return answer(call, false);
  const std::int64_t time = now();
  const std::int64_t expires = store_->expires(key.made, time).value_or(never);
  if (more && expires == never) return answer(call, false);
  answer(call,
         store_->touch(key.made, expires_at({false, milliseconds}, more ? expires : time), time));
}

void MemoryBackend::holds(const Key& key, std::string_view token, const CallOptions&, Call* call) {
  answer(call, is_held(key, token));
}

}  // namespace djcache::memory
