// The verbs of SyncCache: each the verb of Cache, begun on the loop, with its callback awaited.
#include <djcache/sync_cache.h>

#include "sync/alias.h"

namespace djcache {

using sync::call;

Result<std::optional<Value>> SyncCache::get(std::string_view key,
                                            const ReadOptions& options) const {
  return call<std::optional<Value>>(*alias_, options.limit, [&](Cache& cache, auto done) {
    cache.get(key, options, std::move(done));
  });
}

Result<void> SyncCache::set(std::string_view key, const Value& value,
                            const WriteOptions& options) const {
  return call<void>(*alias_, options.limit, [&](Cache& cache, auto done) {
    cache.set(key, value, options, std::move(done));
  });
}

Result<bool> SyncCache::add(std::string_view key, const Value& value,
                            const WriteOptions& options) const {
  return call<bool>(*alias_, options.limit, [&](Cache& cache, auto done) {
    cache.add(key, value, options, std::move(done));
  });
}

Result<bool> SyncCache::touch(std::string_view key, const WriteOptions& options) const {
  return call<bool>(*alias_, options.limit,
                    [&](Cache& cache, auto done) { cache.touch(key, options, std::move(done)); });
}

Result<bool> SyncCache::delete_(std::string_view key, const ReadOptions& options) const {
  return call<bool>(*alias_, options.limit,
                    [&](Cache& cache, auto done) { cache.delete_(key, options, std::move(done)); });
}

Result<bool> SyncCache::has_key(std::string_view key, const ReadOptions& options) const {
  return call<bool>(*alias_, options.limit,
                    [&](Cache& cache, auto done) { cache.has_key(key, options, std::move(done)); });
}

Result<Found> SyncCache::get_many(KeyList keys, const ReadOptions& options) const {
  return call<Found>(*alias_, options.limit, [&](Cache& cache, auto done) {
    cache.get_many(keys, options, std::move(done));
  });
}

Result<std::vector<std::string>> SyncCache::set_many(const Entries& entries,
                                                     const WriteOptions& options) const {
  return call<std::vector<std::string>>(*alias_, options.limit, [&](Cache& cache, auto done) {
    cache.set_many(entries, options, std::move(done));
  });
}

Result<void> SyncCache::delete_many(KeyList keys, const ReadOptions& options) const {
  return call<void>(*alias_, options.limit, [&](Cache& cache, auto done) {
    cache.delete_many(keys, options, std::move(done));
  });
}

Result<std::int64_t> SyncCache::incr(std::string_view key, const DeltaOptions& options) const {
  return call<std::int64_t>(*alias_, options.limit, [&](Cache& cache, auto done) {
    cache.incr(key, options, std::move(done));
  });
}

Result<std::int64_t> SyncCache::decr(std::string_view key, const DeltaOptions& options) const {
  return call<std::int64_t>(*alias_, options.limit, [&](Cache& cache, auto done) {
    cache.decr(key, options, std::move(done));
  });
}

Result<std::int64_t> SyncCache::incr_version(std::string_view key,
                                             const DeltaOptions& options) const {
  return call<std::int64_t>(*alias_, options.limit, [&](Cache& cache, auto done) {
    cache.incr_version(key, options, std::move(done));
  });
}

Result<std::int64_t> SyncCache::decr_version(std::string_view key,
                                             const DeltaOptions& options) const {
  return call<std::int64_t>(*alias_, options.limit, [&](Cache& cache, auto done) {
    cache.decr_version(key, options, std::move(done));
  });
}

Result<bool> SyncCache::clear(const ReadOptions& options) const {
  return call<bool>(*alias_, options.limit,
                    [&](Cache& cache, auto done) { cache.clear(options, std::move(done)); });
}

Result<std::string> SyncCache::make_key(std::string_view key,
                                        std::optional<std::int64_t> version) const {
  return call<std::string>(*alias_, {}, [&](Cache& cache, auto done) {
    done(Result<std::string>(cache.make_key(key, version)));
  });
}

}  // namespace djcache
