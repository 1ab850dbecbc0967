#pragma once
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <utility>

#include <tessera/cli/chart.hpp>
#include <tessera/cli/html.hpp>

namespace tessera::cli {
namespace detail {
struct AxisRange {
  double low = std::numeric_limits<double>::infinity(), high = -low;
  void take(double x) {
    if (std::isfinite(x) && std::abs(x) < 1e300) low = std::min(low, x), high = std::max(high, x);
  }
  bool empty() const { return low > high; }
};

// From numbers to pixels.
struct Axis {
  double low = 0, high = 1, from = 0, to = 1;
  bool logarithmic = false;
  double scaled(double x) const { return logarithmic ? std::log10(x) : x; }
  double at(double x) const { return from + (scaled(x) - scaled(low)) / (scaled(high) - scaled(low)) * (to - from); }
};

inline std::vector<double> log_ticks(double low, double high) {
  std::vector<double> out;
  const double decades = std::log10(high / low);
  const auto every = std::max(1, int(std::ceil(decades / 5)));
  for (int e = int(std::floor(std::log10(low))); e <= int(std::ceil(std::log10(high))); ++e)
    for (const int digit : {1, 2, 5}) {
      if (digit != 1 && decades > 2.5) continue;
      if (digit == 1 && e % every != 0) continue;
      const double x = digit * std::pow(10.0, e);
      if (x >= low * (1 - 1e-9) && x <= high * (1 + 1e-9)) out.push_back(x);
    }
  return out;
}

// Whether numbers are better seen by their order of magnitude: all positive, and most of them far below the largest.
inline bool spans_magnitudes(std::vector<double> all) {
  if (all.size() < 5 || *std::min_element(all.begin(), all.end()) <= 0) return false;
  const auto middle = all.begin() + std::ptrdiff_t(all.size() / 2);
  std::nth_element(all.begin(), middle, all.end());
  return *std::max_element(all.begin(), all.end()) > 30 * *middle;
}

// The indices of the points that are drawn: all, or of each of `most / 4` pieces the first, the last, the least and the
// largest.
inline std::vector<std::size_t> drawn_points(const ChartLine& line, std::size_t most) {
  std::vector<std::size_t> out;
  const auto size = std::min(line.x.size(), line.y.size()), pieces = most / 4;
  if (size <= most) {
    for (std::size_t i = 0; i < size; ++i) out.push_back(i);
    return out;
  }
  for (std::size_t p = 0; p < pieces; ++p) {
    const auto begin = p * size / pieces, end = (p + 1) * size / pieces;
    auto least = begin, largest = begin;
    for (auto i = begin; i < end; ++i) {
      if (line.y[i] < line.y[least]) least = i;
      if (line.y[i] > line.y[largest]) largest = i;
    }
    for (const auto i : {begin, std::min(least, largest), std::max(least, largest), end - 1})
      if (out.empty() || i > out.back()) out.push_back(i);
  }
  return out;
}

inline std::string color_class(std::size_t color) {
  return color == ChartLine::ink ? std::string("ink") : fmt::format("c{}", color);
}
// A label that has no room for more: whole characters, and an ellipsis.
inline std::string shortened(const std::string& label, std::size_t most) {
  if (label.size() <= most) return label;
  auto end = most - 1;
  while (end > 0 && (static_cast<unsigned char>(label[end]) >> 6) == 2) --end;
  return label.substr(0, end) + "\u2026";
}
inline std::string short_text(double x) { return fmt::format("{:.6g}", x); }
}  // namespace detail

TESSERA_CLI_INLINE std::vector<double> detail::ticks(double low, double high, int wanted) {
  const double rough = (high - low) / std::max(1, wanted), power = std::pow(10.0, std::floor(std::log10(rough)));
  double step = 10 * power;
  for (const double s : {1.0, 2.0, 2.5, 5.0})
    if (s * power >= 0.8 * rough) {
      step = s * power;
      break;
    }
  std::vector<double> out;
  // Multiples, and not sums, of the step: 0 is exactly 0.
  for (auto k = std::ceil(low / step - 1e-9); k * step <= high + 1e-9 * step && out.size() < 100; ++k)
    out.push_back(k == 0 ? 0 : k * step);
  return out;
}

TESSERA_CLI_INLINE std::string detail::tick_text(double x) {
  const double size = std::abs(x);
  if (size >= 1e4 && size < 1e15) {
    for (const auto& [unit, name] : {std::pair{1e12, "T"}, {1e9, "G"}, {1e6, "M"}, {1e3, "k"}})
      if (size >= unit) return fmt::format("{:.6g}{}", x / unit, name);
  }
  auto text = fmt::format("{:.6g}", x);
  if (text.starts_with('-')) text.replace(0, 1, "\u2212");
  return text;
}

TESSERA_CLI_INLINE std::string svg_of(const Chart& chart) {
  using detail::short_text, detail::Axis;
  detail::AxisRange xs, ys;
  std::vector<double> all;
  for (const auto& line : chart.lines)
    for (std::size_t i = 0; i < std::min(line.x.size(), line.y.size()); ++i) {
      if (!std::isfinite(line.y[i]) || !(std::abs(line.y[i]) < 1e300)) continue;
      xs.take(line.x[i]), ys.take(line.y[i]), all.push_back(line.y[i]);
      if (!line.around.empty()) ys.take(line.y[i] - line.around[i]), ys.take(line.y[i] + line.around[i]);
    }
  if (xs.empty() || ys.empty()) return "";
  for (const auto& rule : chart.at_y) ys.take(rule.at);
  for (const auto& rule : chart.at_x) xs.take(rule.at);
  const bool logarithmic = ys.low > 0 && detail::spans_magnitudes(all);
  xs.take(0);
  if (xs.low == xs.high) xs.high = xs.low + 1;
  if (ys.low == ys.high) {
    const double pad = ys.low == 0 ? 1 : std::abs(ys.low) / 10;
    ys.low -= pad, ys.high += pad;
  } else if (logarithmic) {
    ys.low /= 1.1, ys.high *= 1.1;
  } else {
    const double pad = 0.04 * (ys.high - ys.low);
    ys.low -= ys.low >= 0 && ys.low < pad ? ys.low : pad, ys.high += pad;
  }

  // Room for what is written at the ends of lines.
  std::size_t longest = 0;
  for (const auto& line : chart.lines)
    if (line.labeled) longest = std::max(longest, std::min<std::size_t>(line.label.size(), 26));
  const bool small = chart.width < 500;
  const double top = 14, left = small ? 48 : 62, bottom = small ? 26 : 40;
  const double right = longest > 0 ? 14 + 6.6 * double(longest) : small ? 10 : 16;
  const Axis x{xs.low, xs.high, left, chart.width - right, false},
      y{ys.low, ys.high, chart.height - bottom, top, logarithmic};

  std::string out = fmt::format(
      "<svg class=\"chart\" viewBox=\"0 0 {} {}\" role=\"img\" tabindex=\"0\" aria-label=\"{}\" data-plot=\"{} {} {} "
      "{} {} {} "
      "{} {} {}\">\n",
      chart.width, chart.height, html(chart.title + " against " + chart.x_label), x.from, y.to, x.to, y.from, xs.low,
      xs.high, ys.low, ys.high, logarithmic ? 1 : 0);
  // The grid, and its numbers.
  for (const double t :
       logarithmic ? detail::log_ticks(ys.low, ys.high) : detail::ticks(ys.low, ys.high, small ? 4 : 6))
    out += fmt::format(
        "<line class=\"grid\" x1=\"{0:.1f}\" x2=\"{1:.1f}\" y1=\"{2:.1f}\" y2=\"{2:.1f}\"/><text class=\"tick\" "
        "x=\"{3:.1f}\" "
        "y=\"{4:.1f}\" text-anchor=\"end\">{5}</text>\n",
        x.from, x.to, y.at(t), x.from - 6, y.at(t) + 4, detail::tick_text(t));
  for (const double t : detail::ticks(xs.low, xs.high, small ? 4 : 7))
    out += fmt::format(
        "<line class=\"tickmark\" x1=\"{0:.1f}\" x2=\"{0:.1f}\" y1=\"{1:.1f}\" y2=\"{2:.1f}\"/><text class=\"tick\" "
        "x=\"{0:.1f}\" y=\"{3:.1f}\" text-anchor=\"middle\">{4}</text>\n",
        x.at(t), y.from, y.from + 4, y.from + 16, detail::tick_text(t));
  out += fmt::format("<line class=\"axis\" x1=\"{0:.1f}\" x2=\"{1:.1f}\" y1=\"{2:.1f}\" y2=\"{2:.1f}\"/>\n", x.from,
                     x.to, y.from);
  if (!small) {
    out += fmt::format("<text class=\"label\" x=\"{:.1f}\" y=\"{}\" text-anchor=\"middle\">{}</text>\n",
                       (x.from + x.to) / 2, chart.height - 6, html(chart.x_label));
    out += fmt::format(
        "<text class=\"label\" transform=\"translate(13 {:.1f}) rotate(-90)\" text-anchor=\"middle\">{}{}</text>\n",
        (y.from + y.to) / 2, html(chart.y_label), logarithmic ? " (log)" : "");
  }

  for (const auto& rule : chart.at_y) {
    if (!std::isfinite(rule.at)) continue;
    out += fmt::format(
        "<line class=\"rule {0}\" x1=\"{1:.1f}\" x2=\"{2:.1f}\" y1=\"{3:.1f}\" y2=\"{3:.1f}\"/><text class=\"note "
        "{0}\" "
        "x=\"{4:.1f}\" y=\"{5:.1f}\" text-anchor=\"end\">{6}</text>\n",
        detail::color_class(rule.color), x.from, x.to, y.at(rule.at), x.to - 4, y.at(rule.at) - 5,
        html(rule.label, 64));
  }
  for (const auto& rule : chart.at_x) {
    out += fmt::format("<line class=\"switch {0}\" x1=\"{1:.1f}\" x2=\"{1:.1f}\" y1=\"{2:.1f}\" y2=\"{3:.1f}\"/>\n",
                       detail::color_class(rule.color), x.at(rule.at), y.from, y.to);
    const bool before = x.at(rule.at) > (x.from + x.to) / 2;  // its text stands where there is room
    if (!rule.label.empty())
      out += fmt::format("<text class=\"note {}\" x=\"{:.1f}\" y=\"{:.1f}\" text-anchor=\"{}\">{}</text>\n",
                         detail::color_class(rule.color), x.at(rule.at) + (before ? -5 : 5), y.to + 9,
                         before ? "end" : "start", html(rule.label, 64));
  }

  struct End {
    double x, y;
    const ChartLine* line;
  };
  std::vector<End> ends;
  const std::size_t most = small ? 240 : 800;
  for (const auto& line : chart.lines) {
    const auto points = detail::drawn_points(line, most);
    std::string path, band, back, data_x, data_y, dots;
    bool broken = true;
    std::size_t drawn = 0;
    End end{0, 0, &line};
    const auto finish_band = [&] {
      if (!back.empty()) band += back + "Z";
      back.clear();
    };
    for (const auto i : points) {
      if (!std::isfinite(line.y[i]) || !(std::abs(line.y[i]) < 1e300)) {
        broken = true;
        finish_band();
        continue;
      }
      const double px = x.at(line.x[i]), py = y.at(line.y[i]);
      path += fmt::format("{}{:.1f} {:.1f}", broken ? "M" : "L", px, py);
      if (!line.around.empty()) {
        const double above = y.at(line.y[i] + line.around[i]), below = y.at(line.y[i] - line.around[i]);
        band += fmt::format("{}{:.1f} {:.1f}", broken ? "M" : "L", px, above);
        back = fmt::format("L{:.1f} {:.1f}", px, below) + back;
      }
      data_x += (data_x.empty() ? "" : " ") + short_text(line.x[i]);
      data_y += (data_y.empty() ? "" : " ") + short_text(line.y[i]);
      broken = false, ++drawn, end.x = px, end.y = py;
      if (!line.faint && !small)
        dots += fmt::format("<circle cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"3\"><title>{}: {} at {}</title></circle>", px, py,
                            html(line.label, 64), short_text(line.y[i]), short_text(line.x[i]));
      else if (points.size() == 1) dots += fmt::format("<circle cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"2.5\"/>", px, py);
    }
    finish_band();
    if (drawn == 0) continue;
    out += fmt::format("<g class=\"line {}{}\" data-run=\"{}\">", detail::color_class(line.color),
                       line.faint ? " faint" : "", html(line.run));
    if (!band.empty()) out += fmt::format("<path class=\"band\" d=\"{}\"/>", band);
    out += fmt::format("<path class=\"curve\" d=\"{}\" data-label=\"{}\" data-x=\"{}\" data-y=\"{}\"/>", path,
                       html(line.label, 96), data_x, data_y);
    if (drawn <= 80) out += dots;
    out += "</g>\n";
    if (line.labeled) ends.push_back(end);
  }
  // Labels at the ends of lines, moved apart where they would cover each other.
  std::sort(ends.begin(), ends.end(), [](const End& a, const End& b) { return a.y < b.y; });
  constexpr double apart = 13;
  for (std::size_t i = 1; i < ends.size(); ++i) ends[i].y = std::max(ends[i].y, ends[i - 1].y + apart);
  if (!ends.empty()) {
    double lowest = y.from;
    for (auto end = ends.rbegin(); end != ends.rend(); ++end, lowest -= apart) end->y = std::min(end->y, lowest);
  }
  for (const auto& end : ends)
    out += fmt::format("<text class=\"end {}\" data-run=\"{}\" x=\"{:.1f}\" y=\"{:.1f}\">{}</text>\n",
                       detail::color_class(end.line->color), html(end.line->run), x.to + 8, end.y + 4,
                       html(detail::shortened(end.line->label, 26)));
  return out + "</svg>\n";
}
}  // namespace tessera::cli
