// Building blocks of the charts: SVG that is readable on light and dark pages. Pure: no I/O, no
// clock.
#pragma once

#include <cstdio>
#include <string>

namespace djcache::bench::svg {

inline std::string number(double of) {
  char text[32];
  std::snprintf(text, sizeof text, "%.1f", of);
  return text;
}

inline std::string text(double x, double y, const char* style, const std::string& words) {
  return "<text class=\"" + std::string(style) + "\" x=\"" + number(x) + "\" y=\"" + number(y) +
         "\">" + words + "</text>\n";
}

inline std::string line(double x, double y, double to_x, double to_y, const std::string& style) {
  return "<path class=\"" + style + "\" d=\"M" + number(x) + " " + number(y) + " L" + number(to_x) +
         " " + number(to_y) + "\"/>\n";
}

inline std::string dot(double x, double y, double radius, const std::string& style) {
  return "<circle class=\"" + style + "\" cx=\"" + number(x) + "\" cy=\"" + number(y) + "\" r=\"" +
         number(radius) + "\"/>\n";
}

// The start of a chart. The caller appends the contents and "</svg>".
inline std::string begin(double width, double height, const std::string& style) {
  return "<svg xmlns=\"http://www.w3.org/2000/svg\" role=\"img\" viewBox=\"0 0 " + number(width) +
         " " + number(height) + "\" width=\"" + number(width) + "\" height=\"" + number(height) +
         R"(">
<style>
svg { background: #ffffff; font: 11px sans-serif; }
text { fill: #24292f; }
.title { font-size: 12px; font-weight: bold; }
.left { text-anchor: end; }
.below { text-anchor: middle; font-size: 9px; }
path { fill: none; stroke-width: 2; }
.axis { stroke: #8c959f; stroke-width: 1; }
@media (prefers-color-scheme: dark) {
  svg { background: #0d1117; }
  text { fill: #e6edf3; }
}
)" + style +
         "</style>\n";
}

}  // namespace djcache::bench::svg
