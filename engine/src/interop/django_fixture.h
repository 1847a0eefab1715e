// Shared by the interop tests: the same CACHES for djcache and for a Django process, which take
// turns on one redis-server.
#pragma once

#include <string>
#include <string_view>

#include "engine/engine_fixture.h"

namespace djcache::interop {

// The same settings in the form of either side.
struct Sides {
  std::string name;
  std::string kind;             // of the generated values: any, plain, json
  std::string djcache_options;  // OPTIONS, as JSON
  std::string django_options;
  std::string django_backend = "django.core.cache.backends.redis.RedisCache";
};
inline void PrintTo(const Sides& sides, std::ostream* out) { *out << sides.name; }

Sides pickle();
Sides msgpack();

class DjangoTest : public EngineTest, public testing::WithParamInterface<Sides> {
 protected:
  void SetUp() override;

  // djcache's side, read from JSON. `more` are further settings of the alias, `,"KEY_PREFIX": "p"`;
  // `django_more` those for Django alone.
  void begin(const Sides& sides, const std::string& more = "", const std::string& django_more = "",
             KeyFunction key_function = {});
  Verbs& cache() { return *cache_; }
  // Runs django_turn.py with these arguments and returns its output; fails the test if it fails.
  std::string django(const std::string& words);

 private:
  std::string django_caches_;
  std::optional<Verbs> cache_;
};

}  // namespace djcache::interop
