// Call: one method of the cache with its arguments, converted from Django's notation to the
// arguments of a C++ cache. Beyond this point there is no JSON.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <djcache/cache.h>
#include <djcache/ttl.h>
#include <djcache/value.h>

#include "src/cases/node.h"

namespace djcache::conformance {

enum class Method : std::uint8_t {
  get,
  set,
  add,
  touch,
  delete_,
  has_key,
  contains,
  get_many,
  set_many,
  delete_many,
  incr,
  decr,
  incr_version,
  decr_version,
  get_or_set,
  clear,
  close,
  make_key,
  // django-redis' additions.
  replace,
  ttl,
  pttl,
  expire,
  pexpire,
  expire_at,
  persist,
  keys,
  iter_keys,
  delete_pattern,
  acquire,  // from here on: methods of the lock `key` of `owner`
  release,
  extend,
  reacquire,
  owned,
  locked,
};

struct Call;

// A callable default of get_or_set.
struct ProducerSpec {
  Value returns{};
  std::string counter = {};      // "": not counted
  bool later = false;            // resolves on a later turn of the loop
  bool fails = false;            // fails instead of resolving
  std::shared_ptr<Call> does{};  // another call, made before it resolves; may be null
};

// Only the arguments of the given method are meaningful.
struct Call {
  Method method = Method::get;
  std::string on = "default";
  bool fresh = false;
  std::optional<std::chrono::milliseconds> limit{};

  std::string key = {};  // or a pattern, or the name of a lock
  std::vector<std::string> keys = {};
  Entries entries = {};
  Value value{};                           // of set and add; the default of get_or_set
  std::optional<Value> fallback{};         // the default of get
  std::optional<ProducerSpec> producer{};  // instead of `value`
  Ttl ttl{};
  // of expire: seconds, of pexpire: milliseconds, of expire_at: the point in time
  std::int64_t delta = 1;
  std::optional<std::int64_t> version{};
  std::size_t page_size = 500;
  std::string owner = {};
  std::chrono::milliseconds wait{0};  // of acquire; for extend: the additional time
  std::shared_ptr<std::vector<std::string>> collected = {};  // by iter_keys

  std::string text = {};  // for display: "caches['v2'].incr('answer', 5)"

  // As written in the case, for subjects in other languages: the method, and its arguments by name.
  std::string name = {};
  Json arguments = Json::object();
  std::optional<std::int64_t> index{};  // of the repeat around the call
};

}  // namespace djcache::conformance
