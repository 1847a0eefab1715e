// Comparisons that survive a machine whose speed wanders: the ratio of two contestants is taken
// within each round, and the median of those ratios is reported with the smallest and largest.
// Never a ratio across rounds. Pure.
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

/// Nothing for no numbers.
std::optional<Spread> spread_of(std::vector<double> numbers);

using Figure = double Outcome::*;

/// Over the rounds in which the run was right.
std::optional<Spread> figure_of(const TimedCell& cell, const std::string& contestant,
                                Figure figure);

/// `contestant / reference`, over the rounds in which both were right.
std::optional<Spread> ratio_of(const TimedCell& cell, const std::string& contestant,
                               const std::string& reference, Figure figure);

}  // namespace djcache::bench
