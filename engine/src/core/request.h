// Request: an operation that a cache asks of its backend.
//
// Keys are complete and values encoded. Everything a request points to is read before ask()
// returns. The comment of each verb says which fields it uses and what its Outcome holds.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "codec/codec.h"

namespace djcache {

struct Key {
  std::string_view made;      // as stored
  std::string_view affinity;  // the caller's key: operations on all its versions keep their order
};

// Django's timeout, with the alias' TIMEOUT already applied.
struct Expiry {
  bool forever = false;
  std::int64_t milliseconds = 0;  // may be zero or negative: absent at once
  bool keep = false;              // move only: keep the entry's remaining life
};

struct StoredEntry {
  Key key;
  std::string_view bytes;
};

struct CallOptions {
  std::uint32_t limit_ms = 500;
  bool continuation = false;  // part of a pending operation: accepted while draining
  bool primary = false;       // a read that must see the writes before it
};

enum class Verb : std::uint8_t {
  get,      // flag: found; bytes
  set,      // value, expiry
  add,      // value, expiry. flag: stored
  touch,    // expiry. flag: existed
  erase,    // flag: existed
  has_key,  // flag
  // number: the delta. integer: the sum. Errors: key_not_found, not_an_integer, integer_overflow.
  incr,
  // Stores the entry under `text`, expiry, then removes it from `key`, as one step. flag: it
  // existed.
  move,
  clear,  // no key
  // The entry's remaining life. flag: it exists and expires; integer: milliseconds, or
  // Backend::no_expiry, or Backend::no_entry. Does not count as a use of the entry.
  remaining,

  // --- Operations that django-redis adds to Django's.

  // value, expiry. Stores only if the entry exists; deletes it if the expiry is zero or less. flag:
  // it existed.
  replace,
  // number: a new life in milliseconds, not rounded; zero or less deletes. flag: the entry existed.
  expire_in,
  expire_at,  // the same with a point in time, in milliseconds since 1970
  persist,    // flag: an expiry was removed
  // key: the cursor of a page, "0" for the first; text: a glob pattern; number: about how many
  // entries to examine. bytes: the cursor of the next page in decimal, "0" at the end; many: the
  // matching keys as stored, until it returns false. A key that exists from the first page to the
  // last is found, perhaps twice.
  scan,

  // A lock is an entry that holds `text`, the token of its owner.
  lock,    // expiry. flag: the lock was free and is now held with this token
  unlock,  // flag: it was held with this token and is now free
  extend,  // number: milliseconds added to its remaining life. flag: it is held with this token
  renew,   // number: milliseconds from now. flag: it is held with this token
  holds,   // flag: it is held with this token
};

struct Request {
  Verb verb = Verb::get;
  Key key{};
  CallOptions options{};
  Expiry expiry{};
  codec::Encoded value{};
  std::int64_t number = 0;
  std::string_view text{};
};

enum class ManyVerb : std::uint8_t {
  get,    // keys. many: the values
  set,    // entries, expiry
  erase,  // keys. integer: how many existed
};

// An operation on several keys, at least one, all of the same version.
struct ManyRequest {
  ManyVerb verb = ManyVerb::get;
  std::span<const Key> keys{};
  std::span<const StoredEntry> entries{};
  Expiry expiry{};
  CallOptions options{};
};

}  // namespace djcache
