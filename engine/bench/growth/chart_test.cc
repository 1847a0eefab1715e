#include "growth/chart.h"

#include <gtest/gtest.h>

namespace djcache::bench {
namespace {

Curve curve(std::vector<double> costs) {
  Curve made{.name = "pools: a get", .points = {}};
  std::uint64_t size = 1;
  for (const double cost : costs) {
    made.points.emplace_back(size, cost);
    size *= 10;
  }
  return made;
}

TEST(Chart, WhatStaysWithinTheToleranceIsFlat) {
  EXPECT_TRUE(is_flat(curve({1000, 1099, 1050}), 0.1));
  EXPECT_TRUE(is_flat(curve({}), 0.1));
}

TEST(Chart, WhatCreepsUpIsNotFlat) {
  EXPECT_FALSE(is_flat(curve({1000, 1050, 1101}), 0.1));
  EXPECT_FALSE(is_flat(curve({1000, 2000, 1000}), 0.1));
}

TEST(Chart, WhatBecomesCheaperIsFlatFromThereOn) {
  EXPECT_TRUE(is_flat(curve({4000, 1300, 1350}), 0.1));
  EXPECT_FALSE(is_flat(curve({4000, 1300, 2000}), 0.1));
}

TEST(Chart, HasACurveForEachAndSaysWhichIsSteep) {
  Curve steep = curve({1000, 3000});
  steep.flat = false;
  const std::string svg = chart({curve({1000, 1000}), steep});
  EXPECT_NE(svg.find("path class=\"flat\""), svg.npos);
  EXPECT_NE(svg.find("path class=\"steep\""), svg.npos);
  EXPECT_NE(svg.find("3,000"), svg.npos);
  EXPECT_TRUE(svg.ends_with("</svg>\n"));
}

}  // namespace
}  // namespace djcache::bench
