// Keys: how a caller's key becomes the stored one, and what Django warns about.
//
// Pure. Source: django/core/cache/backends/base.py (make_key, memcache_key_warnings).
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <djcache/settings.h>

namespace djcache::cache {

// Makes the stored keys of one alias, without allocating once its buffers have grown to the size of
// the keys. REQUIRES: `key` is not a part of the key made last.
class KeyMaker {
 public:
  KeyMaker(std::string key_prefix, std::int64_t version, KeyFunction function);

  // The key under `version`, or under the alias' own version. Valid until the next call.
  std::string_view make(std::string_view key);
  std::string_view make(std::string_view key, std::int64_t version);
  std::int64_t version() const { return version_; }

 private:
  std::string key_prefix_;
  std::int64_t version_;
  KeyFunction function_;
  std::string made_;       // "{prefix}:{version}:", which stays between calls, and room for keys
  std::string versioned_;  // for other versions: "{prefix}:" stays
  std::size_t fixed_ = 0;  // length of what stays in made_
};

// Whether a made key deserves a warning. Fast: it is asked for every key of every operation.
bool needs_warning(std::string_view made_key);
// Django's texts for it, in Django's order (length first).
std::vector<std::string> key_warnings(std::string_view made_key);

}  // namespace djcache::cache
