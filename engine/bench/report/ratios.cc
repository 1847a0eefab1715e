// Pure: no I/O, no clock.
#include "report/ratios.h"

#include <algorithm>

namespace djcache::bench {
namespace {

const std::vector<Outcome>& rounds_of(const TimedCell& cell, const std::string& contestant) {
  static const std::vector<Outcome> none;
  const auto found = cell.rounds.find(contestant);
  return found == cell.rounds.end() ? none : found->second;
}

}  // namespace

std::optional<Spread> spread_of(std::vector<double> numbers) {
  if (numbers.empty()) return std::nullopt;
  std::sort(numbers.begin(), numbers.end());
  const std::size_t middle = numbers.size() / 2;
  const double median =
      numbers.size() % 2 == 1 ? numbers[middle] : (numbers[middle - 1] + numbers[middle]) / 2;
  return Spread{.median = median, .min = numbers.front(), .max = numbers.back()};
}

std::optional<Spread> figure_of(const TimedCell& cell, const std::string& contestant,
                                Figure figure) {
  std::vector<double> numbers;
  for (const Outcome& outcome : rounds_of(cell, contestant)) {
    if (outcome.failure.empty()) numbers.push_back(outcome.*figure);
  }
  return spread_of(std::move(numbers));
}

std::optional<Spread> ratio_of(const TimedCell& cell, const std::string& contestant,
                               const std::string& reference, Figure figure) {
  const std::vector<Outcome>& ours = rounds_of(cell, contestant);
  const std::vector<Outcome>& theirs = rounds_of(cell, reference);
  std::vector<double> ratios;
  for (std::size_t round = 0; round < std::min(ours.size(), theirs.size()); ++round) {
    const bool right = ours[round].failure.empty() && theirs[round].failure.empty();
    if (right && theirs[round].*figure > 0) {
      ratios.push_back(ours[round].*figure / theirs[round].*figure);
    }
  }
  return spread_of(std::move(ratios));
}

}  // namespace djcache::bench
