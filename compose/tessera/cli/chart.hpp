#pragma once
#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include <tessera/cli/program.hpp>

namespace tessera::cli {
/// A curve of a chart.  Points that are not finite leave a gap.
struct ChartLine {
  std::string label;
  std::size_t color = 0;  ///< index into the page's palette; `ink` for that of text
  std::vector<double> x{}, y{};
  std::vector<double> around{};  ///< (points) half the height of a band around it; empty: none
  bool faint = false;            ///< thin and pale, one of several that another summarizes
  bool labeled = false;          ///< its label stands at its end, too
  std::string run{};             ///< names the entry of the legend that shows and hides it
  static constexpr std::size_t ink = 99;
};
/// A straight line across a chart: at an x, or at a y.
struct ChartRule {
  double at;
  std::string label;
  std::size_t color = ChartLine::ink;
};
struct Chart {
  std::string title, x_label, y_label;
  std::vector<ChartLine> lines{};
  std::vector<ChartRule> at_x{}, at_y{};
  int width = 1040, height = 400;  ///< in CSS pixels, before the page scales it
};

/// A chart as SVG for an HTML page.  Everything is drawn without a script; the points' numbers are in attributes, where
/// the page's script reads them.  The vertical axis is logarithmic where positive numbers span orders of magnitude.
/// A line of more points than can be told apart is drawn through the least and the largest of those that share a pixel.
/// Empty if no line has a point that can be drawn.
std::string svg_of(const Chart& chart);

namespace detail {
/// Round numbers from `low` to `high`, about as many as are wanted.
std::vector<double> ticks(double low, double high, int wanted);
/// "20k", "1.5M", "0.003": a number of an axis.
std::string tick_text(double x);
}  // namespace detail
}  // namespace tessera::cli

#if !TESSERA_CLI_COMPILED
#include <tessera/cli/impl/chart.hpp>
#endif
