// The verbs of SyncCache: each the verb of Cache, begun on the loop, with its callback awaited.
#include <djcache/sync_cache.h>

#include "sync/alias.h"

namespace djcache {

using sync::call;

Result<std::optional<Value>> SyncCache::get(std::string_view key,
                                            const ReadOptions& options) const {
  return call<std::optional<Value>>(*alias_, options.limit, ON_LOOP(get(key, options, DONE)));
}

Result<void> SyncCache::set(std::string_view key, const Value& value,
                            const WriteOptions& options) const {
  return call<void>(*alias_, options.limit, ON_LOOP(set(key, value, options, DONE)));
}

Result<bool> SyncCache::add(std::string_view key, const Value& value,
                            const WriteOptions& options) const {
  return call<bool>(*alias_, options.limit, ON_LOOP(add(key, value, options, DONE)));
}

Result<bool> SyncCache::touch(std::string_view key, const WriteOptions& options) const {
  return call<bool>(*alias_, options.limit, ON_LOOP(touch(key, options, DONE)));
}

Result<bool> SyncCache::delete_(std::string_view key, const ReadOptions& options) const {
  return call<bool>(*alias_, options.limit, ON_LOOP(delete_(key, options, DONE)));
}

Result<bool> SyncCache::has_key(std::string_view key, const ReadOptions& options) const {
  return call<bool>(*alias_, options.limit, ON_LOOP(has_key(key, options, DONE)));
}

Result<Found> SyncCache::get_many(KeyList keys, const ReadOptions& options) const {
  return call<Found>(*alias_, options.limit, ON_LOOP(get_many(keys, options, DONE)));
}

Result<std::vector<std::string>> SyncCache::set_many(const Entries& entries,
                                                     const WriteOptions& options) const {
  return call<std::vector<std::string>>(*alias_, options.limit,
                                        ON_LOOP(set_many(entries, options, DONE)));
}

Result<void> SyncCache::delete_many(KeyList keys, const ReadOptions& options) const {
  return call<void>(*alias_, options.limit, ON_LOOP(delete_many(keys, options, DONE)));
}

Result<std::int64_t> SyncCache::incr(std::string_view key, const DeltaOptions& options) const {
  return call<std::int64_t>(*alias_, options.limit, ON_LOOP(incr(key, options, DONE)));
}

Result<std::int64_t> SyncCache::decr(std::string_view key, const DeltaOptions& options) const {
  return call<std::int64_t>(*alias_, options.limit, ON_LOOP(decr(key, options, DONE)));
}

Result<std::int64_t> SyncCache::incr_version(std::string_view key,
                                             const DeltaOptions& options) const {
  return call<std::int64_t>(*alias_, options.limit, ON_LOOP(incr_version(key, options, DONE)));
}

Result<std::int64_t> SyncCache::decr_version(std::string_view key,
                                             const DeltaOptions& options) const {
  return call<std::int64_t>(*alias_, options.limit, ON_LOOP(decr_version(key, options, DONE)));
}

Result<bool> SyncCache::clear(const ReadOptions& options) const {
  return call<bool>(*alias_, options.limit, ON_LOOP(clear(options, DONE)));
}

Result<std::string> SyncCache::make_key(std::string_view key,
                                        std::optional<std::int64_t> version) const {
  return call<std::string>(*alias_, {}, [&](Cache& cache, auto done) {
    done(Result<std::string>(cache.make_key(key, version)));
  });
}

}  // namespace djcache
