// What django-redis adds to Django's operations, as redis commands.
#include <initializer_list>

#include "calls.h"
#include "redis/redis_backend.h"

namespace djcache::redis {

namespace {

constexpr std::int64_t second = 1000;

std::string milliseconds_of(const Expiry& expiry) {
  return expiry.forever ? std::string() : std::to_string(expiry.milliseconds);
}

}  // namespace

void RedisBackend::send(link::Pool& pool, std::string_view affinity,
                        std::initializer_list<std::string_view> arguments, Shape shape,
                        bool idempotent, const CallOptions& options, Call* call) {
  send(pool, affinity, std::span(arguments.begin(), arguments.size()), shape, idempotent, options,
       call);
}

void RedisBackend::send(link::Pool& pool, std::string_view affinity,
                        std::span<const std::string_view> arguments, Shape shape, bool idempotent,
                        const CallOptions& options, Call* call) {
  std::size_t payload = 0;
  for (const std::string_view argument : arguments) payload += argument.size();
  const std::size_t bound = resp::command_bound(arguments.size(), payload);
  if (bound > UINT32_MAX || !pool.admits(bound)) return refuse(pool, bound, call);
  link::Connection& connection = pool.route(affinity, options.continuation);
  pool.prepare(connection);
  char* const begin = connection.out().reserve(bound);
  resp::Encoder encoder(begin);
  encoder.array(arguments.size());
  for (const std::string_view argument : arguments) encoder.bulk(argument);
  link::Slot slot;
  slot.call = call;
  slot.bytes = static_cast<std::uint32_t>(encoder.end() - begin);
  slot.limit_ms = options.limit_ms;
  slot.shape = static_cast<std::uint8_t>(shape);
  slot.idempotent = idempotent;
  slot.continuation = options.continuation;
  slot.script = is_script(shape);
  connection.out().commit(slot.bytes);
  pool.submit(connection, slot);
}

void RedisBackend::run_script(std::string_view script, const Key& key,
                              std::initializer_list<std::string_view> arguments, bool idempotent,
                              const CallOptions& options, Call* call) {
  std::vector<std::string_view> all{"EVAL", script, "1", key.made};
  all.insert(all.end(), arguments.begin(), arguments.end());
  send(primary(), key.affinity, all, Shape::script_flag, idempotent, options, call);
}

void RedisBackend::replace(const Key& key, const codec::Encoded& value, const Expiry& expiry,
                           const CallOptions& options, Call* call) {
  if (!expiry.forever && expiry.milliseconds < second) return erase(key, options, call);
  const std::string life = std::to_string(expiry.milliseconds / second);
  // Large values go in two pieces everywhere else; here one copy does no harm.
  std::string bytes(value.head);
  bytes += value.body;
  if (expiry.forever) {
    return send(primary(), key.affinity, {"SET", key.made, bytes, "XX"}, Shape::stored_or_nil, true,
                options, call);
  }
  send(primary(), key.affinity, {"SET", key.made, bytes, "EX", life, "XX"}, Shape::stored_or_nil,
       true, options, call);
}

void RedisBackend::expire_in(const Key& key, std::int64_t milliseconds, const CallOptions& options,
                             Call* call) {
  send(primary(), key.affinity, {"PEXPIRE", key.made, std::to_string(milliseconds)}, Shape::flag,
       milliseconds > 0, options, call);
}

void RedisBackend::expire_at(const Key& key, std::int64_t unix_ms, const CallOptions& options,
                             Call* call) {
  // Not idempotent: a moment that has passed deletes, and the second time there is nothing left.
  send(primary(), key.affinity, {"PEXPIREAT", key.made, std::to_string(unix_ms)}, Shape::flag,
       false, options, call);
}

void RedisBackend::persist(const Key& key, const CallOptions& options, Call* call) {
  send(primary(), key.affinity, {"PERSIST", key.made}, Shape::flag, false, options, call);
}

void RedisBackend::scan(std::string_view cursor, std::string_view pattern, std::size_t count,
                        const CallOptions& options, Call* call) {
  // A cursor means something to the server that gave it alone, so replicas are not asked.
  send(primary(), {}, {"SCAN", cursor, "MATCH", pattern, "COUNT", std::to_string(count)},
       Shape::page, true, options, call);
}

void RedisBackend::lock(const Key& key, std::string_view token, const Expiry& expiry,
                        const CallOptions& options, Call* call) {
  // Sent again, it would find the token that the first one left.
  if (expiry.forever) {
    return send(primary(), key.affinity, {"SET", key.made, token, "NX"}, Shape::stored_or_nil,
                false, options, call);
  }
  send(primary(), key.affinity, {"SET", key.made, token, "NX", "PX", milliseconds_of(expiry)},
       Shape::stored_or_nil, false, options, call);
}

void RedisBackend::unlock(const Key& key, std::string_view token, const CallOptions& options,
                          Call* call) {
  run_script(unlock_script, key, {token}, false, options, call);
}

void RedisBackend::prolong(const Key& key, std::string_view token, std::int64_t milliseconds,
                           bool more, const CallOptions& options, Call* call) {
  run_script(more ? extend_script : renew_script, key, {token, std::to_string(milliseconds)}, !more,
             options, call);
}

void RedisBackend::holds(const Key& key, std::string_view token, const CallOptions& options,
                         Call* call) {
  run_script(holds_script, key, {token}, true, options, call);
}

}  // namespace djcache::redis
