#include "memory/store.h"

#include <algorithm>
#include <bit>
#include <cstring>

#include "text/key_hash.h"

namespace djcache::memory {

namespace {

constexpr std::size_t unbounded_segment_bytes = Arena::segment_bytes_max;
// How many expired entries one call removes.
constexpr int collected_at_most = 8;

// Small enough that an unfilled segment does not matter.
std::size_t segment_bytes(std::size_t max_bytes) {
  if (max_bytes == 0) return unbounded_segment_bytes;
  return std::clamp(std::bit_floor(max_bytes / 64), Arena::segment_bytes_min,
                    Arena::segment_bytes_max);
}

void write(char* to, std::string_view key, const Bytes& value) {
  std::memcpy(to, key.data(), key.size());
  to += key.size();
  if (!value.head.empty()) std::memcpy(to, value.head.data(), value.head.size());
  to += value.head.size();
  if (!value.body.empty()) std::memcpy(to, value.body.data(), value.body.size());
}

}  // namespace

Store::Store(const StoreOptions& options)
    : options_(options),
      arena_(segment_bytes(options.max_bytes), *this),
      eviction_(records_, options.policy) {}

std::uint32_t Store::hash_key(std::string_view key) const {
  return text::hash_of(key, options_.seed);
}

Index Store::find(std::string_view key, std::uint32_t hash) const {
  return table_.find(hash, [&](const Record& record) {
    return record.key_size == key.size() &&
           std::memcmp(Arena::data(record.block), key.data(), key.size()) == 0;
  });
}

Index Store::find_live(std::string_view key, std::int64_t now) {
  const Index index = find(key);
  if (index == none || !expired(records_[index], now)) [[likely]]
    return index;
  ++counters_.expired_when_met;
  remove(index);
  return none;
}

// --- Reading.

bool Store::get(std::string_view key, std::int64_t now, std::string_view& value) {
  collect_expired(now);
  const Index index = find_live(key, now);
  if (index == none) {
    ++counters_.misses;
    return false;
  }
  ++counters_.hits;
  eviction_.hit(index);
  const Record& record = records_[index];
  value = {Arena::data(record.block) + record.key_size,
           Arena::size(record.block) - record.key_size};
  return true;
}

bool Store::has(std::string_view key, std::int64_t now) {
  collect_expired(now);
  return find_live(key, now) != none;
}

std::optional<std::int64_t> Store::expires(std::string_view key, std::int64_t now) const {
  const Index index = find(key);
  if (index == none || expired(records_[index], now)) return std::nullopt;
  return records_[index].expires;
}

char* Store::modify(std::string_view key, std::int64_t now, std::size_t& size) {
  collect_expired(now);
  const Index index = find_live(key, now);
  if (index == none) return nullptr;
  eviction_.hit(index);
  const Record& record = records_[index];
  size = Arena::size(record.block) - record.key_size;
  return Arena::data(record.block) + record.key_size;
}

// --- Writing.

Stored Store::set(std::string_view key, const Bytes& value, std::int64_t expires, std::int64_t now,
                  const EntryBounds& bounds) {
  collect_expired(now);
  const std::uint32_t hash = hash_key(key);
  if (expires <= now && !keeps_expired()) {
    if (const Index index = find(key, hash); index != none) remove(index);
    return Stored::yes;
  }
  return put(key, hash, value, expires, bounds);
}

Stored Store::add(std::string_view key, const Bytes& value, std::int64_t expires, std::int64_t now,
                  const EntryBounds& bounds) {
  const Index index = find(key);
  if (index != none && !expired(records_[index], now)) {
    collect_expired(now);
    return Stored::exists;
  }
  return set(key, value, expires, now, bounds);
}

bool Store::touch(std::string_view key, std::int64_t expires, std::int64_t now) {
  collect_expired(now);
  const Index index = find(key);
  if (index == none || expired(records_[index], now)) return false;
  if (expires <= now && !keeps_expired()) {
    remove(index);
  } else {
    set_expiry(index, expires);
  }
  return true;
}

bool Store::erase(std::string_view key, std::int64_t now) {
  collect_expired(now);
  // Django does not check whether the entry has expired.
  const Index index = keeps_expired() ? find(key) : find_live(key, now);
  if (index == none) return false;
  remove(index);
  return true;
}

Stored Store::move(std::string_view from, std::string_view to, std::int64_t expires,
                   std::int64_t now, const EntryBounds& bounds) {
  std::string_view found;
  if (!get(from, now, found)) return Stored::missing;
  const std::string value(found);  // the store may move the bytes it refers to
  const Stored stored = set(to, {value, {}}, expires, now, bounds);
  if (stored == Stored::yes) erase(from, now);
  return stored;
}

void Store::clear() {
  arena_.reset();
  records_.reset();
  table_.reset();
  eviction_.reset();
  wheel_.reset();
  payload_ = 0;
}

Stored Store::put(std::string_view key, std::uint32_t hash, const Bytes& value,
                  std::int64_t expires, const EntryBounds& bounds) {
  if (!fits(key.size(), value.size())) {
    ++counters_.refused_too_large;
    return Stored::too_large;
  }
  make_room(key, hash, key.size() + value.size(), bounds);
  ++counters_.sets;
  if (const Index index = find(key, hash); index != none) {
    replace(index, key, value);
    set_expiry(index, expires);
    eviction_.hit(index);
  } else {
    create(key, hash, value, expires);
  }
  return Stored::yes;
}

void Store::create(std::string_view key, std::uint32_t hash, const Bytes& value,
                   std::int64_t expires) {
  const std::size_t size = key.size() + value.size();
  table_.reserve_one();
  const Index index = records_.take();
  Record& record = records_[index];
  try {
    record.block = arena_.allocate(index, size);
  } catch (const std::bad_alloc&) {
    records_.give_back(index);
    throw;
  }
  record.hash = hash;
  record.key_size = key.size() & key_bytes_max;
  record.timed = 0;
  write(Arena::data(record.block), key, value);
  table_.insert(index);
  eviction_.insert(index, charge(index));
  set_expiry(index, expires);
  payload_ += size;
}

void Store::replace(Index index, std::string_view key, const Bytes& value) {
  Record& record = records_[index];
  const std::size_t before = Arena::size(record.block);
  const std::size_t after = key.size() + value.size();
  if (before != after) {
    const std::size_t old_charge = charge(index);
    arena_.release(record.block);
    try {
      record.block = arena_.allocate(index, after);
    } catch (const std::bad_alloc&) {
      // The memory of the old value is freed, and there is none for the new one.
      forget(index, old_charge);
      payload_ -= before;
      throw;
    }
    eviction_.recharge(index, old_charge, charge(index));
    payload_ += after - before;
  }
  write(Arena::data(record.block), key, value);
}

void Store::set_expiry(Index index, std::int64_t expires) {
  Record& record = records_[index];
  if (record.timed != 0) wheel_.remove(index);
  record.expires = expires;
  if (expires != never && !keeps_expired()) wheel_.add(index);
}

void Store::remove(Index index) {
  char* const block = records_[index].block;
  forget(index, charge(index));
  payload_ -= Arena::size(block);
  arena_.release(block);
}

// Removes all of an entry except its block.
void Store::forget(Index index, std::size_t charged) {
  if (records_[index].timed != 0) wheel_.remove(index);
  table_.erase(index);
  eviction_.remove(index, charged);
  records_.give_back(index);
}

void Store::collect_expired(std::int64_t now) {
  if (keeps_expired()) return;
  wheel_.advance(now, collected_at_most, [this](Index index) {
    ++counters_.expired_unmet;
    remove(index);
  });
}

// --- Bounds.

bool Store::fits(std::size_t key_size, std::size_t value_size) const {
  if (key_size > key_bytes_max || value_size > Arena::size_max - key_size) return false;
  if (options_.max_bytes == 0) return true;
  // The only entry of the store.
  const std::size_t live = arena_.footprint(key_size + value_size);
  return live + live / 8 + arena_.slack() + Records::chunk_bytes + 1024 + sizeof(*this) <=
         options_.max_bytes;
}

// Makes room for a value under `key`, whose own entry may be evicted for it, as in Django.
void Store::make_room(std::string_view key, std::uint32_t hash, std::size_t size,
                      const EntryBounds& bounds) {
  Index index = find(key, hash);
  const std::size_t entries_at_most =
      std::clamp<std::size_t>(bounds.max_entries, 1, entries_max - 1);
  if (keeps_expired()) {
    if (entries() >= bounds.max_entries) cull(bounds);
    index = find(key, hash);
  }
  while (index == none && entries() >= entries_at_most) evict(counters_.evicted_for_entries);
  if (options_.max_bytes == 0) return;
  index = find(key, hash);
  while (entries() > 0 && !has_room(index, size)) {
    evict(counters_.evicted_for_bytes);
    index = find(key, hash);
  }
  // The tables of many small entries may take the memory that a large one needs.
  if (entries() == 0 && !has_room(none, size)) clear();
}

// LocMemCache._cull. Where Django would drop nothing (fewer entries than CULL_FREQUENCY) and exceed
// MAX_ENTRIES, make_room() drops one.
void Store::cull(const EntryBounds& bounds) {
  std::size_t count = bounds.cull_frequency == 0 ? entries() : entries() / bounds.cull_frequency;
  for (; count > 0; --count) evict(counters_.evicted_for_entries);
}

// The most that the store may hold with this many bytes of live blocks; see Arena.
std::size_t Store::worst_case(std::size_t live_bytes) const {
  return live_bytes + live_bytes / 8 + arena_.slack() + records_.allocated() + table_.allocated() +
         eviction_.allocated() + sizeof(*this);
}

bool Store::has_room(Index replaced, std::size_t size) const {
  std::size_t live = arena_.live() + arena_.footprint(size);
  std::size_t growth = eviction_.growth(entries() + 1);
  if (replaced != none) {
    live -= arena_.footprint(Arena::size(records_[replaced].block));
  } else {
    growth += records_.growth() + table_.growth();
  }
  return worst_case(live) + growth <= options_.max_bytes;
}

void Store::evict(std::uint64_t& cause) {
  ++cause;
  remove(eviction_.victim([this](Index index) { return charge(index); }));
}

}  // namespace djcache::memory
