#include <djcache/found.h>

#include <cstdio>
#include <cstdlib>

#include "text/key_index.h"
#include "text/texts.h"

namespace djcache {

struct Found::Index : text::KeyIndex {
  using KeyIndex::KeyIndex;
};

namespace {

auto key_of(const std::vector<Found::value_type>& entries) {
  return [&entries](std::size_t number) { return entries[number].first; };
}

std::size_t bytes_of_keys(const std::vector<Found::value_type>& entries) {
  std::size_t bytes = 0;
  for (const auto& [key, value] : entries) bytes += key.size();
  return bytes;
}

}  // namespace

Found::Found() noexcept = default;
Found::~Found() = default;
Found::Found(Found&& other) noexcept = default;

Found::Found(Texts keys, std::vector<value_type> entries, Errors errors)
    : entries_(std::move(entries)), keys_(std::move(keys)), errors_(std::move(errors)) {
  make_index(entries_.size());
}

Found::Found(const std::vector<value_type>& entries, Errors errors)
    : entries_(entries), errors_(std::move(errors)) {
  text::Texts texts(bytes_of_keys(entries_));
  for (auto& [key, value] : entries_) key = texts.add(key);
  keys_ = std::move(texts).take();
  make_index(entries_.size());
}

Found::Found(const Found& other) : Found(other.entries_, other.errors_) {}

Found& Found::operator=(Found other) noexcept {
  entries_ = std::move(other.entries_);
  keys_ = std::move(other.keys_);
  index_ = std::move(other.index_);
  errors_ = std::move(other.errors_);
  return *this;
}

void Found::make_index(std::size_t room) {
  index_ = nullptr;
  if (entries_.size() <= Index::few) return;
  auto index = std::make_unique<Index>(room);
  for (const auto& [key, value] : entries_) index->find_or_add(key, key_of(entries_));
  index_ = std::move(index);
}

std::size_t Found::place(std::string_view key) const {
  if (index_ != nullptr) return index_->find(key, key_of(entries_));
  std::size_t at = 0;
  while (at < size() && entries_[at].first != key) ++at;
  return at;
}

std::pair<Found::iterator, bool> Found::emplace(std::string_view key, Value value) {
  if (const iterator it = find(key); it != end()) return {it, false};
  text::Texts text(key.size());
  const std::string_view copy = text.add(key);
  for (auto& block : std::move(text).take()) keys_.push_back(std::move(block));
  entries_.emplace_back(copy, std::move(value));
  if (index_ == nullptr || !index_->has_room()) {
    make_index(2 * size());
  } else {
    index_->find_or_add(copy, key_of(entries_));
  }
  return {end() - 1, true};
}

const Value& Found::at(std::string_view key) const {
  const std::size_t at = place(key);
  if (at == size()) {
    std::fputs("djcache: Found::at: there is no such key\n", stderr);
    std::abort();
  }
  return entries_[at].second;
}

bool operator==(const Found& a, const Found& b) {
  if (a.size() != b.size() || a.errors_ != b.errors_) return false;
  for (const auto& [key, value] : a) {
    const auto twin = b.find(key);
    if (twin == b.end() || twin->second != value) return false;
  }
  return true;
}

}  // namespace djcache
