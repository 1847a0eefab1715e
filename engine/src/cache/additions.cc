// django-redis' additions to Django's operations on one key: replace and the life of entries.
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
using ToTtl = ToLife<seconds, 500>;  // rounds like redis
using ToPttl = ToLife<milliseconds, 0>;

// Backends count in milliseconds; out-of-range values saturate.
std::int64_t milliseconds_of(seconds timeout) {
  constexpr std::int64_t most = INT64_MAX / 1000;
  return std::clamp<std::int64_t>(timeout.count(), -most, most) * 1000;
}

}  // namespace

Ticket Cache::replace(std::string_view key, const Value& value, const WriteOptions& options,
                      Callback<bool> done) const {
  return ask_to_store<bool, ToAdded>(*alias_, Verb::replace, key, value, options, std::move(done));
}

Ticket Cache::ttl(std::string_view key, const ReadOptions& options,
                  Callback<std::optional<seconds>> done) const {
  return ask<std::optional<seconds>>(*alias_, key, options, std::move(done), ToTtl{},
                                     {.verb = Verb::remaining});
}

Ticket Cache::pttl(std::string_view key, const ReadOptions& options,
                   Callback<std::optional<milliseconds>> done) const {
  return ask<std::optional<milliseconds>>(*alias_, key, options, std::move(done), ToPttl{},
                                          {.verb = Verb::remaining});
}

Ticket Cache::expire(std::string_view key, seconds timeout, const ReadOptions& options,
                     Callback<bool> done) const {
  return pexpire(key, milliseconds(milliseconds_of(timeout)), options, std::move(done));
}

Ticket Cache::pexpire(std::string_view key, milliseconds timeout, const ReadOptions& options,
                      Callback<bool> done) const {
  return ask<bool>(*alias_, key, options, std::move(done), ToFlag{},
                   {.verb = Verb::expire_in, .number = timeout.count()});
}

Ticket Cache::expire_at(std::string_view key, std::chrono::system_clock::time_point when,
                        const ReadOptions& options, Callback<bool> done) const {
  return ask<bool>(*alias_, key, options, std::move(done), ToFlag{},
                   {.verb = Verb::expire_at,
                    .number = duration_cast<milliseconds>(when.time_since_epoch()).count()});
}

Ticket Cache::persist(std::string_view key, const ReadOptions& options, Callback<bool> done) const {
  return ask<bool>(*alias_, key, options, std::move(done), ToFlag{}, {.verb = Verb::persist});
}

}  // namespace djcache
