#include <djcache/found.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <numeric>

namespace djcache {

Found::Found(std::vector<value_type> entries, Errors errors)
    : entries_(std::move(entries)), sorted_(entries_.size()), errors_(std::move(errors)) {
  std::iota(sorted_.begin(), sorted_.end(), std::size_t{0});
  const auto key = [this](std::size_t at) -> std::string_view { return entries_[at].first; };
  std::sort(sorted_.begin(), sorted_.end(),
            [&](std::size_t a, std::size_t b) { return key(a) < key(b); });
}

std::size_t Found::rank(std::string_view key) const {
  const auto it = std::lower_bound(
      sorted_.begin(), sorted_.end(), key,
      [this](std::size_t at, std::string_view k) { return entries_[at].first < k; });
  return static_cast<std::size_t>(it - sorted_.begin());
}

std::size_t Found::place(std::string_view key) const {
  const std::size_t at = rank(key);
  return at < size() && entries_[sorted_[at]].first == key ? sorted_[at] : size();
}

std::pair<Found::iterator, bool> Found::emplace(std::string key, Value value) {
  if (const iterator it = find(key); it != end()) return {it, false};
  sorted_.insert(sorted_.begin() + static_cast<std::ptrdiff_t>(rank(key)), size());
  entries_.emplace_back(std::move(key), std::move(value));
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
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (a.entries_[a.sorted_[i]] != b.entries_[b.sorted_[i]]) return false;
  }
  return true;
}

}  // namespace djcache
