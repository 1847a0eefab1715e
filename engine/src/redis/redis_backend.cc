#include "redis/redis_backend.h"

#include <algorithm>
#include <optional>

#include "calls.h"
#include "redis/join.h"
#include "redis/scripts.h"

namespace djcache::redis {

namespace {

// Django's redis backend only knows whole seconds: int(timeout), never below 0.
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
                                                        const resp::Encoder& encoder,
                                                        const How& how, const CallOptions& options,
                                                        Call* call) {
  link::Slot slot;
  slot.call = call;
  slot.handler = &how.reading;
  slot.bytes = static_cast<std::uint32_t>(encoder.end() - draft.begin);
  slot.replies = how.replies;
  slot.limit_ms = options.limit_ms;
  slot.idempotent = how.idempotent;
  slot.continuation = options.continuation;
  slot.script = &how.reading == &script_integer || &how.reading == &script_flag;
  slot.loose = &how.reading == &transaction || how.replies > 1;
  draft.connection->out().commit(slot.bytes);
  pool.submit(*draft.connection, slot);
}

template <std::size_t size>
[[gnu::always_inline]] inline void RedisBackend::one_key(link::Pool& pool,
                                                         const char (&constant)[size],
                                                         const Request& request, const How& how,
                                                         Call* call) {
  const Key& key = request.key;
  const Draft to = draft(pool, key.affinity, request.options, 2, size + key.made.size(), call);
  if (to.connection == nullptr) return;
  submit(pool, to, resp::Encoder(to.begin).raw(constant).bulk(key.made), how, request.options,
         call);
}

// GET and SET are the common verbs. Functions of their own spare them the registers and the stack
// frame that the other verbs need.
void RedisBackend::ask(const Request& request, Call* call) {
  if (request.verb == Verb::get) return get(request, call);
  if (request.verb == Verb::set) return set(request, call);
  ask_otherwise(request, call);
}

// These must not be executed twice: a second DEL would report the key as missing, a second PERSIST
// finds no expiry to remove, a second FLUSHDB also deletes what others wrote in between, and after
// a PEXPIREAT in the past nothing is left for a second one to delete.
[[gnu::noinline]] void RedisBackend::ask_otherwise(const Request& request, Call* call) {
  const std::string_view made = request.key.made;
  switch (request.verb) {
    case Verb::get:
    case Verb::set:
      return;  // ask() has taken them
    case Verb::add:
      return add(request, call);
    case Verb::touch:
      return touch(request, call);
    case Verb::erase:
      return one_key(primary(), "*2\r\n$3\r\nDEL\r\n", request, {flag, false}, call);
    case Verb::has_key:
      return one_key(reader(request.options), "*2\r\n$6\r\nEXISTS\r\n", request, {flag, true},
                     call);
    case Verb::incr:
      return incr(request, call);
    case Verb::move:
      return move(request, call);
    case Verb::clear:
      return send(request, {"FLUSHDB"}, {done, false}, call);
    case Verb::remaining:  // -1 and -2 mean no expiry and no entry
      return one_key(reader(request.options), "*2\r\n$4\r\nPTTL\r\n", request, {flag, true}, call);
    case Verb::replace:
      return replace(request, call);
    case Verb::expire_in:
      return send(request, {"PEXPIRE", made, std::to_string(request.number)},
                  {flag, request.number > 0}, call);
    case Verb::expire_at:
      return send(request, {"PEXPIREAT", made, std::to_string(request.number)}, {flag, false},
                  call);
    case Verb::persist:
      return one_key(primary(), "*2\r\n$7\r\nPERSIST\r\n", request, {flag, false}, call);
    case Verb::
        scan:  // a cursor is only valid on the server that returned it: replicas are not asked
      return send(request,
                  {"SCAN", made, "MATCH", request.text, "COUNT", std::to_string(request.number)},
                  {page, true}, call);
    case Verb::lock:
      return lock(request, call);
    case Verb::unlock:
      return run_script(unlock_script, request, false, call);
    case Verb::extend:
      return run_script(extend_script, request, false, call, true);
    case Verb::renew:
      return run_script(renew_script, request, true, call, true);
    case Verb::holds:
      return run_script(holds_script, request, true, call);
  }
}

[[gnu::noinline]] void RedisBackend::get(const Request& request, Call* call) {
  one_key(reader(request.options), "*2\r\n$3\r\nGET\r\n", request, {bytes_or_nil, true}, call);
}

// With a ttl below a second nothing is stored.
[[gnu::noinline]] void RedisBackend::set_absent(const Request& request, Call* call) {
  one_key(primary(), "*2\r\n$3\r\nDEL\r\n", request, {done, true}, call);
}

[[gnu::noinline]] void RedisBackend::set(const Request& request, Call* call) {
  const Key& key = request.key;
  const Expiry& expiry = request.expiry;
  const std::int64_t life = seconds(expiry);
  if (!expiry.forever && life == 0) return set_absent(request, call);
  const Draft to = draft(primary(), key.affinity, request.options, 5,
                         key.made.size() + request.value.size() + number_bound, call);
  if (to.connection == nullptr) return;
  resp::Encoder encoder(to.begin);
  encoder.raw("*?\r\n$3\r\nSET\r\n").bulk(key.made).bulk(request.value.head, request.value.body);
  to.begin[1] = expiry.forever ? '3' : '5';
  if (!expiry.forever) ex_.write(life, encoder);
  submit(primary(), to, encoder, {done, true}, request.options, call);
}

void RedisBackend::add(const Request& request, Call* call) {
  const Key& key = request.key;
  const Expiry& expiry = request.expiry;
  const std::int64_t life = seconds(expiry);
  if (!expiry.forever && life == 0) {
    // Django stores and deletes at once: the result only depends on whether the key was absent.
    return one_key(primary(), "*2\r\n$6\r\nEXISTS\r\n", request, {absent, true}, call);
  }
  const Draft to = draft(primary(), key.affinity, request.options, 6,
                         key.made.size() + request.value.size() + number_bound, call);
  if (to.connection == nullptr) return;
  resp::Encoder encoder(to.begin);
  encoder.raw("*?\r\n$3\r\nSET\r\n").bulk(key.made).bulk(request.value.head, request.value.body);
  to.begin[1] = expiry.forever ? '4' : '6';
  if (!expiry.forever) encoder.raw("$2\r\nEX\r\n").bulk_integer(life);
  encoder.raw("$2\r\nNX\r\n");
  submit(primary(), to, encoder, {stored_or_nil, false}, request.options, call);
}

void RedisBackend::touch(const Request& request, Call* call) {
  const Key& key = request.key;
  if (request.expiry.forever) {
    return one_key(primary(), "*2\r\n$7\r\nPERSIST\r\n", request, {flag, false}, call);
  }
  const Draft to =
      draft(primary(), key.affinity, request.options, 3, key.made.size() + number_bound, call);
  if (to.connection == nullptr) return;
  const std::int64_t life = seconds(request.expiry);
  submit(primary(), to,
         resp::Encoder(to.begin).raw("*3\r\n$6\r\nEXPIRE\r\n").bulk(key.made).bulk_integer(life),
         {flag, life > 0}, request.options, call);
}

void RedisBackend::incr(const Request& request, Call* call) {
  const Key& key = request.key;
  const Draft to = draft(primary(), key.affinity, request.options, 5,
                         incr_script.size() + key.made.size() + number_bound, call);
  if (to.connection == nullptr) return;
  resp::Encoder encoder(to.begin);
  encoder.raw("*5\r\n$4\r\nEVAL\r\n")
      .bulk(incr_script)
      .raw("$1\r\n1\r\n")
      .bulk(key.made)
      .bulk_integer(request.number);
  submit(primary(), to, encoder, {script_integer, false}, request.options, call);
}

void RedisBackend::move(const Request& request, Call* call) {
  const Expiry& expiry = request.expiry;
  const std::string life = expiry.keep      ? "keep"
                           : expiry.forever ? ""
                                            : std::to_string(seconds(expiry));
  send(request, {"EVAL", move_script, "2", request.key.made, request.text, life},
       {script_flag, false}, call);
}

// --- Many keys.

void RedisBackend::ask_many(const ManyRequest& request, Call* call) {
  link::Pool& pool = request.verb == ManyVerb::get ? reader(request.options) : primary();
  if (pool.connections_max() == 1) return ask_group(pool, request, call);
  if (request.verb == ManyVerb::set) {
    return ask_groups(pool, request, &ManyRequest::entries, call);
  }
  ask_groups(pool, request, &ManyRequest::keys, call);
}

void RedisBackend::ask_group(link::Pool& pool, const ManyRequest& request, Call* call) {
  switch (request.verb) {
    case ManyVerb::get:
      return get_group(pool, request, call);
    case ManyVerb::set:
      return set_group(request, call);
    case ManyVerb::erase:
      return erase_group(request, call);
  }
}

template <class Item>
void RedisBackend::ask_groups(link::Pool& pool, const ManyRequest& request,
                              std::span<const Item> ManyRequest::*items, Call* call) {
  Groups<Item> groups(pool, request.*items);
  if (groups.single()) return ask_group(pool, request, call);
  Join* join = Join::start(calls_, call, request.verb == ManyVerb::get ? request.keys.size() : 0);
  join->issue([&] {
    groups.each([&](std::span<const Item> part, const std::vector<std::size_t>& places) {
      ManyRequest group = request;
      group.*items = part;
      join->part(places, [&](Call* of) { ask_group(pool, group, of); });
    });
  });
}

void RedisBackend::get_group(link::Pool& pool, const ManyRequest& request, Call* call) {
  const std::span<const Key> keys = request.keys;
  std::size_t payload = 4;
  for (const Key& key : keys) payload += key.made.size();
  const Draft to =
      draft(pool, keys.front().affinity, request.options, keys.size() + 1, payload, call);
  if (to.connection == nullptr) return;
  resp::Encoder encoder(to.begin);
  encoder.array(keys.size() + 1).raw("$4\r\nMGET\r\n");
  for (const Key& key : keys) encoder.bulk(key.made);
  submit(pool, to, encoder, {many, true}, request.options, call);
}

void RedisBackend::erase_group(const ManyRequest& request, Call* call) {
  const std::span<const Key> keys = request.keys;
  std::size_t payload = 3;
  for (const Key& key : keys) payload += key.made.size();
  const Draft to =
      draft(primary(), keys.front().affinity, request.options, keys.size() + 1, payload, call);
  if (to.connection == nullptr) return;
  resp::Encoder encoder(to.begin);
  encoder.array(keys.size() + 1).raw("$3\r\nDEL\r\n");
  for (const Key& key : keys) encoder.bulk(key.made);
  submit(primary(), to, encoder, {done, true}, request.options, call);
}

void RedisBackend::set_group(const ManyRequest& request, Call* call) {
  const std::span<const StoredEntry> entries = request.entries;
  const std::int64_t life = seconds(request.expiry);
  if (!request.expiry.forever && life == 0) {
    std::vector<Key> keys;
    for (const StoredEntry& entry : entries) keys.push_back(entry.key);
    return erase_group({.verb = ManyVerb::erase, .keys = keys, .options = request.options}, call);
  }
  if (!request.expiry.forever) return set_entries_with_expiry(request, life, call);
  std::size_t payload = 4;
  for (const StoredEntry& entry : entries) payload += entry.key.made.size() + entry.bytes.size();
  const std::size_t arguments = entries.size() * 2 + 1;
  const Draft to =
      draft(primary(), entries.front().key.affinity, request.options, arguments, payload, call);
  if (to.connection == nullptr) return;
  resp::Encoder encoder(to.begin);
  encoder.array(arguments).raw("$4\r\nMSET\r\n");
  for (const StoredEntry& entry : entries) encoder.bulk(entry.key.made).bulk(entry.bytes);
  submit(primary(), to, encoder, {done, true}, request.options, call);
}

// MULTI, SET EX each, EXEC: all or nothing like Django's MSET and EXPIREs, leaving the same
// entries. If the server refuses MULTI, the SETs alone.
void RedisBackend::set_entries_with_expiry(const ManyRequest& request, std::int64_t life,
                                           Call* call) {
  const std::span<const StoredEntry> entries = request.entries;
  std::size_t payload = 16;
  for (const StoredEntry& entry : entries) {
    payload += entry.key.made.size() + entry.bytes.size() + number_bound + 8;
  }
  const Draft to = draft(primary(), entries.front().key.affinity, request.options,
                         entries.size() * 6 + 4, payload, call);
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
  submit(primary(), to, encoder,
         {whole ? transaction : done, true,
          static_cast<std::uint32_t>(entries.size()) + (whole ? 2 : 0)},
         request.options, call);
}

// --- Rare operations, written for brevity rather than speed.

void RedisBackend::send(std::string_view affinity, std::span<const std::string_view> arguments,
                        const How& how, const CallOptions& options, Call* call) {
  std::size_t payload = 0;
  for (const std::string_view argument : arguments) payload += argument.size();
  const Draft to = draft(primary(), affinity, options, arguments.size(), payload, call);
  if (to.connection == nullptr) return;
  resp::Encoder encoder(to.begin);
  encoder.array(arguments.size());
  for (const std::string_view argument : arguments) encoder.bulk(argument);
  submit(primary(), to, encoder, how, options, call);
}

void RedisBackend::send(const Request& request, std::initializer_list<std::string_view> arguments,
                        const How& how, Call* call) {
  send(request.key.affinity, {arguments.begin(), arguments.size()}, how, request.options, call);
}

void RedisBackend::run_script(std::string_view script, const Request& request, bool idempotent,
                              Call* call, bool with_number) {
  const std::string number = std::to_string(request.number);
  const std::string_view words[] = {"EVAL", script, "1", request.key.made, request.text, number};
  send(request.key.affinity, std::span(words).first(with_number ? 6 : 5), {script_flag, idempotent},
       request.options, call);
}

void RedisBackend::replace(const Request& request, Call* call) {
  const std::string_view made = request.key.made;
  const std::int64_t life = seconds(request.expiry);
  if (!request.expiry.forever && life == 0) {
    return one_key(primary(), "*2\r\n$3\r\nDEL\r\n", request, {flag, false}, call);
  }
  // Elsewhere large values are passed in two parts; here one copy does no harm.
  std::string bytes(request.value.head);
  bytes += request.value.body;
  if (request.expiry.forever) {
    return send(request, {"SET", made, bytes, "XX"}, {stored_or_nil, true}, call);
  }
  send(request, {"SET", made, bytes, "EX", std::to_string(life), "XX"}, {stored_or_nil, true},
       call);
}

void RedisBackend::lock(const Request& request, Call* call) {
  const std::string_view made = request.key.made;
  // If it were sent again, it would find its own token.
  const How how{stored_or_nil, false};
  if (request.expiry.forever) return send(request, {"SET", made, request.text, "NX"}, how, call);
  send(request,
       {"SET", made, request.text, "NX", "PX", std::to_string(request.expiry.milliseconds)}, how,
       call);
}

}  // namespace djcache::redis
