#include "memory/memory_backend.h"

#include <cstring>
#include <utility>

#include "codec/embedded.h"

namespace djcache::memory {

std::int64_t expires_at(const Expiry& expiry, std::int64_t now) {
  if (expiry.forever) return never;
  std::int64_t at = 0;
  if (__builtin_add_overflow(now, expiry.milliseconds, &at)) {
    return expiry.milliseconds > 0 ? never : now;
  }
  return at;
}

namespace {

std::string made_key(const void* keys, std::size_t index) {
  return std::string(static_cast<const Key*>(keys)[index].made);
}

// One by one, as Django does it.
class FoundBytes final : public ManyBytes {
 public:
  FoundBytes(Store& store, std::span<const Key> keys, std::int64_t now)
      : store_(store), keys_(keys), now_(now) {}
  bool next(std::string_view& bytes) override {
    return store_.get(keys_[next_++].made, now_, bytes);
  }

 private:
  Store& store_;
  std::span<const Key> keys_;
  std::int64_t now_;
  std::size_t next_ = 0;
};

}  // namespace

MemoryBackend::MemoryBackend(std::shared_ptr<Store> store, const EntryBounds& bounds, Calls& calls,
                             Clock clock)
    : store_(std::move(store)), bounds_(bounds), calls_(calls), clock_(clock) {}

void MemoryBackend::get(const Key& key, const CallOptions&, Call* call) {
  Outcome outcome{.made_key = &made_key, .context = &key};
  outcome.flag = store_->get(key.made, now(), outcome.bytes);
  calls_.settle(call, outcome);
}

Backend::Peeked MemoryBackend::peek(const Key& key, std::string_view& bytes) {
  return store_->get(key.made, now(), bytes) ? Peeked::found : Peeked::missing;
}

void MemoryBackend::has_key(const Key& key, const CallOptions&, Call* call) {
  answer(call, store_->has(key.made, now()));
}

void MemoryBackend::erase(const Key& key, const CallOptions&, Call* call) {
  answer(call, store_->erase(key.made, now()));
}

void MemoryBackend::set(const Key& key, const codec::Encoded& value, const Expiry& expiry,
                        const CallOptions&, Call* call) {
  const std::int64_t time = now();
  const Stored stored =
      store_->set(key.made, {value.head, value.body}, expires_at(expiry, time), time, bounds_);
  if (stored == Stored::too_large) return refuse(call, key.made, value.size());
  answer(call, true);
}

void MemoryBackend::add(const Key& key, const codec::Encoded& value, const Expiry& expiry,
                        const CallOptions&, Call* call) {
  const std::int64_t time = now();
  const Stored stored =
      store_->add(key.made, {value.head, value.body}, expires_at(expiry, time), time, bounds_);
  if (stored == Stored::too_large) return refuse(call, key.made, value.size());
  answer(call, stored == Stored::yes);
}

void MemoryBackend::touch(const Key& key, const Expiry& expiry, const CallOptions&, Call* call) {
  const std::int64_t time = now();
  answer(call, store_->touch(key.made, expires_at(expiry, time), time));
}

void MemoryBackend::get_many(std::span<const Key> keys, const CallOptions&, Call* call) {
  FoundBytes found(*store_, keys, now());
  calls_.settle(call, Outcome{.many = &found, .made_key = &made_key, .context = keys.data()});
}

void MemoryBackend::set_many(std::span<const StoredEntry> entries, const Expiry& expiry,
                             const CallOptions&, Call* call) {
  const std::int64_t time = now();
  for (const StoredEntry& entry : entries) {
    if (!store_->fits(entry.key.made.size(), entry.bytes.size())) {
      return refuse(call, entry.key.made, entry.bytes.size());
    }
  }
  for (const StoredEntry& entry : entries) {
    store_->set(entry.key.made, {entry.bytes, {}}, expires_at(expiry, time), time, bounds_);
  }
  answer(call, true);
}

void MemoryBackend::erase_many(std::span<const Key> keys, const CallOptions&, Call* call) {
  std::int64_t erased = 0;
  for (const Key& key : keys) erased += store_->erase(key.made, now()) ? 1 : 0;
  calls_.settle(call, Outcome{.flag = true, .integer = erased});
}

void MemoryBackend::incr(const Key& key, std::int64_t delta, const CallOptions&, Call* call) {
  std::size_t size = 0;
  char* const value = store_->modify(key.made, now(), size);
  if (value == nullptr) {
    const Error error = key_not_found(key.made);
    return calls_.settle(call, Outcome{.error = &error});
  }
  char* const number = codec::EmbeddedCodec::integer_in(value, size);
  if (number == nullptr) {
    return fail(call, Errc::not_an_integer, key.made, "the value is not a 64-bit integer");
  }
  std::int64_t integer = 0;
  std::memcpy(&integer, number, sizeof integer);
  if (__builtin_add_overflow(integer, delta, &integer)) {
    return fail(call, Errc::integer_overflow, key.made, "the sum does not fit in 64 bits");
  }
  std::memcpy(number, &integer, sizeof integer);
  calls_.settle(call, Outcome{.integer = integer});
}

void MemoryBackend::move(const Key& from, const Key& to, const Expiry& expiry, const CallOptions&,
                         Call* call) {
  const std::int64_t time = now();
  const Stored stored = store_->move(from.made, to.made, expires_at(expiry, time), time, bounds_);
  if (stored == Stored::too_large) return refuse(call, to.made, 0);
  answer(call, stored == Stored::yes);
}

void MemoryBackend::clear(const CallOptions&, Call* call) {
  store_->clear();
  answer(call, true);
}

void MemoryBackend::remaining(const Key& key, const CallOptions&, Call* call) {
  const std::int64_t time = now();
  const std::optional<std::int64_t> expires = store_->expires(key.made, time);
  const bool ends = expires.has_value() && *expires != never;
  calls_.settle(call, Outcome{.flag = ends,
                              .integer = ends                  ? *expires - time
                                         : expires.has_value() ? no_expiry
                                                               : no_entry});
}

std::optional<StoreStatistics> MemoryBackend::store_statistics() const {
  const Counters& counters = store_->counters();
  return StoreStatistics{.entries = store_->entries(),
                         .payload_bytes = store_->payload_bytes(),
                         .allocated_bytes = store_->allocated(),
                         .evicted_for_entries = counters.evicted_for_entries,
                         .evicted_for_bytes = counters.evicted_for_bytes,
                         .expired = counters.expired_when_met + counters.expired_unmet,
                         .refused_too_large = counters.refused_too_large};
}

void MemoryBackend::fail(Call* call, Errc code, std::string_view made, const std::string& why) {
  const Error error{code, text::named_key(made) + ": " + why};
  calls_.settle(call, Outcome{.error = &error});
}

void MemoryBackend::refuse(Call* call, std::string_view made, std::size_t value_size) {
  // The key may be what is too large.
  constexpr std::size_t shown_max = 250;
  fail(call, Errc::value_too_large, made.substr(0, shown_max),
       "key and value of " + std::to_string(made.size() + value_size) +
           " bytes do not fit into the store, whose max_bytes is " +
           std::to_string(store_->options().max_bytes));
}

}  // namespace djcache::memory
