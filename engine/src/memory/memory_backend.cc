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

// Entries are read one by one, as in Django.
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

void MemoryBackend::ask(const Request& request, Call* call) {
  switch (request.verb) {
    case Verb::get:
      return get(request, call);
    case Verb::set:
      return set(request, call);
    case Verb::add:
      return add(request, request.value, call);
    case Verb::touch:
      return answer(call, touch(request, request.expiry));
    case Verb::erase:
      return answer(call, erase(request));
    case Verb::has_key:
      return answer(call, has(request));
    case Verb::incr:
      return incr(request, call);
    case Verb::move:
      return move(request, call);
    case Verb::clear:
      store_->clear();
      return answer(call, true);
    case Verb::remaining:
      return remaining(request, call);
    case Verb::replace:
      return replace(request, call);
    case Verb::expire_in:
      return answer(call, touch(request, {false, request.number}));
    case Verb::expire_at:
      return answer(call, expire_at(request));
    case Verb::persist:
      return answer(call, persist(request));
    case Verb::scan:
      return scan(request, call);
    case Verb::lock:
      return add(request, {codec::EmbeddedCodec::bytes_head, request.text}, call);
    case Verb::unlock:
      return answer(call, is_held(request) && erase(request));
    case Verb::extend:
      return answer(call, is_held(request) && extend(request));
    case Verb::renew:
      return answer(call, is_held(request) && touch(request, {false, request.number}));
    case Verb::holds:
      return answer(call, is_held(request));
  }
}

void MemoryBackend::ask_many(const ManyRequest& request, Call* call) {
  switch (request.verb) {
    case ManyVerb::get: {
      FoundBytes found(*store_, request.keys, now());
      return calls_.settle(
          call, Outcome{.many = &found, .made_key = &made_key, .context = request.keys.data()});
    }
    case ManyVerb::set:
      return set_many(request, call);
    case ManyVerb::erase: {
      std::int64_t erased = 0;
      for (const Key& key : request.keys) erased += store_->erase(key.made, now()) ? 1 : 0;
      return calls_.settle(call, Outcome{.flag = true, .integer = erased});
    }
  }
}

Backend::Peeked MemoryBackend::peek(const Key& key, std::string_view& bytes) {
  return store_->get(key.made, now(), bytes) ? Peeked::found : Peeked::missing;
}

void MemoryBackend::get(const Request& request, Call* call) {
  Outcome outcome{.made_key = &made_key, .context = &request.key};
  outcome.flag = store_->get(request.key.made, now(), outcome.bytes);
  calls_.settle(call, outcome);
}

void MemoryBackend::set(const Request& request, Call* call) {
  const std::int64_t time = now();
  const codec::Encoded& value = request.value;
  const Stored stored = store_->set(request.key.made, {value.head, value.body},
                                    expires_at(request.expiry, time), time, bounds_);
  if (stored == Stored::too_large) return refuse(call, request.key.made, value.size());
  answer(call, true);
}

void MemoryBackend::add(const Request& request, const codec::Encoded& value, Call* call) {
  const std::int64_t time = now();
  const Stored stored = store_->add(request.key.made, {value.head, value.body},
                                    expires_at(request.expiry, time), time, bounds_);
  if (stored == Stored::too_large) return refuse(call, request.key.made, value.size());
  answer(call, stored == Stored::yes);
}

void MemoryBackend::set_many(const ManyRequest& request, Call* call) {
  const std::int64_t time = now();
  for (const StoredEntry& entry : request.entries) {
    if (!store_->fits(entry.key.made.size(), entry.bytes.size())) {
      return refuse(call, entry.key.made, entry.bytes.size());
    }
  }
  for (const StoredEntry& entry : request.entries) {
    store_->set(entry.key.made, {entry.bytes, {}}, expires_at(request.expiry, time), time, bounds_);
  }
  answer(call, true);
}

void MemoryBackend::incr(const Request& request, Call* call) {
  std::size_t size = 0;
  char* const value = store_->modify(request.key.made, now(), size);
  if (value == nullptr) {
    const Error error = key_not_found(request.key.made);
    return calls_.settle(call, Outcome{.error = &error});
  }
  char* const number = codec::EmbeddedCodec::integer_in(value, size);
  if (number == nullptr) {
    return fail(call, Errc::not_an_integer, request.key.made, "the value is not a 64-bit integer");
  }
  std::int64_t integer = 0;
  std::memcpy(&integer, number, sizeof integer);
  if (__builtin_add_overflow(integer, request.number, &integer)) {
    return fail(call, Errc::integer_overflow, request.key.made, "the sum does not fit in 64 bits");
  }
  std::memcpy(number, &integer, sizeof integer);
  calls_.settle(call, Outcome{.integer = integer});
}

void MemoryBackend::move(const Request& request, Call* call) {
  const std::int64_t time = now();
  const Stored stored =
      store_->move(request.key.made, request.text, expires_at(request.expiry, time), time, bounds_);
  if (stored == Stored::too_large) return refuse(call, request.text, 0);
  answer(call, stored == Stored::yes);
}

void MemoryBackend::remaining(const Request& request, Call* call) {
  const std::int64_t time = now();
  const std::optional<std::int64_t> expires = store_->expires(request.key.made, time);
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
  // The key may be the part that is too large.
  constexpr std::size_t shown_max = 250;
  fail(call, Errc::value_too_large, made.substr(0, shown_max),
       "key and value of " + std::to_string(made.size() + value_size) +
           " bytes do not fit into the store, whose max_bytes is " +
           std::to_string(store_->options().max_bytes));
}

}  // namespace djcache::memory
