// Comparisons that are robust against changes in the speed of the machine: the ratio of two
// contestants is taken within each round, never across rounds, and the median of these ratios is
// reported with the smallest and the largest. Pure: no I/O, no clock.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "suite/results.h"

namespace djcache::bench {

struct Spread {
  double median = 0;
  double min = 0;
  double max = 0;
};

/// nullopt if there are no numbers.
std::optional<Spread> spread_of(std::vector<double> numbers);

using Figure = double Outcome::*;

/// Over the rounds without a failure.
std::optional<Spread> figure_of(const TimedCell& cell, const std::string& contestant,
                                Figure figure);

/// `contestant / reference`, over the rounds in which neither failed.
std::optional<Spread> ratio_of(const TimedCell& cell, const std::string& contestant,
                               const std::string& reference, Figure figure);

}  // namespace djcache::bench
