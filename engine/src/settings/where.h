// Where: the place of a setting as a Django user writes it: CACHES['default']['OPTIONS']['db'].
//
// Every error text about settings is made here. It holds names and types, never the value of a
// setting: that may be a password, or a URL with one.
#pragma once

#include <string>
#include <string_view>

#include <djcache/error.h>

namespace djcache::settings {

// The problem of a setting, without its place; "" if there is none.
using Problem = std::string;

// 'name', shortened, with control characters and quotes replaced: fits into one line of a log.
std::string in_quotes(std::string_view name);

class Where {
 public:
  Where in(std::string_view name) const { return Where(text_ + '[' + in_quotes(name) + ']'); }
  const std::string& text() const { return text_; }
  Error error(const Problem& problem) const {
    return {Errc::invalid_settings, text_ + ": " + problem};
  }

  static Where caches() { return Where("CACHES"); }
  static Where alias(std::string_view name) { return caches().in(name); }

 private:
  explicit Where(std::string text) : text_(std::move(text)) {}
  std::string text_;
};

}  // namespace djcache::settings
