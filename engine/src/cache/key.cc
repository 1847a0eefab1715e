#include "cache/key.h"

#include <algorithm>
#include <charconv>
#include <cstring>
#include <utility>

namespace djcache::cache {
namespace {

constexpr std::size_t buffer_max = 64u << 10;  // one huge key must not cost its memory for ever
constexpr std::size_t warned_length = 250;     // memcached's limit, in characters

void append_version(std::string& text, std::int64_t version) {
  char digits[24];
  const char* const end = std::to_chars(digits, digits + sizeof digits, version).ptr;
  text.append(digits, static_cast<std::size_t>(end - digits)) += ':';
}

// What is left of a buffer for a key of `key_size` bytes to follow.
void cut(std::string& buffer, std::size_t size, std::size_t key_size) {
  buffer.resize(size);
  if (buffer.capacity() > buffer_max && size + key_size <= buffer_max) buffer.shrink_to_fit();
}

constexpr std::uint64_t repeated(std::uint64_t byte) { return 0x0101010101010101 * byte; }

// Whether one of eight bytes is below 33 or equal to 127. A borrow can only start at a byte that
// is, so the answer for the whole word is exact.
constexpr bool word_warns(std::uint64_t word) {
  const std::uint64_t below_33 = (word - repeated(33)) & ~word;
  const std::uint64_t differs = word ^ repeated(127);
  const std::uint64_t is_127 = (differs - repeated(1)) & ~differs;
  return ((below_33 | is_127) & repeated(0x80)) != 0;
}

bool byte_warns(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte < 33 || byte == 127;
}

std::uint64_t word_at(const char* at) {
  std::uint64_t word;
  std::memcpy(&word, at, sizeof word);
  return word;
}

bool has_warned_character(std::string_view text) {
  if (text.size() < 8) return std::any_of(text.begin(), text.end(), byte_warns);
  const char* const last = text.data() + text.size() - 8;
  for (const char* at = text.data(); at < last; at += 8) {
    if (word_warns(word_at(at))) return true;
  }
  return word_warns(word_at(last));  // overlaps the word before it
}

bool is_too_long(std::string_view text) {
  if (text.size() <= warned_length) return false;
  std::size_t code_points = 0;
  for (const char c : text) code_points += (static_cast<unsigned char>(c) & 0xc0) != 0x80;
  return code_points > warned_length;
}

}  // namespace

KeyMaker::KeyMaker(std::string key_prefix, std::int64_t version, KeyFunction function)
    : key_prefix_(std::move(key_prefix)), version_(version), function_(std::move(function)) {
  if (function_) return;
  versioned_ = key_prefix_ + ':';
  made_ = versioned_;
  append_version(made_, version_);
  fixed_ = made_.size();
}

std::string_view KeyMaker::make(std::string_view key) {
  if (function_) return made_ = function_(key, key_prefix_, version_);
  cut(made_, fixed_, key.size());
  return made_.append(key);
}

std::string_view KeyMaker::make(std::string_view key, std::int64_t version) {
  if (version == version_) return make(key);
  if (function_) return made_ = function_(key, key_prefix_, version);
  cut(versioned_, key_prefix_.size() + 1, key.size());
  append_version(versioned_, version);
  return versioned_.append(key);
}

bool needs_warning(std::string_view made_key) {
  return has_warned_character(made_key) || is_too_long(made_key);
}

std::vector<std::string> key_warnings(std::string_view made_key) {
  std::vector<std::string> warnings;
  if (is_too_long(made_key)) {
    warnings.push_back("Cache key will cause errors if used with memcached: " +
                       python_repr(made_key) + " (longer than 250)");
  }
  if (has_warned_character(made_key)) {
    warnings.push_back(
        "Cache key contains characters that will cause errors if used with memcached: " +
        python_repr(made_key));
  }
  return warnings;
}

}  // namespace djcache::cache
