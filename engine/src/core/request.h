// Request: what a cache asks of whatever stores its entries.
//
// Keys are made and values encoded before they come here. All that a request points to is read before
// ask() returns. Beside each verb stands what its Outcome holds.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "codec/codec.h"

namespace djcache {

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

enum class Verb : std::uint8_t {
  get,      // flag: found; bytes
  set,      // value, expiry
  add,      // value, expiry. flag: stored
  touch,    // expiry. flag: existed
  erase,    // flag: existed
  has_key,  // flag
  // number: the delta. integer: the sum. Errors: key_not_found, not_an_integer, integer_overflow.
  incr,
  // Stores the entry under `text`, expiry, then removes it from `key`, as one step. flag: it existed.
  move,
  clear,  // no key
  // How long the entry will live: flag: it is there and expires; integer: milliseconds, or
  // Backend::no_expiry, or Backend::no_entry. No use of the entry.
  remaining,

  // --- What django-redis adds to Django.

  // value, expiry. Stores only over an entry that is there; deletes it when nothing is left of its life.
  // flag: it was there.
  replace,
  // number: a new life in milliseconds, not rounded; zero or less deletes. flag: the entry was there.
  expire_in,
  expire_at,  // the same up to a moment, in milliseconds since 1970
  persist,    // flag: there was an expiry to remove
  // key: the cursor of a page, "0" of the first; text: a glob pattern; number: about how many entries to
  // look at. bytes: the cursor of the next page in decimal, "0" at the end; many: the keys as stored that
  // match, until it says false. A key that is there from the first page to the last is found, perhaps twice.
  scan,

  // A lock is an entry that holds `text`, its owner's token.
  lock,    // expiry. flag: it was free and is ours now
  unlock,  // flag: it was ours, and is free
  extend,  // number: milliseconds on top of what is left of it. flag: it is ours
  renew,   // number: milliseconds from now. flag: it is ours
  holds,   // flag: it is ours
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

// Of several keys: not empty, all of the same version.
struct ManyRequest {
  ManyVerb verb = ManyVerb::get;
  std::span<const Key> keys{};
  std::span<const StoredEntry> entries{};
  Expiry expiry{};
  CallOptions options{};
};

}  // namespace djcache
