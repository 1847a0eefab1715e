#include "text/hidden.h"

#include <algorithm>
#include <cstring>

namespace djcache::text {

namespace {

std::uint64_t bytes_at(const char* at) {
  std::uint64_t bytes = 0;
  std::memcpy(&bytes, at, sizeof bytes);
  return bytes;
}

std::size_t bit_of(std::uint64_t bytes) { return (bytes * 0x9E3779B97F4A7C15u) >> 52; }

bool is_alphanumeric(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

}  // namespace

Hidden::Hidden(std::string_view text) : text_(text), hidden_(text.size(), '\0') {
  for (std::size_t at = 0; at + window <= text.size(); ++at) {
    const std::uint64_t bytes = bytes_at(text.data() + at);
    places_.push_back({bytes, static_cast<std::uint32_t>(at), false});
    seen_[bit_of(bytes) / 64] |= std::uint64_t{1} << bit_of(bytes) % 64;
  }
  std::sort(places_.begin(), places_.end(),
            [](const Place& a, const Place& b) { return a.bytes < b.bytes; });
}

void Hidden::hide(std::string_view word) {
  if (word.size() >= window) return hide_pieces(word);
  if (word.size() < word_min) return;
  for (std::size_t at = text_.find(word); at != text_.npos; at = text_.find(word, at + 1)) {
    hide_bytes(at, word.size());
  }
}

void Hidden::hide_name(std::string_view name) {
  if (name.empty() || name.size() >= word_min) return hide(name);
  for (std::size_t at = text_.find(name); at != text_.npos; at = text_.find(name, at + 1)) {
    const std::size_t end = at + name.size();
    const bool alone = (at == 0 || !is_alphanumeric(text_[at - 1])) &&
                       (end == text_.size() || !is_alphanumeric(text_[end]));
    if (alone) hide_bytes(at, name.size());
  }
}

// Looks up each eight bytes of `word` in places_, once each.
void Hidden::hide_pieces(std::string_view word) {
  for (std::size_t i = 0; i + window <= word.size(); ++i) {
    const std::uint64_t bytes = bytes_at(word.data() + i);
    if ((seen_[bit_of(bytes) / 64] >> bit_of(bytes) % 64 & 1) == 0) continue;
    auto place =
        std::lower_bound(places_.begin(), places_.end(), bytes,
                         [](const Place& a, std::uint64_t wanted) { return a.bytes < wanted; });
    for (; place != places_.end() && place->bytes == bytes && !place->hidden; ++place) {
      place->hidden = true;
      hide_bytes(place->at, window);
    }
  }
}

void Hidden::hide_bytes(std::size_t at, std::size_t size) {
  std::fill_n(hidden_.begin() + static_cast<std::ptrdiff_t>(at), size, '\1');
}

std::string Hidden::rest() const {
  std::string rest;
  for (std::size_t at = 0; at < text_.size(); ++at) {
    if (hidden_[at] == '\0') {
      rest += text_[at];
    } else if (at == 0 || hidden_[at - 1] == '\0') {
      rest += "...";
    }
  }
  return rest;
}

}  // namespace djcache::text
