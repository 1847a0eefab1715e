#include "settings/closest_name.h"

#include <algorithm>
#include <numeric>
#include <vector>

namespace djcache::settings {
namespace {

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

// Levenshtein distance: insertions, deletions and replacements. Keeps one row of the table.
std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 0; i < a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i + 1;
    for (std::size_t j = 0; j < b.size(); ++j) {
      const std::size_t replaced = diagonal + (lower(a[i]) == lower(b[j]) ? 0 : 1);
      diagonal = row[j + 1];
      row[j + 1] = std::min({replaced, diagonal + 1, row[j] + 1});
    }
  }
  return row.back();
}

}  // namespace

std::string_view closest_name(std::string_view name, std::span<const std::string_view> candidates) {
  constexpr std::size_t name_max = 64;  // longer than every option name
  if (name.empty() || name.size() > name_max) return {};
  // More edits than a third of the letters, or than four, make another word, not a misspelling.
  std::size_t best = std::clamp<std::size_t>(name.size() / 3, 1, 4) + 1;
  std::string_view closest;
  for (const std::string_view candidate : candidates) {
    const std::size_t distance = edit_distance(name, candidate);
    if (distance >= best) continue;
    best = distance;
    closest = candidate;
  }
  return closest;
}

std::string suggestion(std::string_view name, std::span<const std::string_view> candidates) {
  const std::string_view closest = closest_name(name, candidates);
  return closest.empty() ? "" : "; did you mean '" + std::string(closest) + "'?";
}

}  // namespace djcache::settings
