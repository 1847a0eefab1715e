// Store: the entries of one LOCATION, with the semantics of Django's LocMemCache.
//
// Pure: no loop, no clock (`now` is passed in, in milliseconds, and never goes backwards), no
// Value. Source: django/core/cache/backends/locmem.py. With the policy `cull` it behaves exactly
// like Django: an expired entry counts as missing, but stays and counts as an entry until it is
// accessed or culled. With the other policies, expired entries are removed in time.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <djcache/settings.h>

#include "memory/arena.h"
#include "memory/counters.h"
#include "memory/eviction.h"
#include "memory/record.h"
#include "memory/table.h"
#include "memory/wheel.h"

namespace djcache::memory {

// Bounds set by a writer. As in Django they belong to the cache, not to the store: caches of one
// store may differ.
struct EntryBounds {
  std::size_t max_entries = 300;   // 0 counts as 1
  std::size_t cull_frequency = 3;  // a full store drops one entry in this many; 0: all. For `cull`
};

struct StoreOptions {
  EvictionPolicy policy = EvictionPolicy::cull;
  std::size_t max_bytes = 0;  // 0: unbounded; otherwise at least max_bytes_min
  std::uint64_t seed = 0;     // of the hash of keys
};

struct Bytes {  // a value in two parts, as codecs produce it
  std::string_view head;
  std::string_view body;
  std::size_t size() const { return head.size() + body.size(); }
};

enum class Stored : std::uint8_t {
  yes,
  exists,     // add: the entry existed and is unchanged
  missing,    // move: there is no entry to move
  too_large,  // does not fit even alone; an existing entry is unchanged
};

class Store final : private Arena::Owners {
 public:
  static constexpr std::size_t max_bytes_min = std::size_t{64} << 10;

  explicit Store(const StoreOptions& options);
  Store(const Store&) = delete;
  Store& operator=(const Store&) = delete;

  // A hit's bytes are valid until the next call.
  bool get(std::string_view key, std::int64_t now, std::string_view& value);
  bool has(std::string_view key, std::int64_t now);
  // Copies `value` and `key`, which must not be in the store. `expires` at or before `now`: missing
  // at once.
  Stored set(std::string_view key, const Bytes& value, std::int64_t expires, std::int64_t now,
             const EntryBounds& bounds);
  Stored add(std::string_view key, const Bytes& value, std::int64_t expires, std::int64_t now,
             const EntryBounds& bounds);
  bool touch(std::string_view key, std::int64_t expires, std::int64_t now);
  bool erase(std::string_view key, std::int64_t now);
  // Django's incr_version: get, set, delete.
  Stored move(std::string_view from, std::string_view to, std::int64_t expires, std::int64_t now,
              const EntryBounds& bounds);
  // The value of a live entry, which may be changed in place but not resized; counts as a use.
  // Null: missing.
  char* modify(std::string_view key, std::int64_t now, std::size_t& size);
  void clear();
  // Looks at `count` places, starting at `cursor` (0 at first), and calls f(key) for each live
  // entry. Returns the next cursor, or 0 at the end. An entry that exists throughout is seen once.
  template <class F>
  std::uint64_t scan(std::uint64_t cursor, std::size_t count, std::int64_t now, F f) const {
    const std::uint64_t end = records_.end();
    const std::uint64_t stop = count < end ? std::min(cursor + count, end) : end;
    for (std::uint64_t at = std::max<std::uint64_t>(cursor, 1); at < stop; ++at) {
      const Record& record = records_[static_cast<Index>(at)];
      if (record.block != nullptr && !expired(record, now)) f(key_of(record));
    }
    return stop < end ? stop : 0;
  }
  // When a live entry expires, which may be `never`; nullopt: missing. Does not count as a use.
  std::optional<std::int64_t> expires(std::string_view key, std::int64_t now) const;

  // Whether an entry of this size fits at all.
  bool fits(std::size_t key_size, std::size_t value_size) const;

  std::size_t entries() const { return records_.size(); }
  // The size of all keys and values alone.
  std::uint64_t payload_bytes() const { return payload_; }
  // All memory that the store holds, used or free. Never above max_bytes.
  std::size_t allocated() const {
    return arena_.allocated() + records_.allocated() + table_.allocated() + eviction_.allocated() +
           sizeof(*this);
  }
  const StoreOptions& options() const { return options_; }
  const Counters& counters() const { return counters_; }

 private:
  void moved(std::uint32_t owner, char* block) override { records_[owner].block = block; }

  std::string_view key_of(const Record& record) const {
    return {Arena::data(record.block), record.key_size};
  }
  // The size of an entry in its queue.
  std::size_t charge(Index index) const {
    return arena_.footprint(Arena::size(records_[index].block)) + sizeof(Record);
  }
  bool keeps_expired() const { return options_.policy == EvictionPolicy::cull; }
  bool expired(const Record& record, std::int64_t now) const { return record.expires <= now; }

  Index find(std::string_view key, std::uint32_t hash) const;
  Index find(std::string_view key) const { return find(key, hash_key(key)); }
  Index find_live(std::string_view key, std::int64_t now);  // removes the entry if it has expired
  std::uint32_t hash_key(std::string_view key) const;
  Stored put(std::string_view key, std::uint32_t hash, const Bytes& value, std::int64_t expires,
             const EntryBounds& bounds);
  void make_room(std::string_view key, std::uint32_t hash, std::size_t size,
                 const EntryBounds& bounds);
  void cull(const EntryBounds& bounds);
  bool has_room(Index replaced, std::size_t size) const;
  std::size_t worst_case(std::size_t live_bytes) const;
  void evict(std::uint64_t& cause);
  void replace(Index index, std::string_view key, const Bytes& value);
  void create(std::string_view key, std::uint32_t hash, const Bytes& value, std::int64_t expires);
  void set_expiry(Index index, std::int64_t expires);
  void remove(Index index);
  void forget(Index index, std::size_t charged);
  void collect_expired(std::int64_t now);

  StoreOptions options_;
  Records records_;
  Arena arena_;
  Table table_{records_};
  Eviction eviction_;
  Wheel wheel_{records_};
  Counters counters_;
  std::uint64_t payload_ = 0;
};

}  // namespace djcache::memory
