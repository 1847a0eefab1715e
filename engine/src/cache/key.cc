#include "cache/key.h"

#include <algorithm>
#include <charconv>
#include <cstring>
#include <utility>

#include "text/python_repr.h"

namespace djcache::cache {
namespace {

constexpr std::size_t buffer_max = 64u << 10;  // the memory for one huge key is not kept
constexpr std::size_t warned_length = 250;     // memcached's limit, in characters

// Makes the buffer at least `size` bytes long and keeps its content. Buffers stay at their largest
// size so far: a resize and append per key would cost more than everything else.
void refit(std::string& buffer, std::size_t size) {
  if (size > buffer.size()) {
    buffer.resize(size + size / 2);
  } else if (size <= buffer_max) {
    buffer.resize(buffer_max);
    buffer.shrink_to_fit();
  }
}

void make_room(std::string& buffer, std::size_t size) {
  if (size > buffer.size() || buffer.size() > buffer_max) [[unlikely]]
    refit(buffer, size);
}

// "{version}:"
class VersionText {
 public:
  explicit VersionText(std::int64_t version) {
    char* const end = std::to_chars(text_, text_ + sizeof text_ - 1, version).ptr;
    *end = ':';
    size_ = static_cast<std::size_t>(end + 1 - text_);
  }
  operator std::string_view() const { return {text_, size_}; }

 private:
  char text_[24];
  std::size_t size_;
};

constexpr std::uint64_t repeated(std::uint64_t byte) { return 0x0101010101010101 * byte; }

// The top bit of each of eight bytes that is below 33 or equal to 127. Of the lower seven bits,
// adding 1 reaches the top bit from 127 on, adding 95 from 33 on; neither carries into the next
// byte.
constexpr std::uint64_t warned_bytes(std::uint64_t word) {
  const std::uint64_t low = word & repeated(0x7f);
  return ~word & ((low + repeated(1)) | ~(low + repeated(0x80 - 33))) & repeated(0x80);
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

// Blocks of a fixed size, which compilers vectorize.
constexpr std::size_t block = 64;

bool block_warns(const char* at) {
  unsigned char warned = 0;
  for (std::size_t i = 0; i < block; ++i) {
    const auto byte = static_cast<unsigned char>(at[i]);
    warned |= static_cast<unsigned char>(byte < 33) | static_cast<unsigned char>(byte == 127);
  }
  return warned != 0;
}

bool has_warned_character(std::string_view text) {
  for (; text.size() >= block; text.remove_prefix(block)) {
    if (block_warns(text.data())) return true;
  }
  if (text.size() < 8) return std::any_of(text.begin(), text.end(), byte_warns);
  const char* const last = text.data() + text.size() - 8;
  std::uint64_t warned = warned_bytes(word_at(last));  // overlaps the word before it
  for (const char* at = text.data(); at < last; at += 8) warned |= warned_bytes(word_at(at));
  return warned != 0;
}

// In UTF-8 every byte begins a code point, except those from 0x80 to 0xbf.
bool begins_code_point(char c) { return static_cast<signed char>(c) >= -64; }

std::size_t code_points_of_block(const char* at) {
  unsigned char begun = 0;
  for (std::size_t i = 0; i < block; ++i) {
    begun = static_cast<unsigned char>(begun + (begins_code_point(at[i]) ? 1 : 0));
  }
  return begun;
}

// Stops reading once the answer is known.
bool is_too_long(std::string_view text) {
  if (text.size() <= warned_length) return false;
  std::size_t code_points = 0;
  for (; text.size() >= block && code_points <= warned_length; text.remove_prefix(block)) {
    code_points += code_points_of_block(text.data());
  }
  if (code_points > warned_length) return true;
  for (const char c : text) code_points += begins_code_point(c) ? 1 : 0;
  return code_points > warned_length;
}

}  // namespace

KeyMaker::KeyMaker(std::string key_prefix, std::int64_t version, KeyFunction function,
                   std::string_view version_text)
    : key_prefix_(std::move(key_prefix)),
      version_(version),
      function_(std::move(function)),
      version_is_text_(!version_text.empty()) {
  if (function_) return;
  versioned_ = key_prefix_ + ':';
  made_ = versioned_;
  if (version_is_text_) {
    made_.append(version_text) += ':';
  } else {
    made_ += VersionText(version_);
  }
  fixed_ = made_.size();
}

std::string_view KeyMaker::make(std::string_view key) {
  if (function_) return made_ = function_(key, key_prefix_, version_);
  const std::size_t size = fixed_ + key.size();
  make_room(made_, size);
  key.copy(made_.data() + fixed_, key.size());
  return {made_.data(), size};
}

std::string_view KeyMaker::make(std::string_view key, std::int64_t version) {
  if (version == version_ && !version_is_text_) return make(key);
  if (function_) return made_ = function_(key, key_prefix_, version);
  const VersionText text(version);
  const std::string_view digits = text;
  const std::size_t start = key_prefix_.size() + 1;
  const std::size_t size = start + digits.size() + key.size();
  make_room(versioned_, size);
  char* const at = versioned_.data() + start;
  digits.copy(at, digits.size());
  key.copy(at + digits.size(), key.size());
  return {versioned_.data(), size};
}

bool needs_warning(std::string_view made_key) {
  // So at most 250 code points are examined.
  return is_too_long(made_key) || has_warned_character(made_key);
}

// Django shows the whole key; here every text is bounded.
constexpr std::size_t shown_max = 1000;

std::vector<std::string> key_warnings(std::string_view made_key) {
  std::vector<std::string> warnings;
  if (is_too_long(made_key)) {
    warnings.push_back("Cache key will cause errors if used with memcached: " +
                       text::python_repr(made_key, shown_max) + " (longer than 250)");
  }
  if (has_warned_character(made_key)) {
    warnings.push_back(
        "Cache key contains characters that will cause errors if used with memcached: " +
        text::python_repr(made_key, shown_max));
  }
  return warnings;
}

}  // namespace djcache::cache
