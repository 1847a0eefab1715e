// The operations on many keys: one round trip each, none for no keys.
#include <djcache/cache.h>

#include "cache/operation.h"
#include "text/key_index.h"
#include "text/texts.h"

namespace djcache {

using namespace cache;
using detail::Alias;

namespace {

// The keys of one call, made: both the stored and the caller's names are in `texts`.
struct MadeKeys {
  text::Texts texts;
  std::vector<Key> keys;
};

// Guesses of how much room is needed first: a prefix and a version; a key and a small value.
constexpr std::size_t beside_key = 8, bytes_of_entry = 96;

// Every key causes its warnings. Keys that are stored under the same name are requested once, under
// the last of the caller's names, as in Django's dict of made keys.
MadeKeys make_keys(Alias& alias, const KeyList& list, const std::optional<std::int64_t>& version) {
  std::size_t bytes = 0;
  for (std::size_t i = 0; i < list.size(); ++i) bytes += list[i].size() + beside_key;
  MadeKeys result{text::Texts(bytes), {}};
  result.keys.reserve(list.size());
  text::KeyIndex index(list.size());
  const auto made_at = [&](std::size_t number) { return result.keys[number].made; };
  for (std::size_t i = 0; i < list.size(); ++i) {
    const std::string_view key = list[i];
    const std::string_view made = made_key(alias, key, version);
    const std::size_t number = index.find_or_add(made, made_at);
    if (number < result.keys.size()) {
      result.keys[number].affinity = result.texts.add(key);
      continue;
    }
    // A made key ends with the caller's, unless a KEY_FUNCTION decides otherwise.
    const std::string_view copy = result.texts.add(made);
    result.keys.push_back({copy, made.ends_with(key) ? copy.substr(copy.size() - key.size())
                                                     : result.texts.add(key)});
  }
  return result;
}

class ToFound {
 public:
  ToFound(Alias& alias, const ReadOptions& options, MadeKeys&& made)
      : wanted_(new Wanted{alias,
                           alias.reader(options.foreign),
                           options.version,
                           std::move(made.texts).take(),
                           {}}) {
    wanted_->entries.reserve(made.keys.size());
    for (const Key& key : made.keys) wanted_->entries.emplace_back(key.affinity, Value());
  }

  Result<Found> operator()(const Outcome& outcome) {
    auto& [alias, codec, version, texts, entries] = *wanted_;
    Found::Errors errors;
    auto to = entries.begin();
    for (auto& entry : entries) {
      std::string_view bytes;
      if (!outcome.many->next(bytes)) continue;
      Error error;
      if (!codec->decode(bytes, entry.second, error)) [[unlikely]] {
        error = under_key(std::move(error), alias.keys.make(entry.first, version));
        errors.emplace_back(entry.first, std::move(error));
        continue;
      }
      if (&*to != &entry) *to = std::move(entry);
      ++to;
    }
    const std::size_t asked = entries.size();
    entries.erase(to, entries.end());
    const std::size_t hits = entries.size() + errors.size();
    alias.statistics.hits += hits;
    alias.statistics.misses += asked - hits;
    return Found(std::move(texts), std::move(entries), std::move(errors));
  }

 private:
  struct Wanted {
    Alias& alias;  // outlives the call, because its codecs do
    const codec::Codec* codec;
    std::optional<std::int64_t> version;
    text::Texts::Blocks texts;
    std::vector<Found::value_type> entries;  // one for each key, nil until it is found
  };
  std::unique_ptr<Wanted> wanted_;  // it would not fit into a call's block
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
  MadeKeys made = make_keys(*alias_, keys, options.version);
  return begin<Found>(*alias_, std::move(done), ToFound(*alias_, options, std::move(made)),
                      [&](Alias& alias, Call* call) {
                        alias.backend->ask_many(
                            {.verb = ManyVerb::get,
                             .keys = made.keys,
                             .options = {.limit_ms = limit_of(alias, options.limit)}},
                            call);
                      });
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
  std::vector<const std::pair<std::string, Value>*> items;
  items.reserve(entries.size());
  text::KeyIndex index(entries.size());
  for (const auto& entry : entries) {
    const std::size_t number = index.find_or_add(
        entry.first, [&](std::size_t other) { return std::string_view(items[other]->first); });
    number < items.size() ? (void)(items[number] = &entry) : items.push_back(&entry);
  }
  return begin<std::vector<std::string>>(
      *alias_, std::move(done),
      ToFailedKeys{&alias_->statistics, entries_stored(expiry, items.size())},
      [&](Alias& alias, Call* call) {
        if (!accept(alias, options.ttl, call)) return;
        // All values are encoded before anything is sent, so that a failure leaves nothing half
        // done.
        text::Texts texts(items.size() * bytes_of_entry);
        std::vector<StoredEntry> stored;
        stored.reserve(items.size());
        for (const auto* const item : items) {
          const auto& [key, value] = *item;
          const std::string_view made = texts.add(made_key(alias, key, options.version));
          codec::Encoded encoded;
          if (!encode(alias, value, made, encoded, call)) return;
          stored.push_back({{made, key}, texts.add(encoded.head, encoded.body)});
        }
        alias.backend->ask_many({.verb = ManyVerb::set,
                                 .entries = stored,
                                 .expiry = expiry,
                                 .options = {.limit_ms = limit_of(alias, options.limit)}},
                                call);
      });
}

}  // namespace djcache
