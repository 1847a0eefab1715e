// The operations on many keys: one round trip each, none for no keys.
#include <djcache/cache.h>

#include <unordered_map>

#include "cache/operation.h"

namespace djcache {

using namespace cache;
using detail::Alias;

namespace {

// Keys made for one call: `keys` refers to `made` and to the caller's keys.
struct MadeKeys {
  std::vector<std::string> made;
  std::vector<Key> keys;
};

// Every key causes its warnings. Keys that are stored under the same name are requested once, under
// the last of the caller's names, as in Django's dict of made keys.
MadeKeys make_keys(Alias& alias, const KeyList& list, const std::optional<std::int64_t>& version) {
  MadeKeys result;
  result.made.reserve(list.size());
  result.keys.reserve(list.size());
  std::unordered_map<std::string_view, std::size_t> places;
  for (std::size_t i = 0; i < list.size(); ++i) {
    const std::string_view made = made_key(alias, list[i], version);
    if (const auto known = places.find(made); known != places.end()) {
      result.keys[known->second].affinity = list[i];
      continue;
    }
    result.made.emplace_back(made);
    result.keys.push_back({result.made.back(), list[i]});  // reserved: it does not move
    places.emplace(result.made.back(), result.made.size() - 1);
  }
  return result;
}

template <class Version>  // std::int64_t, or std::nullopt_t for that of the alias
struct ToFound {
  Alias* alias;  // outlives the call, because its codecs do
  const codec::Codec* codec;
  Version version;
  std::unique_ptr<std::string[]> keys;  // a vector would not fit into a call's block
  std::size_t count;

  Result<Found> operator()(const Outcome& outcome) {
    std::vector<Found::value_type> found;
    Found::Errors errors;
    for (std::size_t i = 0; i < count; ++i) {
      std::string_view bytes;
      if (!outcome.many->next(bytes)) continue;
      Value value;
      Error error;
      if (codec->decode(bytes, value, error)) [[likely]] {
        found.emplace_back(std::move(keys[i]), std::move(value));
      } else {
        error = under_key(std::move(error),
                          alias->keys.make(keys[i], std::optional<std::int64_t>(version)));
        errors.emplace_back(std::move(keys[i]), std::move(error));
      }
    }
    const std::size_t hits = found.size() + errors.size();
    alias->statistics.hits += hits;
    alias->statistics.misses += count - hits;
    return Found(std::move(found), std::move(errors));
  }
};

struct ToFailedKeys {
  CacheStatistics* statistics;
  std::uint64_t entries;
  Result<std::vector<std::string>> operator()(const Outcome&) const {
    statistics->sets += entries;
    return std::vector<std::string>();
  }
};

// Answers without a backend, on the next turn.
template <class T, class Convert>
Ticket answer_without_round_trip(Alias& alias, Callback<T>&& done, Convert convert) {
  return begin_uncounted<T>(alias, std::move(done), std::move(convert),
                            [](Alias& usable, Call* call) { usable.calls->defer_success(call); });
}

}  // namespace

Ticket Cache::get_many(KeyList keys, const ReadOptions& options, Callback<Found> done) const {
  if (!usable(*alias_)) return {};
  if (keys.empty()) {
    return answer_without_round_trip<Found>(*alias_, std::move(done),
                                            [](const Outcome&) { return Result<Found>(Found()); });
  }
  const MadeKeys made = make_keys(*alias_, keys, options.version);
  const auto ask = [&](auto version) {
    ToFound<decltype(version)> convert{alias_.get(), alias_->reader(options.foreign), version,
                                       std::make_unique<std::string[]>(made.keys.size()),
                                       made.keys.size()};
    for (std::size_t i = 0; i < convert.count; ++i) convert.keys[i] = made.keys[i].affinity;
    return begin<Found>(
        *alias_, std::move(done), std::move(convert), [&](Alias& alias, Call* call) {
          alias.backend->ask_many({.verb = ManyVerb::get,
                                   .keys = made.keys,
                                   .options = {.limit_ms = limit_of(alias, options.limit)}},
                                  call);
        });
  };
  return options.version ? ask(*options.version) : ask(std::nullopt);
}

Ticket Cache::delete_many(KeyList keys, const ReadOptions& options, Callback<void> done) const {
  if (!usable(*alias_)) return {};
  if (keys.empty()) return answer_without_round_trip<void>(*alias_, std::move(done), ToNothing{});
  const MadeKeys made = make_keys(*alias_, keys, options.version);
  return begin<void>(*alias_, std::move(done), ToNothing{}, [&](Alias& alias, Call* call) {
    alias.backend->ask_many({.verb = ManyVerb::erase,
                             .keys = made.keys,
                             .options = {.limit_ms = limit_of(alias, options.limit)}},
                            call);
  });
}

Ticket Cache::set_many(const Entries& entries, const WriteOptions& options,
                       Callback<std::vector<std::string>> done) const {
  if (!usable(*alias_)) return {};
  if (entries.empty() && options.ttl.is_valid()) {
    return answer_without_round_trip<std::vector<std::string>>(
        *alias_, std::move(done), ToFailedKeys{&alias_->statistics, 0});
  }
  const Expiry expiry = expiry_of(*alias_, options.ttl);
  // Like in a dict: of equal keys the last value counts, at the position of the first.
  std::unordered_map<std::string_view, std::size_t> places;
  std::vector<const Value*> values;
  std::vector<std::string_view> keys;
  for (const auto& [key, value] : entries) {
    const auto [it, fresh] = places.emplace(key, values.size());
    if (fresh) {
      keys.push_back(key);
      values.push_back(&value);
    } else {
      values[it->second] = &value;
    }
  }
  return begin<std::vector<std::string>>(
      *alias_, std::move(done),
      ToFailedKeys{&alias_->statistics, entries_stored(expiry, keys.size())},
      [&](Alias& alias, Call* call) {
        if (!accept(alias, options.ttl, call)) return;
        // All values are encoded before anything is sent, so that a failure leaves nothing half
        // done.
        std::vector<std::string> made;
        std::vector<std::string> bytes;
        made.reserve(keys.size());
        bytes.reserve(keys.size());
        for (std::size_t i = 0; i < keys.size(); ++i) {
          made.emplace_back(made_key(alias, keys[i], options.version));
          codec::Encoded encoded;
          if (!encode(alias, *values[i], made.back(), encoded, call)) return;
          bytes.emplace_back(encoded.head).append(encoded.body);
        }
        std::vector<StoredEntry> pieces;
        pieces.reserve(keys.size());
        for (std::size_t i = 0; i < keys.size(); ++i) {
          pieces.push_back({{made[i], keys[i]}, bytes[i]});
        }
        alias.backend->ask_many({.verb = ManyVerb::set,
                                 .entries = pieces,
                                 .expiry = expiry,
                                 .options = {.limit_ms = limit_of(alias, options.limit)}},
                                call);
      });
}

}  // namespace djcache
