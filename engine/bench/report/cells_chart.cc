#include "report/cells_chart.h"

#include <algorithm>
#include <cmath>
#include <set>
#include <vector>

#include "contestants/registry.h"
#include "report/ratios.h"
#include "report/svg.h"

namespace djcache::bench {
namespace {

using svg::text;

// One panel per operation and size, with one column per number in flight. The scale is logarithmic:
// half of hiredis' figure is as far from it as twice the figure.
constexpr double kLeft = 60, kTop = 86, kPanelWidth = 205, kPanelHeight = 150, kPlotWidth = 180,
                 kPlotHeight = 96, kHeadHeight = 40;

struct Shown {
  const char* name;
  const char* style;
};
// redis-benchmark is last, because it does not check replies.
constexpr Shown kShown[] = {{kDjcache, "ours"},
                            {kLibvalkey, "a"},
                            {kRedisPlusPlus, "b"},
                            {kBoostRedis, "c"},
                            {kRedisBenchmark, "d"}};

constexpr const char* kStyle = R"(
.small { font-size: 10px; }
.grid { stroke: #d0d7de; stroke-width: 1; }
.even { stroke: #57606a; stroke-width: 1.5; }
path.whisker { stroke-width: 1.5; }
path.ours { stroke: #0969da; } circle.ours { fill: #0969da; }
path.a { stroke: #bc4c00; } circle.a { fill: #bc4c00; }
path.b { stroke: #8250df; } circle.b { fill: #8250df; }
path.c { stroke: #1a7f37; } circle.c { fill: #1a7f37; }
path.d { stroke: #8c959f; } circle.d { fill: #8c959f; }
@media (prefers-color-scheme: dark) {
  .grid { stroke: #30363d; }
  .even { stroke: #8b949e; }
  path.ours { stroke: #58a6ff; } circle.ours { fill: #58a6ff; }
  path.a { stroke: #f0883e; } circle.a { fill: #f0883e; }
  path.b { stroke: #bc8cff; } circle.b { fill: #bc8cff; }
  path.c { stroke: #3fb950; } circle.c { fill: #3fb950; }
  path.d { stroke: #6e7681; } circle.d { fill: #6e7681; }
}
)";

struct Scale {
  double low, high;  // powers of two
  double share(double ratio) const {
    return (std::clamp(std::log2(ratio), low, high) - low) / (high - low);
  }
};

Scale scale_of(const Results& results, Figure figure) {
  Scale scale{-1, 1};
  for (const TimedCell& cell : results.timed) {
    for (const Shown& shown : kShown) {
      const auto ratio = ratio_of(cell, shown.name, kHiredis, figure);
      if (!ratio || ratio->median <= 0) continue;
      scale.low = std::max(-3.0, std::min(scale.low, std::floor(std::log2(ratio->median))));
      scale.high = std::min(3.0, std::max(scale.high, std::ceil(std::log2(ratio->median))));
    }
  }
  return scale;
}

std::string power_text(double power) {
  char text[16];
  std::snprintf(text, sizeof text, "%gx", std::exp2(power));
  return text;
}

struct Panel {
  double x, y;
  std::vector<std::uint32_t> in_flight;
  double at_y(const Scale& scale, double ratio) const {
    return y + kPlotHeight * (1 - scale.share(ratio));
  }
  double at_x(std::size_t place) const {
    return x +
           kPlotWidth * (static_cast<double>(place) + 0.5) / static_cast<double>(in_flight.size());
  }
};

std::string frame(const Panel& panel, const Scale& scale, bool labelled) {
  std::string out;
  for (double power = scale.low; power <= scale.high; ++power) {
    const double y = panel.at_y(scale, std::exp2(power));
    out += svg::line(panel.x, y, panel.x + kPlotWidth, y, power == 0 ? "even" : "grid");
    if (labelled) out += text(panel.x - 6, y + 4, "left", power_text(power));
  }
  for (std::size_t place = 0; place < panel.in_flight.size(); ++place) {
    out += text(panel.at_x(place), panel.y + kPlotHeight + 13, "below",
                std::to_string(panel.in_flight[place]));
  }
  return out;
}

std::string marks(const Panel& panel, const Scale& scale, const TimedCell& cell, Figure figure) {
  const auto place = std::find(panel.in_flight.begin(), panel.in_flight.end(), cell.cell.in_flight);
  double x = panel.at_x(static_cast<std::size_t>(place - panel.in_flight.begin())) - 14;
  std::string out;
  for (const Shown& shown : kShown) {
    const auto ratio = ratio_of(cell, shown.name, kHiredis, figure);
    if (ratio && ratio->min > 0) {
      const std::string style = shown.style;
      out += svg::line(x, panel.at_y(scale, ratio->min), x, panel.at_y(scale, ratio->max),
                       "whisker " + style);
      out += svg::dot(x, panel.at_y(scale, ratio->median), style == "ours" ? 4 : 2.8, style);
    }
    x += 7;
  }
  return out;
}

std::string legend(const Results& results) {
  std::string out;
  double x = kLeft;
  for (const Shown& shown : kShown) {
    const bool there =
        std::any_of(results.timed.begin(), results.timed.end(),
                    [&](const TimedCell& cell) { return cell.rounds.contains(shown.name); });
    if (!there) continue;
    out += svg::dot(x, 58, 4, shown.style) + text(x + 9, 62, "small", shown.name);
    x += 130;
  }
  return out + svg::line(x - 5, 58, x + 9, 58, "even") + text(x + 14, 62, "small", "hiredis");
}

}  // namespace

std::string chart_of_cells(const Results& results) {
  std::set<std::uint32_t> sizes, in_flight;
  std::set<Op> ops;
  for (const TimedCell& timed : results.timed) {
    sizes.insert(timed.cell.value_bytes);
    in_flight.insert(timed.cell.in_flight);
    ops.insert(timed.cell.op);
  }
  const std::vector<std::uint32_t> places(in_flight.begin(), in_flight.end());
  struct Block {
    const char* title;
    Figure figure;
  };
  constexpr Block blocks[] = {
      {"operations per second", &Outcome::operations_per_second},
      {"CPU time of the client for an operation", &Outcome::cpu_ns_per_operation}};
  const double block_height = kHeadHeight + static_cast<double>(ops.size()) * kPanelHeight;
  const double width =
      kLeft + std::max(kPanelWidth * static_cast<double>(sizes.size()), 3 * kPanelWidth) + 10;
  std::string out = svg::begin(width, kTop + 2 * block_height, kStyle);
  out += text(16, 22, "title", "djcache and other clients beside hiredis, one connection each");
  out += text(16, 40, "small",
              "by operation, size of the value, and how many are in flight; median of the ratios "
              "within each round, smallest to largest");
  out += legend(results);
  double top = kTop;
  for (const auto& [title, figure] : blocks) {
    const Scale scale = scale_of(results, figure);
    out += text(16, top + 4, "title", std::string(title) + ", of hiredis'");
    double y = top + kHeadHeight;
    for (const Op op : ops) {
      double x = kLeft;
      for (const std::uint32_t size : sizes) {
        const Panel panel{x, y, places};
        out += text(x, y - 8, "small", std::string(name_of(op)) + " " + describe_bytes(size));
        out += frame(panel, scale, x == kLeft);
        for (const TimedCell& timed : results.timed) {
          if (timed.cell.op != op || timed.cell.value_bytes != size) continue;
          out += marks(panel, scale, timed, figure);
        }
        x += kPanelWidth;
      }
      y += kPanelHeight;
    }
    top += block_height;
  }
  return out + "</svg>\n";
}

}  // namespace djcache::bench
