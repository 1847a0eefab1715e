#include "redis/redis_backend.h"

#include <algorithm>
#include <optional>

#include "calls.h"
#include "redis/join.h"
#include "redis/scripts.h"

namespace djcache::redis {

namespace {

// Django's redis backend knows whole seconds only: int(timeout), never below 0.
std::int64_t seconds(const Expiry& expiry) {
  return std::max<std::int64_t>(0, expiry.milliseconds / 1000);
}

constexpr std::size_t number_bound = 20;

}  // namespace

RedisBackend::RedisBackend(std::vector<link::Pool*> pools, Calls& calls, std::uint64_t seed)
    : pools_(std::move(pools)), calls_(calls), random_(seed | 1) {}

link::Pool& RedisBackend::reader(const CallOptions& options) {
  if (pools_.size() == 1 || options.primary) return primary();
  random_ ^= random_ << 13;
  random_ ^= random_ >> 7;
  random_ ^= random_ << 17;
  return *pools_[1 + (random_ >> 33) % (pools_.size() - 1)];
}

[[gnu::always_inline]] inline RedisBackend::Draft RedisBackend::draft(
    link::Pool& pool, std::string_view affinity, const CallOptions& options, std::size_t arguments,
    std::size_t payload, Call* call) {
  const std::size_t bound = resp::command_bound(arguments, payload);
  if (bound > UINT32_MAX || !pool.admits(bound)) [[unlikely]] {
    refuse(pool, bound, call);
    return {};
  }
  link::Connection& connection = pool.route(affinity, options.continuation);
  pool.prepare(connection);
  return {&connection, connection.out().reserve(bound)};
}

[[gnu::cold, gnu::noinline]] void RedisBackend::refuse(link::Pool& pool, std::size_t bound,
                                                       Call* call) {
  calls_.defer(call, bound > UINT32_MAX
                         ? Error{Errc::value_too_large, "the command is larger than 4 GiB"}
                         : pool.refusal(bound));
}

[[gnu::always_inline]] inline void RedisBackend::submit(link::Pool& pool, const Draft& draft,
                                                        const resp::Encoder& encoder, Shape shape,
                                                        bool idempotent, const CallOptions& options,
                                                        Call* call, std::uint32_t replies) {
  link::Slot slot;
  slot.call = call;
  slot.bytes = static_cast<std::uint32_t>(encoder.end() - draft.begin);
  slot.replies = replies;
  slot.limit_ms = options.limit_ms;
  slot.shape = static_cast<std::uint8_t>(shape);
  slot.idempotent = idempotent;
  slot.continuation = options.continuation;
  slot.script = is_script(shape);
  slot.loose = shape == Shape::transaction || replies > 1;
  draft.connection->out().commit(slot.bytes);
  pool.submit(*draft.connection, slot);
}

template <std::size_t size>
[[gnu::always_inline]] inline void RedisBackend::one_key(link::Pool& pool,
                                                         const char (&constant)[size],
                                                         const Key& key, Shape shape,
                                                         bool idempotent,
                                                         const CallOptions& options, Call* call) {
  const Draft to = draft(pool, key.affinity, options, 2, size + key.made.size(), call);
  if (to.connection == nullptr) return;
  submit(pool, to, resp::Encoder(to.begin).raw(constant).bulk(key.made), shape, idempotent, options,
         call);
}

void RedisBackend::get(const Key& key, const CallOptions& options, Call* call) {
  one_key(reader(options), "*2\r\n$3\r\nGET\r\n", key, Shape::bytes_or_nil, true, options, call);
}

void RedisBackend::has_key(const Key& key, const CallOptions& options, Call* call) {
  one_key(reader(options), "*2\r\n$6\r\nEXISTS\r\n", key, Shape::flag, true, options, call);
}

void RedisBackend::remaining(const Key& key, const CallOptions& options, Call* call) {
  // -1 and -2 stand for what has no expiry and what is not there.
  one_key(reader(options), "*2\r\n$4\r\nPTTL\r\n", key, Shape::flag, true, options, call);
}

void RedisBackend::erase(const Key& key, const CallOptions& options, Call* call) {
  // Not idempotent: a second DEL would answer that the key was not there.
  one_key(primary(), "*2\r\n$3\r\nDEL\r\n", key, Shape::flag, false, options, call);
}

void RedisBackend::set(const Key& key, const codec::Encoded& value, const Expiry& expiry,
                       const CallOptions& options, Call* call) {
  const std::int64_t life = seconds(expiry);
  if (!expiry.forever && life == 0) {
    return one_key(primary(), "*2\r\n$3\r\nDEL\r\n", key, Shape::done, true, options, call);
  }
  const Draft to = draft(primary(), key.affinity, options, 5,
                         key.made.size() + value.size() + number_bound, call);
  if (to.connection == nullptr) return;
  resp::Encoder encoder(to.begin);
  encoder.raw("*?\r\n$3\r\nSET\r\n").bulk(key.made).bulk(value.head, value.body);
  to.begin[1] = expiry.forever ? '3' : '5';
  if (!expiry.forever) encoder.raw("$2\r\nEX\r\n").bulk_integer(life);
  submit(primary(), to, encoder, Shape::done, true, options, call);
}

void RedisBackend::add(const Key& key, const codec::Encoded& value, const Expiry& expiry,
                       const CallOptions& options, Call* call) {
  const std::int64_t life = seconds(expiry);
  if (!expiry.forever && life == 0) {
    // Django stores and deletes at once: what remains is whether the key was absent.
    return one_key(primary(), "*2\r\n$6\r\nEXISTS\r\n", key, Shape::absent, true, options, call);
  }
  const Draft to = draft(primary(), key.affinity, options, 6,
                         key.made.size() + value.size() + number_bound, call);
  if (to.connection == nullptr) return;
  resp::Encoder encoder(to.begin);
  encoder.raw("*?\r\n$3\r\nSET\r\n").bulk(key.made).bulk(value.head, value.body);
  to.begin[1] = expiry.forever ? '4' : '6';
  if (!expiry.forever) encoder.raw("$2\r\nEX\r\n").bulk_integer(life);
  encoder.raw("$2\r\nNX\r\n");
  submit(primary(), to, encoder, Shape::stored_or_nil, false, options, call);
}

void RedisBackend::touch(const Key& key, const Expiry& expiry, const CallOptions& options,
                         Call* call) {
  if (expiry.forever) {
    // Not idempotent: a second PERSIST finds no expiry to remove.
    return one_key(primary(), "*2\r\n$7\r\nPERSIST\r\n", key, Shape::flag, false, options, call);
  }
  const Draft to = draft(primary(), key.affinity, options, 3, key.made.size() + number_bound, call);
  if (to.connection == nullptr) return;
  const std::int64_t life = seconds(expiry);
  submit(primary(), to,
         resp::Encoder(to.begin).raw("*3\r\n$6\r\nEXPIRE\r\n").bulk(key.made).bulk_integer(life),
         Shape::flag, life > 0, options, call);
}

void RedisBackend::incr(const Key& key, std::int64_t delta, const CallOptions& options,
                        Call* call) {
  const Draft to = draft(primary(), key.affinity, options, 5,
                         incr_script.size() + key.made.size() + number_bound, call);
  if (to.connection == nullptr) return;
  resp::Encoder encoder(to.begin);
  encoder.raw("*5\r\n$4\r\nEVAL\r\n")
      .bulk(incr_script)
      .raw("$1\r\n1\r\n")
      .bulk(key.made)
      .bulk_integer(delta);
  submit(primary(), to, encoder, Shape::script_integer, false, options, call);
}

void RedisBackend::move(const Key& from, const Key& to_key, const Expiry& expiry,
                        const CallOptions& options, Call* call) {
  const Draft to =
      draft(primary(), from.affinity, options, 6,
            move_script.size() + from.made.size() + to_key.made.size() + number_bound, call);
  if (to.connection == nullptr) return;
  resp::Encoder encoder(to.begin);
  encoder.raw("*6\r\n$4\r\nEVAL\r\n")
      .bulk(move_script)
      .raw("$1\r\n2\r\n")
      .bulk(from.made)
      .bulk(to_key.made);
  if (expiry.keep || expiry.forever) {
    encoder.bulk(expiry.keep ? "keep" : "");
  } else {
    encoder.bulk_integer(seconds(expiry));
  }
  submit(primary(), to, encoder, Shape::script_flag, false, options, call);
}

void RedisBackend::clear(const CallOptions& options, Call* call) {
  // Not idempotent: sent twice it would also take what others wrote in between.
  const Draft to = draft(primary(), {}, options, 1, 7, call);
  if (to.connection == nullptr) return;
  submit(primary(), to, resp::Encoder(to.begin).raw("*1\r\n$7\r\nFLUSHDB\r\n"), Shape::done, false,
         options, call);
}

// --- Many keys.

void RedisBackend::get_many(std::span<const Key> keys, const CallOptions& options, Call* call) {
  link::Pool& pool = reader(options);
  if (pool.connections_max() == 1) return get_group(pool, keys, options, call);
  Groups<Key> groups(pool, keys, [](const Key& key) { return key.affinity; });
  if (groups.single()) return get_group(pool, keys, options, call);
  Join* join = Join::start(calls_, call, keys.size());
  join->issue([&] {
    groups.each([&](std::span<const Key> part, const std::vector<std::size_t>& places) {
      join->part(places, [&](Call* of) { get_group(pool, part, options, of); });
    });
  });
}

void RedisBackend::get_group(link::Pool& pool, std::span<const Key> keys,
                             const CallOptions& options, Call* call) {
  std::size_t payload = 4;
  for (const Key& key : keys) payload += key.made.size();
  const Draft to = draft(pool, keys.front().affinity, options, keys.size() + 1, payload, call);
  if (to.connection == nullptr) return;
  resp::Encoder encoder(to.begin);
  encoder.array(keys.size() + 1).raw("$4\r\nMGET\r\n");
  for (const Key& key : keys) encoder.bulk(key.made);
  submit(pool, to, encoder, Shape::many, true, options, call);
}

void RedisBackend::erase_many(std::span<const Key> keys, const CallOptions& options, Call* call) {
  if (primary().connections_max() == 1) return erase_group(keys, options, call);
  Groups<Key> groups(primary(), keys, [](const Key& key) { return key.affinity; });
  if (groups.single()) return erase_group(keys, options, call);
  Join* join = Join::start(calls_, call, 0);
  join->issue([&] {
    groups.each([&](std::span<const Key> part, const std::vector<std::size_t>& places) {
      join->part(places, [&](Call* of) { erase_group(part, options, of); });
    });
  });
}

void RedisBackend::erase_group(std::span<const Key> keys, const CallOptions& options, Call* call) {
  std::size_t payload = 3;
  for (const Key& key : keys) payload += key.made.size();
  const Draft to = draft(primary(), keys.front().affinity, options, keys.size() + 1, payload, call);
  if (to.connection == nullptr) return;
  resp::Encoder encoder(to.begin);
  encoder.array(keys.size() + 1).raw("$3\r\nDEL\r\n");
  for (const Key& key : keys) encoder.bulk(key.made);
  submit(primary(), to, encoder, Shape::done, true, options, call);
}

void RedisBackend::set_many(std::span<const StoredEntry> entries, const Expiry& expiry,
                            const CallOptions& options, Call* call) {
  if (primary().connections_max() == 1) return set_group(entries, expiry, options, call);
  Groups<StoredEntry> groups(primary(), entries,
                             [](const StoredEntry& entry) { return entry.key.affinity; });
  if (groups.single()) return set_group(entries, expiry, options, call);
  Join* join = Join::start(calls_, call, 0);
  join->issue([&] {
    groups.each([&](std::span<const StoredEntry> part, const std::vector<std::size_t>& places) {
      join->part(places, [&](Call* of) { set_group(part, expiry, options, of); });
    });
  });
}

void RedisBackend::set_group(std::span<const StoredEntry> entries, const Expiry& expiry,
                             const CallOptions& options, Call* call) {
  const std::int64_t life = seconds(expiry);
  if (!expiry.forever && life == 0) {
    std::vector<Key> keys;
    for (const StoredEntry& entry : entries) keys.push_back(entry.key);
    return erase_group(keys, options, call);
  }
  if (!expiry.forever) return set_entries_with_expiry(entries, life, options, call);
  std::size_t payload = 4;
  for (const StoredEntry& entry : entries) payload += entry.key.made.size() + entry.bytes.size();
  const std::size_t arguments = entries.size() * 2 + 1;
  const Draft to =
      draft(primary(), entries.front().key.affinity, options, arguments, payload, call);
  if (to.connection == nullptr) return;
  resp::Encoder encoder(to.begin);
  encoder.array(arguments).raw("$4\r\nMSET\r\n");
  for (const StoredEntry& entry : entries) encoder.bulk(entry.key.made).bulk(entry.bytes);
  submit(primary(), to, encoder, Shape::done, true, options, call);
}

// MULTI, SET EX each, EXEC: all or nothing as Django's MSET and EXPIREs, leaving the same entries. Where the
// server refuses MULTI, the SETs alone.
void RedisBackend::set_entries_with_expiry(std::span<const StoredEntry> entries, std::int64_t life,
                                           const CallOptions& options, Call* call) {
  std::size_t payload = 16;
  for (const StoredEntry& entry : entries) {
    payload += entry.key.made.size() + entry.bytes.size() + number_bound + 8;
  }
  const Draft to = draft(primary(), entries.front().key.affinity, options, entries.size() * 6 + 4,
                         payload, call);
  if (to.connection == nullptr) return;
  resp::Encoder encoder(to.begin);
  const bool whole = to.connection->takes_transactions();
  if (whole) encoder.raw("*1\r\n$5\r\nMULTI\r\n");
  for (const StoredEntry& entry : entries) {
    encoder.raw("*5\r\n$3\r\nSET\r\n")
        .bulk(entry.key.made)
        .bulk(entry.bytes)
        .raw("$2\r\nEX\r\n")
        .bulk_integer(life);
  }
  if (whole) encoder.raw("*1\r\n$4\r\nEXEC\r\n");
  submit(primary(), to, encoder, whole ? Shape::transaction : Shape::done, true, options, call,
         static_cast<std::uint32_t>(entries.size()) + (whole ? 2 : 0));
}

}  // namespace djcache::redis
