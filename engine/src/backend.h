// Backend: what a cache asks of whatever stores its entries. Private; redis, memory and dummy
// implement it.
//
// Keys are made and values encoded before they come here. Every argument is read before the call
// returns. A backend ends each Call exactly once, never inside the call that brought it: one that
// knows the answer at once hands it to Calls::settle().
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "call.h"
#include "codec/codec.h"
#include "text/python_repr.h"

namespace djcache {

namespace link {
class Pool;
}

struct Key {
  std::string_view made;      // as stored
  std::string_view affinity;  // the caller's key: all versions of it keep their order
};

// Django's timeout after the alias' TIMEOUT has been filled in.
struct Expiry {
  bool forever = false;
  std::int64_t milliseconds = 0;  // may be zero or negative: absent at once
  bool keep = false;              // of move: what the entry has left
};

struct StoredEntry {
  Key key;
  std::string_view bytes;
};

struct CallOptions {
  std::uint32_t limit_ms = 500;
  bool continuation = false;  // part of an operation that has begun: may go while draining
  bool primary = false;       // a read that must see the writes before it
};

inline Error key_not_found(std::string_view made) {
  return {Errc::key_not_found, text::named_key(made) + " not found"};
}

class Backend {
 public:
  virtual ~Backend() = default;

  virtual void get(const Key& key, const CallOptions& options, Call* call) = 0;  // flag, bytes
  virtual void set(const Key& key, const codec::Encoded& value, const Expiry& expiry,
                   const CallOptions& options, Call* call) = 0;
  virtual void add(const Key& key, const codec::Encoded& value, const Expiry& expiry,
                   const CallOptions& options, Call* call) = 0;  // flag: stored
  virtual void touch(const Key& key, const Expiry& expiry, const CallOptions& options,
                     Call* call) = 0;                                              // flag
  virtual void erase(const Key& key, const CallOptions& options, Call* call) = 0;  // flag: existed
  virtual void has_key(const Key& key, const CallOptions& options, Call* call) = 0;  // flag
  // Not empty, all of the same version.
  virtual void get_many(std::span<const Key> keys, const CallOptions& options, Call* call) = 0;
  virtual void set_many(std::span<const StoredEntry> entries, const Expiry& expiry,
                        const CallOptions& options, Call* call) = 0;
  virtual void erase_many(std::span<const Key> keys, const CallOptions& options, Call* call) = 0;
  // Errors: key_not_found, not_an_integer, integer_overflow.
  virtual void incr(const Key& key, std::int64_t delta, const CallOptions& options,
                    Call* call) = 0;  // integer
  // Stores the entry under `to`, then removes it from `from`, as one step. flag: it existed.
  virtual void move(const Key& from, const Key& to, const Expiry& expiry,
                    const CallOptions& options, Call* call) = 0;
  virtual void clear(const CallOptions& options, Call* call) = 0;
  // How long the entry will live: flag: it is there and has an expiry; integer: milliseconds, or
  // no_expiry, or no_entry. No use of the entry.
  virtual void remaining(const Key& key, const CallOptions& options, Call* call) = 0;
  static constexpr std::int64_t no_expiry = -1, no_entry = -2;

  // --- What django-redis adds to Django.

  // Stores only over an entry that is there. A life that is over deletes it. flag: it was there.
  virtual void replace(const Key& key, const codec::Encoded& value, const Expiry& expiry,
                       const CallOptions& options, Call* call) = 0;
  // A new life in milliseconds, not rounded; zero or less deletes. flag: the entry was there.
  virtual void expire_in(const Key& key, std::int64_t milliseconds, const CallOptions& options,
                         Call* call) = 0;
  // The same up to a moment, in milliseconds since 1970.
  virtual void expire_at(const Key& key, std::int64_t unix_ms, const CallOptions& options,
                         Call* call) = 0;
  virtual void persist(const Key& key, const CallOptions& options,
                       Call* call) = 0;  // flag: there was an expiry to remove
  // One page of the keys as stored that match the glob pattern. `cursor` 0 begins; `count` is about
  // how many entries are looked at. bytes: the cursor of the next page in decimal, "0" at the end;
  // many: the keys, until it says false. What is there from the first page to the last is found,
  // perhaps twice.
  virtual void scan(std::string_view cursor, std::string_view pattern, std::size_t count,
                    const CallOptions& options, Call* call) = 0;

  // A lock is an entry that holds its owner's token. flag: it was free and is ours now.
  virtual void lock(const Key& key, std::string_view token, const Expiry& expiry,
                    const CallOptions& options, Call* call) = 0;
  // flag: it was ours, and is free.
  virtual void unlock(const Key& key, std::string_view token, const CallOptions& options,
                      Call* call) = 0;
  // A new life for a lock of ours, from now or (`more`) on top of what it has. flag: it is ours.
  virtual void prolong(const Key& key, std::string_view token, std::int64_t milliseconds, bool more,
                       const CallOptions& options, Call* call) = 0;
  // flag: it is ours.
  virtual void holds(const Key& key, std::string_view token, const CallOptions& options,
                     Call* call) = 0;

  // The value of a get, at once. `bytes` are valid until the next call.
  enum class Peeked : std::uint8_t { found, missing, impossible };
  virtual Peeked peek(const Key&, std::string_view& /*bytes*/) { return Peeked::impossible; }

  // What it keeps in this process; nullopt if nothing.
  virtual std::optional<StoreStatistics> store_statistics() const { return std::nullopt; }

  // The pools it works over, primary first; none if it has no server.
  virtual std::vector<link::Pool*> pools() const { return {}; }
  // The one that a command with these options goes over; null if there is none.
  virtual link::Pool* pool(const CallOptions&) { return nullptr; }
};

}  // namespace djcache
