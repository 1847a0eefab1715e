#include "growth/chart.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <limits>

#include "report/svg.h"

namespace djcache::bench {

using svg::number;
using svg::text;

namespace {

// One small picture per curve, because only its shape matters.
constexpr int kColumns = 3;
constexpr double kWidth = 300, kHeight = 190, kLeft = 58, kTop = 40, kPlotWidth = 210,
                 kPlotHeight = 110;

std::string count(double of) {
  std::string digits = std::to_string(static_cast<std::uint64_t>(std::llround(of)));
  for (std::ptrdiff_t i = static_cast<std::ptrdiff_t>(digits.size()) - 3; i > 0; i -= 3) {
    digits.insert(static_cast<std::size_t>(i), ",");
  }
  return digits;
}

// The vertical axis starts at zero, so that a curve that looks flat is flat.
std::string picture(const Curve& curve, double x, double y) {
  double most = 1;
  for (const auto& [size, cost] : curve.points) most = std::max(most, cost);
  const double top = most * 1.25;
  const double last = std::log10(static_cast<double>(curve.points.back().first));
  const double first = std::log10(static_cast<double>(curve.points.front().first));
  const auto at_x = [&](double log) {
    return x + kLeft + (last > first ? (log - first) / (last - first) : 0) * kPlotWidth;
  };
  const auto at_y = [&](double cost) { return y + kTop + kPlotHeight * (1 - cost / top); };
  std::string out = text(x + 16, y + 22, "title", curve.name);
  out += "<path class=\"axis\" d=\"M" + number(at_x(first)) + " " + number(at_y(0)) + " H" +
         number(at_x(last)) + "\"/>\n";
  out += text(x + kLeft - 6, at_y(0) + 4, "left", "0");
  out += text(x + kLeft - 6, at_y(most) + 4, "left", count(most));
  std::string line;
  for (const auto& [size, cost] : curve.points) {
    const double px = at_x(std::log10(static_cast<double>(size)));
    line += (line.empty() ? "M" : " L") + number(px) + " " + number(at_y(cost));
    out += "<circle class=\"" + std::string(curve.flat ? "flat" : "steep") + "\" cx=\"" +
           number(px) + "\" cy=\"" + number(at_y(cost)) + "\" r=\"3\"/>\n";
    out += text(px, at_y(0) + 16, "below", count(static_cast<double>(size)));
  }
  return out + "<path class=\"" + (curve.flat ? "flat" : "steep") + "\" d=\"" + line + "\"/>\n";
}

constexpr const char* kStyle = R"(
path.flat { stroke: #0969da; } circle.flat { fill: #0969da; }
path.steep { stroke: #cf222e; } circle.steep { fill: #cf222e; }
@media (prefers-color-scheme: dark) {
  path.flat { stroke: #58a6ff; } circle.flat { fill: #58a6ff; }
  path.steep { stroke: #ff7b72; } circle.steep { fill: #ff7b72; }
}
)";

}  // namespace

bool is_flat(const Curve& curve, double tolerance) {
  double cheapest = std::numeric_limits<double>::max();
  for (const auto& [size, cost] : curve.points) {
    cheapest = std::min(cheapest, cost);
    if (cost > cheapest * (1 + tolerance)) return false;
  }
  return true;
}

std::string chart(const std::vector<Curve>& curves) {
  const int rows = (static_cast<int>(curves.size()) + kColumns - 1) / kColumns;
  std::string out = svg::begin(kColumns * kWidth, rows * kHeight + 30, kStyle);
  out += text(16, 18, "title", "Instructions per operation, by how many others there are");
  for (std::size_t i = 0; i < curves.size(); ++i) {
    if (curves[i].points.empty()) continue;
    const auto place = static_cast<int>(i);
    out += picture(curves[i], (place % kColumns) * kWidth, 30 + (place / kColumns) * kHeight);
  }
  return out + "</svg>\n";
}

}  // namespace djcache::bench
