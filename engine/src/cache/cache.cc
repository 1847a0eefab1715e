// The operations on one key; see cache.h.
#include <djcache/cache.h>

#include "cache/operation.h"

namespace djcache {

using namespace cache;
using detail::Alias;

namespace cache {

void warn(Alias& alias, std::string_view made) {
  for (const std::string& text : key_warnings(made)) alias.on_warning(alias.name, text);
}

Error under_key(Error error, std::string_view made_key) {
  error.detail = text::named_key(made_key) + ": " + error.detail;
  return error;
}

Error name_key(Error error, const Outcome& outcome) {
  if (outcome.made_key == nullptr) return error;
  return under_key(std::move(error), outcome.made_key(outcome.context, 0));
}

}  // namespace cache

namespace {

struct ToValue {
  const codec::Codec* codec;
  CacheStatistics* statistics;
  Result<std::optional<Value>> operator()(const Outcome& outcome) const {
    Result<std::optional<Value>> result(std::in_place);
    if (!outcome.flag) {
      ++statistics->misses;
      return result;
    }
    ++statistics->hits;
    Error error;
    if (!codec->decode(outcome.bytes, result->emplace(), error)) [[unlikely]] {
      result = name_key(std::move(error), outcome);
    }
    return result;
  }
};

struct ToInteger {
  Result<std::int64_t> operator()(const Outcome& outcome) const { return outcome.integer; }
};

// Django warns for the set and the delete of incr_version, after its get has found the entry.
struct LaterWarnings {
  std::shared_ptr<Alias> alias;
  std::string set, deleted;

  static std::unique_ptr<LaterWarnings> of(const std::shared_ptr<Alias>& alias,
                                           std::string_view set, std::string_view deleted) {
    if (!warns_of(*alias, set) && !warns_of(*alias, deleted)) return nullptr;
    return std::unique_ptr<LaterWarnings>(
        new LaterWarnings{alias, std::string(set), std::string(deleted)});
  }
  void give() const {
    for (const std::string& made : {set, deleted}) {
      if (warns_of(*alias, made)) warn(*alias, made);
    }
  }
};

struct ToVersion {
  std::int64_t version;
  std::string made;
  std::unique_ptr<LaterWarnings> warnings;
  Result<std::int64_t> operator()(const Outcome& outcome) const {
    if (!outcome.flag) {
      return key_not_found(made);
    }
    if (warnings) warnings->give();
    return version;
  }
};

}  // namespace

Ticket Cache::get(std::string_view key, const ReadOptions& options,
                  Callback<std::optional<Value>> done) const {
  return ask<std::optional<Value>>(*alias_, key, options, std::move(done),
                                   ToValue{alias_->reader(options.foreign), &alias_->statistics},
                                   {.verb = Verb::get});
}

Result<std::optional<Value>> Cache::peek(std::string_view key, const ReadOptions& options) const {
  Alias& alias = *alias_;
  if (!usable(alias)) return {Errc::not_supported, "peek: the engine of this cache is gone"};
  if (alias.broken) [[unlikely]] {
    return *alias.broken;
  }
  Result<std::optional<Value>> result(std::in_place);
  std::string_view bytes;
  switch (alias.backend->peek({made_key(alias, key, options.version), key}, bytes)) {
    case Backend::Peeked::missing:
      ++alias.statistics.misses;
      break;
    case Backend::Peeked::found: {
      ++alias.statistics.hits;
      Error error;
      if (!alias.reader(options.foreign)->decode(bytes, result->emplace(), error)) [[unlikely]] {
        error.detail =
            text::named_key(made_key(alias, key, options.version)) + ": " + std::move(error.detail);
        return error;
      }
      break;
    }
    case Backend::Peeked::impossible:
      return {Errc::not_supported, "peek: the entries of CACHES['" + alias.name +
                                       "'] are on a server; use get, which waits for it"};
  }
  return result;
}

Ticket Cache::set(std::string_view key, const Value& value, const WriteOptions& options,
                  Callback<void> done) const {
  return ask_to_store<void, ToStored>(*alias_, Verb::set, key, value, options, std::move(done));
}

Ticket Cache::add(std::string_view key, const Value& value, const WriteOptions& options,
                  Callback<bool> done) const {
  return ask_to_store<bool, ToAdded>(*alias_, Verb::add, key, value, options, std::move(done));
}

Ticket Cache::touch(std::string_view key, const WriteOptions& options, Callback<bool> done) const {
  return begin<bool>(*alias_, std::move(done), ToFlag{}, [&](Alias& alias, Call* call) {
    if (!accept(alias, options.ttl, call)) return;
    Request request{.verb = Verb::touch, .expiry = expiry_of(alias, options.ttl)};
    address(alias, key, options, request);
    alias.backend->ask(request, call);
  });
}

Ticket Cache::delete_(std::string_view key, const ReadOptions& options, Callback<bool> done) const {
  return ask<bool>(*alias_, key, options, std::move(done), ToFlag{}, {.verb = Verb::erase});
}

Ticket Cache::has_key(std::string_view key, const ReadOptions& options, Callback<bool> done) const {
  return ask<bool>(*alias_, key, options, std::move(done), ToFlag{}, {.verb = Verb::has_key});
}

Ticket Cache::incr(std::string_view key, const DeltaOptions& options,
                   Callback<std::int64_t> done) const {
  return ask<std::int64_t>(*alias_, key, options, std::move(done), ToInteger{},
                           {.verb = Verb::incr, .number = options.delta});
}

// -INT64_MIN does not exist, so decr refuses this one delta.
Ticket Cache::decr(std::string_view key, const DeltaOptions& options,
                   Callback<std::int64_t> done) const {
  if (options.delta != INT64_MIN) {
    DeltaOptions negated = options;
    negated.delta = -options.delta;
    return incr(key, negated, std::move(done));
  }
  return begin<std::int64_t>(*alias_, std::move(done), ToInteger{}, [&](Alias& alias, Call* call) {
    alias.calls->defer(call, {Errc::integer_overflow, "decr by -2**63 is out of range"});
  });
}

// A version beyond 64 bits has no key: the backend is not asked, and the entry stays.
Ticket Cache::move_version(std::string_view key, const DeltaOptions& options, bool up,
                           Callback<std::int64_t> done) const {
  if (!usable(*alias_)) return {};
  const auto refuse = [&](Error error) {
    return begin<std::int64_t>(
        *alias_, std::move(done), ToInteger{},
        [&](Alias& alias, Call* call) { alias.calls->defer(call, std::move(error)); });
  };
  if (!options.version && alias_->keys.version_is_text()) {
    return refuse({Errc::invalid_argument,
                   "the VERSION of this cache is a text, to which nothing can be added; name an "
                   "integer version"});
  }
  const std::int64_t version = options.version.value_or(alias_->keys.version());
  std::int64_t next;
  if (up ? __builtin_add_overflow(version, options.delta, &next)
         : __builtin_sub_overflow(version, options.delta, &next)) {
    return refuse({Errc::integer_overflow, "the version would be beyond 64 bits"});
  }
  const std::string from(made_key(*alias_, key, version));
  const std::string to(alias_->keys.make(key, next));
  return begin<std::int64_t>(
      *alias_, std::move(done), ToVersion{next, from, LaterWarnings::of(alias_, to, from)},
      [&](Alias& alias, Call* call) {
        Expiry expiry = expiry_of(alias, Ttl());
        expiry.keep = alias.moves_keep_ttl;
        alias.backend->ask({.verb = Verb::move,
                            .key = {from, key},
                            .options = {.limit_ms = limit_of(alias, options.limit)},
                            .expiry = expiry,
                            .text = to},
                           call);
      });
}

Ticket Cache::incr_version(std::string_view key, const DeltaOptions& options,
                           Callback<std::int64_t> done) const {
  return move_version(key, options, true, std::move(done));
}

Ticket Cache::decr_version(std::string_view key, const DeltaOptions& options,
                           Callback<std::int64_t> done) const {
  return move_version(key, options, false, std::move(done));
}

Ticket Cache::clear(const ReadOptions& options, Callback<bool> done) const {
  return begin<bool>(*alias_, std::move(done), ToFlag{}, [&](Alias& alias, Call* call) {
    alias.stampede.forget_missing();
    alias.backend->ask(
        {.verb = Verb::clear, .options = {.limit_ms = limit_of(alias, options.limit)}}, call);
  });
}

CacheStatistics Cache::statistics() const {
  CacheStatistics statistics = alias_->statistics;
  statistics.alias = alias_->name;
  if (alias_->backend != nullptr) statistics.store = alias_->backend->store_statistics();
  return statistics;
}

std::string Cache::make_key(std::string_view key, std::optional<std::int64_t> version) const {
  return std::string(alias_->keys.make(key, version));
}

void Cache::disconnect(const DisconnectOptions& options, DisconnectDone done) const {
  if (alias_->disconnect) alias_->disconnect(options, std::move(done));
}

Calls* Cache::calls() const noexcept { return alias_->calls.get(); }

void Cache::cancel_in(Calls& calls, Ticket ticket) { calls.cancel(ticket); }

bool Cache::cancel(Ticket ticket) const { return usable(*alias_) && alias_->calls->cancel(ticket); }

}  // namespace djcache
