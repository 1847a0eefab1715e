// Script: random operations of Django's contract, determined by a seed, and how one is played on a
// cache. Uses only the public API.
//
// It leaves out what differs between redis and LocMemCache: touch with forever (redis: whether
// there was an expiry to remove), fractions of seconds (redis has none), and more entries than a
// memory store may hold. Entries expire after 0 s or after hours, so that no result depends on the
// duration of the run; the store's own expiry has a model test in virtual time.
#pragma once

#include <djcache/cache.h>

#include <cstdint>
#include <functional>
#include <optional>
#include <random>
#include <string>
#include <vector>

namespace djcache::differential {

enum class Verb : std::uint8_t {
  get,
  set,
  add,
  touch,
  delete_,
  has_key,
  get_many,
  set_many,
  delete_many,
  incr,
  decr,
  incr_version,
  decr_version,
  get_or_set,
  produce,
  clear,
};

struct Operation {
  Verb verb{};
  std::vector<std::string> keys{};  // one, or several for the many-forms
  std::vector<Value> values{};      // as many as keys
  Ttl ttl{};
  std::optional<std::int64_t> version{};
  std::int64_t delta = 1;
};

// Readable: "incr ['k7'] version=2 delta=-3".
std::string to_string(const Operation& operation);

// The outcome of an operation: its value, or the name of its error.
using Told = std::function<void(std::string)>;
void play(Cache& cache, const Operation& operation, Told told);

class Script {
 public:
  explicit Script(std::uint64_t seed) : random_(seed) {}
  Operation next();

 private:
  std::uint64_t below(std::uint64_t bound) { return random_() % bound; }
  std::string key();
  Value value(int depth = 0);
  Ttl ttl();
  std::int64_t delta();

  std::mt19937_64 random_;
};

}  // namespace djcache::differential
