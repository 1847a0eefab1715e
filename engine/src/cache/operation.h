// The beginning of every operation of a cache: whether the alias is usable, its key, its limit.
//
// Pure. Private to cache/.
#pragma once

#include <algorithm>
#include <optional>
#include <string>

#include "cache/alias.h"
#include "text/python_repr.h"

namespace djcache::cache {

using detail::Alias;

// False once the engine is gone: callbacks are destroyed uncalled.
inline bool usable(const Alias& alias) { return alias.calls != nullptr; }

// Like begin(), for operations that need no backend and do not count in the statistics.
template <class T, class Convert, class Issue>
[[gnu::always_inline]] inline Ticket begin_uncounted(Alias& alias, Callback<T>&& done,
                                                     Convert convert, Issue issue) {
  if (!usable(alias)) return {};
  Call* call = alias.calls->make<ResultCall<T, Convert>>(std::move(done), std::move(convert));
  const Ticket ticket = call->ticket();
  alias.calls->issue(call, [&](Call* of) {
    if (alias.broken) [[unlikely]] {
      return alias.calls->defer(of, *alias.broken);
    }
    issue(alias, of);
  });
  return ticket;
}

// Creates the call of an operation and lets `issue(alias, call)` pass it to the backend, unless the
// alias is broken.
// Inlined, with everything up to the backend: passing the closures on costs more than what they do.
template <class T, class Convert, class Issue>
[[gnu::always_inline]] inline Ticket begin(Alias& alias, Callback<T>&& done, Convert convert,
                                           Issue issue) {
  return begin_uncounted<T>(alias, std::move(done), std::move(convert),
                            [&](Alias& usable_alias, Call* call) {
                              call->count_in(usable_alias.statistics);
                              issue(usable_alias, call);
                            });
}

// Whether this key causes a warning. Without on_warning keys are not checked.
inline bool warns_of(const Alias& alias, std::string_view made) {
  return alias.on_warning && needs_warning(made);
}

// REQUIRES: warns_of().
void warn(Alias& alias, std::string_view made);

inline std::string_view made_key(Alias& alias, std::string_view key,
                                 const std::optional<std::int64_t>& version) {
  const std::string_view made = alias.keys.make(key, version);
  if (warns_of(alias, made)) [[unlikely]] {
    warn(alias, made);
  }
  return made;
}

// At least a millisecond, at most an hour: every wait is limited.
inline std::uint32_t limit_of(const Alias& alias,
                              const std::optional<std::chrono::milliseconds>& limit) {
  if (!limit) return alias.limit_ms;
  return static_cast<std::uint32_t>(
      std::clamp<std::int64_t>(static_cast<std::int64_t>(limit->count()), 1, 3'600'000));
}

inline Expiry expiry_of(const Alias& alias, const Ttl& ttl) {
  const Ttl& life = ttl.omitted() ? alias.timeout : ttl;
  return life.is_forever() ? Expiry{true, 0} : Expiry{false, life.milliseconds()};
}

// False: the ttl is not a number, and the call has been ended.
inline bool accept(Alias& alias, const Ttl& ttl, Call* call) {
  if (ttl.is_valid()) [[likely]] {
    return true;
  }
  alias.calls->defer(call, {Errc::invalid_argument,
                            "a ttl is a finite number; for an entry that stays, write forever"});
  return false;
}

// An error about the entry of this key.
Error under_key(Error error, std::string_view made_key);

// Encodes into the alias' scratch, valid until the next encoding. False: the call has been ended.
inline bool encode(Alias& alias, const Value& value, std::string_view made, codec::Encoded& out,
                   Call* call) {
  Error error;
  if (alias.codec->encode(value, alias.scratch, out, error)) [[likely]] {
    return true;
  }
  alias.calls->defer(call, under_key(std::move(error), made));
  return false;
}

// The error of an outcome with one entry whose bytes cannot be decoded.
Error name_key(Error error, const Outcome& outcome);

// How many of `entries` a write with this expiry leaves in the cache.
inline std::uint64_t entries_stored(const Expiry& expiry, std::uint64_t entries = 1) {
  return expiry.forever || expiry.milliseconds > 0 ? entries : 0;
}

struct ToNothing {
  Result<void> operator()(const Outcome&) const { return {}; }
};
struct ToFlag {
  Result<bool> operator()(const Outcome& outcome) const { return outcome.flag; }
};

// For operations that store conditionally.
struct ToAdded {
  CacheStatistics* statistics;
  std::uint64_t entries;
  Result<bool> operator()(const Outcome& outcome) const {
    if (outcome.flag) statistics->sets += entries;
    return outcome.flag;
  }
};

// For operations that always store.
struct ToStored {
  CacheStatistics* statistics;
  std::uint64_t entries;
  Result<void> operator()(const Outcome&) const {
    statistics->sets += entries;
    return {};
  }
};

// The version and the limit.
template <class Options>
[[gnu::always_inline]] inline void address(Alias& alias, std::string_view key,
                                           const Options& options, Request& request) {
  request.key = {made_key(alias, key, options.version), key};
  request.options.limit_ms = limit_of(alias, options.limit);
}

// A verb on one key.
template <class T, class Convert, class Options>
[[gnu::always_inline]] inline Ticket ask(Alias& alias, std::string_view key, const Options& options,
                                         Callback<T>&& done, Convert convert, Request request) {
  return begin<T>(alias, std::move(done), std::move(convert), [&](Alias& usable, Call* call) {
    address(usable, key, options, request);
    usable.backend->ask(request, call);
  });
}

// A verb that stores `value`.
template <class T, class Convert>
[[gnu::always_inline]] inline Ticket ask_to_store(Alias& alias, Verb verb, std::string_view key,
                                                  const Value& value, const WriteOptions& options,
                                                  Callback<T>&& done) {
  const Expiry expiry = expiry_of(alias, options.ttl);
  return begin<T>(alias, std::move(done), Convert{&alias.statistics, entries_stored(expiry)},
                  [&](Alias& usable, Call* call) {
                    if (!accept(usable, options.ttl, call)) return;
                    Request request{.verb = verb, .expiry = expiry};
                    address(usable, key, options, request);
                    if (!encode(usable, value, request.key.made, request.value, call)) return;
                    usable.backend->ask(request, call);
                  });
}

}  // namespace djcache::cache
