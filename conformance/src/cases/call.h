// Call: one method of the cache with its arguments, read from Django's notation into what a C++
// cache takes. No JSON from here on.
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
};

struct Call;

// A callable default of get_or_set.
struct ProducerSpec {
  Value returns{};
  std::string counter = {};      // "": not counted
  bool later = false;            // resolves on a later turn of the loop
  bool fails = false;            // gives up instead
  std::shared_ptr<Call> does{};  // made first, if any
};

// Of the arguments only those that the method has are meaningful.
struct Call {
  Method method = Method::get;
  std::string on = "default";
  bool fresh = false;
  std::optional<std::chrono::milliseconds> limit{};

  std::string key = {};
  std::vector<std::string> keys = {};
  Entries entries = {};
  Value value{};                           // of set and add; the default of get_or_set
  std::optional<Value> fallback{};         // the default of get
  std::optional<ProducerSpec> producer{};  // instead of `value`
  Ttl ttl{};
  std::int64_t delta = 1;
  std::optional<std::int64_t> version{};

  std::string text = {};  // "caches['v2'].incr('answer', 5)", for people
};

}  // namespace djcache::conformance
