// django-redis' additions to Django's operations, on a store in this process.
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

void MemoryBackend::replace(const Request& request, Call* call) {
  const Expiry& expiry = request.expiry;
  if (!has(request)) return answer(call, false);
  if (!expiry.forever && expiry.milliseconds <= 0) return answer(call, erase(request));
  set(request, call);  // flag: stored
}

bool MemoryBackend::touch(const Request& request, const Expiry& expiry) {
  const std::int64_t time = now();
  return store_->touch(request.key.made, expires_at(expiry, time), time);
}

bool MemoryBackend::expire_at(const Request& request) {
  std::int64_t left = 0;
  if (__builtin_sub_overflow(request.number, wall_clock_ms(), &left)) left = request.number;
  return touch(request, {false, left});
}

bool MemoryBackend::persist(const Request& request) {
  const std::int64_t time = now();
  const std::optional<std::int64_t> expires = store_->expires(request.key.made, time);
  const bool ends = expires.has_value() && *expires != never;
  return ends && store_->touch(request.key.made, never, time);
}

void MemoryBackend::scan(const Request& request, Call* call) {
  const std::string_view cursor = request.key.made;
  std::uint64_t from = 0;
  std::from_chars(cursor.data(), cursor.data() + cursor.size(), from);
  std::vector<std::string> keys;
  const std::uint64_t next = store_->scan(from, static_cast<std::size_t>(request.number), now(),
                                          [&](std::string_view key) {
                                            if (matches_pattern(request.text, key))
                                              keys.emplace_back(key);
                                          });
  const std::string next_cursor = std::to_string(next);
  FoundKeys found(std::move(keys));
  calls_.settle(call, Outcome{.bytes = next_cursor, .many = &found});
}

// --- Locks.

bool MemoryBackend::is_held(const Request& request) {
  std::string_view bytes;
  return store_->get(request.key.made, now(), bytes) && bytes.starts_with(token_head) &&
         bytes.substr(token_head.size()) == request.text;
}

bool MemoryBackend::extend(const Request& request) {
  const std::int64_t time = now();
  const std::int64_t expires = store_->expires(request.key.made, time).value_or(never);
  if (expires == never) return false;
  return store_->touch(request.key.made, expires_at({false, request.number}, expires), time);
}

}  // namespace djcache::memory
