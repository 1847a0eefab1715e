// Keys: how a caller's key becomes the stored one, and Django's warnings about keys.
//
// Pure. Source: django/core/cache/backends/base.py (make_key, memcache_key_warnings).
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <djcache/settings.h>

namespace djcache::cache {

// Makes the stored keys of one alias. Does not allocate once its buffers are as large as the keys.
// REQUIRES: `key` is not part of the key made before.
class KeyMaker {
 public:
  KeyMaker(std::string key_prefix, std::int64_t version, KeyFunction function,
           std::string_view version_text = {});

  // The key under `version`, by default the alias' own version. Valid until the next call.
  std::string_view make(std::string_view key);
  std::string_view make(std::string_view key, std::int64_t version);
  std::string_view make(std::string_view key, const std::optional<std::int64_t>& version) {
    return version ? make(key, *version) : make(key);
  }
  std::int64_t version() const { return version_; }
  // The alias' own version is a text, so it cannot be incremented.
  bool version_is_text() const { return version_is_text_; }

 private:
  std::string key_prefix_;
  std::int64_t version_;
  KeyFunction function_;
  bool version_is_text_;
  std::string made_;       // "{prefix}:{version}:", kept between calls, and space for keys
  std::string versioned_;  // for other versions: keeps "{prefix}:"
  std::size_t fixed_ = 0;  // length of the part that is kept in made_
};

// Whether a made key deserves a warning. Fast, because it is called for every key. Of valid UTF-8
// it reads at most about a thousand bytes, however long the key is.
bool needs_warning(std::string_view made_key);
// Django's texts of these warnings, in Django's order (length first).
std::vector<std::string> key_warnings(std::string_view made_key);

}  // namespace djcache::cache
