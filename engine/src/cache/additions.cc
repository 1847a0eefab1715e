// What django-redis adds to Django's operations on one key: replace and the life of entries.
//
// Source: django_redis/client/default.py (ttl, pttl, expire, pexpire, expire_at, persist).
#include <djcache/cache.h>

#include "cache/operation.h"

namespace djcache {

using namespace cache;
using detail::Alias;
using std::chrono::duration_cast;
using std::chrono::milliseconds;
using std::chrono::seconds;

namespace {

// django-redis: 0 for no entry, None for no expiry.
template <class Duration, int rounding>
struct ToLife {
  Result<std::optional<Duration>> operator()(const Outcome& outcome) const {
    if (outcome.integer == Backend::no_expiry) return std::optional<Duration>();
    if (outcome.integer == Backend::no_entry) return std::optional(Duration(0));
    return std::optional(duration_cast<Duration>(milliseconds(outcome.integer + rounding)));
  }
};
using ToTtl = ToLife<seconds, 500>;  // as redis rounds
using ToPttl = ToLife<milliseconds, 0>;

// Backends count in milliseconds; what does not fit is as good as the largest that does.
std::int64_t milliseconds_of(seconds timeout) {
  constexpr std::int64_t most = INT64_MAX / 1000;
  return std::clamp<std::int64_t>(timeout.count(), -most, most) * 1000;
}

}  // namespace

Ticket Cache::replace(std::string_view key, const Value& value, const WriteOptions& options,
                      Callback<bool> done) const {
  const Expiry expiry = expiry_of(*alias_, options.ttl);
  const ToAdded convert{&alias_->statistics, entries_stored(expiry)};
  return begin<bool>(*alias_, std::move(done), convert, [&](Alias& alias, Call* call) {
    if (!accept(alias, options.ttl, call)) return;
    const Key full{made_key(alias, key, options.version), key};
    codec::Encoded encoded;
    if (!encode(alias, value, full.made, encoded, call)) return;
    alias.backend->replace(full, encoded, expiry, {.limit_ms = limit_of(alias, options.limit)},
                           call);
  });
}

Ticket Cache::ttl(std::string_view key, const ReadOptions& options,
                  Callback<std::optional<seconds>> done) const {
  return begin<std::optional<seconds>>(
      *alias_, std::move(done), ToTtl{}, [&](Alias& alias, Call* call) {
        const Key full{made_key(alias, key, options.version), key};
        alias.backend->remaining(full, {.limit_ms = limit_of(alias, options.limit)}, call);
      });
}

Ticket Cache::pttl(std::string_view key, const ReadOptions& options,
                   Callback<std::optional<milliseconds>> done) const {
  return begin<std::optional<milliseconds>>(
      *alias_, std::move(done), ToPttl{}, [&](Alias& alias, Call* call) {
        const Key full{made_key(alias, key, options.version), key};
        alias.backend->remaining(full, {.limit_ms = limit_of(alias, options.limit)}, call);
      });
}

Ticket Cache::expire(std::string_view key, seconds timeout, const ReadOptions& options,
                     Callback<bool> done) const {
  return pexpire(key, milliseconds(milliseconds_of(timeout)), options, std::move(done));
}

Ticket Cache::pexpire(std::string_view key, milliseconds timeout, const ReadOptions& options,
                      Callback<bool> done) const {
  return begin<bool>(*alias_, std::move(done), ToFlag{}, [&](Alias& alias, Call* call) {
    const Key full{made_key(alias, key, options.version), key};
    alias.backend->expire_in(full, static_cast<std::int64_t>(timeout.count()),
                             {.limit_ms = limit_of(alias, options.limit)}, call);
  });
}

Ticket Cache::expire_at(std::string_view key, std::chrono::system_clock::time_point when,
                        const ReadOptions& options, Callback<bool> done) const {
  return begin<bool>(*alias_, std::move(done), ToFlag{}, [&](Alias& alias, Call* call) {
    const Key full{made_key(alias, key, options.version), key};
    const auto unix_ms = duration_cast<milliseconds>(when.time_since_epoch()).count();
    alias.backend->expire_at(full, unix_ms, {.limit_ms = limit_of(alias, options.limit)}, call);
  });
}

Ticket Cache::persist(std::string_view key, const ReadOptions& options, Callback<bool> done) const {
  return begin<bool>(*alias_, std::move(done), ToFlag{}, [&](Alias& alias, Call* call) {
    const Key full{made_key(alias, key, options.version), key};
    alias.backend->persist(full, {.limit_ms = limit_of(alias, options.limit)}, call);
  });
}

}  // namespace djcache
