// Draws the curves of growth as SVG. Pure: no I/O, no clock.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace djcache::bench {

struct Curve {
  std::string name;
  std::vector<std::pair<std::uint64_t, double>> points;  // size, instructions per operation
  bool flat = true;
};

// Flat: no point costs more than (1 + `tolerance`) times the cheapest point before it.
bool is_flat(const Curve& curve, double tolerance);

std::string chart(const std::vector<Curve>& curves);

}  // namespace djcache::bench
