#pragma once
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include <tessera/cli/doctor.hpp>
#include <tessera/dataset/bulk.hpp>
#include <tessera/doctor/steps.hpp>

namespace tessera::cli {
namespace detail {
// The distance of a handful of marks along a range: 1, 2 or 5 times a power of ten.
inline double distance_of_marks(double range) {
  if (!(range > 0) || !std::isfinite(range)) return 1;
  const double rough = range / 6, power = std::pow(10.0, std::floor(std::log10(rough)));
  for (const double by : {1.0, 2.0, 5.0})
    if (by * power >= rough) return by * power;
  return 10 * power;
}

// Numbers counted in bins from the least to the greatest, as a block of gnuplot's data: center, width and count.
inline std::string histogram(const std::string& block, const std::vector<double>& x, bool whole) {
  const auto [least, greatest] = std::minmax_element(x.begin(), x.end());
  double low = *least, high = *greatest;
  std::size_t bins = std::clamp<std::size_t>(x.size() / 5, 10, 40);
  if (whole) {  // bins of as many whole numbers each
    const double per = std::max(1.0, std::ceil((high - low + 1) / 40));
    bins = std::size_t(std::floor((high - low) / per)) + 1;
    low -= 0.5, high = low + per * double(bins);
  } else if (!(high > low)) {
    const double around = std::max(1e-3, 0.01 * std::abs(low));
    low -= around, high += around;
  }
  std::vector<std::int64_t> count(bins);
  const double width = (high - low) / double(bins);
  for (const double v : x) ++count[std::min(bins - 1, std::size_t(std::max(0.0, std::floor((v - low) / width))))];
  std::string out =
      fmt::format("set xtics {:.8g}\n${} << EOD\n", distance_of_marks(whole ? high - low - 1 : high - low), block);
  for (std::size_t b = 0; b < bins; ++b)
    out += fmt::format("{:.8g} {:.8g} {}\n", low + (double(b) + 0.5) * width, 0.92 * width, count[b]);
  return out + "EOD\n";
}
inline std::string boxes(const std::string& block, const std::string& title, const std::string& below,
                         bool logarithmic = false) {
  return fmt::format(
      "set title '{}'\nset xlabel '{}'\nset ylabel 'count'\nset autoscale xy\n{}"
      "plot ${} using 1:3:2 with boxes fs solid 0.8 noborder lc rgb '#4878a8'\nunset logscale y\nset autoscale xy\n"
      "set xtics autofreq\n",
      title, below, logarithmic ? "set logscale y\nset yrange [0.5:*]\n" : "set yrange [0:*]\n", block);
}

// The first two principal components of rows of centered columns, by power iteration: each row's two coordinates, and
// the share of the variance that each component explains.
struct Components {
  std::vector<double> x, y;
  double share[2] = {0, 0};
};
inline Components components_of(const Dataset& data, const std::vector<std::int64_t>& rows) {
  const auto n = std::size_t(data.observation_size), count = rows.size();
  std::vector<double> z(count * n), unit(n, 1.0);
  const bool coded = has_coded_states(data);
  double total = 0;
  for (std::size_t j = 0; j < n; ++j) {
    double mean = 0, square = 0;
    for (const auto i : rows) mean += double(data.observation(i)[j]) / double(count);
    for (const auto i : rows) square += std::pow(double(data.observation(i)[j]) - mean, 2) / double(count);
    const bool varies = square > 1e-12 * mean * mean;
    const double scale = !varies ? 0 : coded ? 1 : 1 / std::sqrt(square);
    for (std::size_t k = 0; k < count; ++k) z[k * n + j] = (double(data.observation(rows[k])[j]) - mean) * scale;
    total += varies ? square * scale * scale : 0;
  }
  Components out;
  std::vector<double> first(n), along(count);
  for (int c = 0; c < 2; ++c) {
    std::vector<double> v(n);
    for (std::size_t j = 0; j < n; ++j) v[j] = std::cos(double(j) + 1 + c);
    double variance = 0;
    for (int step = 0; step < 60; ++step) {
      double dot = 0, size = 0;
      for (std::size_t j = 0; c > 0 && j < n; ++j) dot += v[j] * first[j];
      for (std::size_t j = 0; j < n; ++j) v[j] -= dot * first[j], size += v[j] * v[j];
      if (!(size > 0)) break;
      for (auto& x : v) x /= std::sqrt(size);
      std::vector<double> next(n);
      variance = 0;
      for (std::size_t k = 0; k < count; ++k) {
        double p = 0;
        for (std::size_t j = 0; j < n; ++j) p += z[k * n + j] * v[j];
        along[k] = p, variance += p * p / double(count);
        for (std::size_t j = 0; j < n; ++j) next[j] += p * z[k * n + j];
      }
      if (step + 1 < 60) v = std::move(next);
    }
    (c == 0 ? out.x : out.y) = along;
    out.share[c] = total > 0 ? variance / total : 0;
    first = v;
  }
  return out;
}

inline std::string drawn_actions(const Dataset& data) {
  constexpr std::size_t bins = 40, most = 24;
  if (data.kind == action_kind::discrete) {
    std::vector<std::int64_t> count(std::size_t(data.action_size));
    for (const auto a : data.action_indices) ++count[std::size_t(a)];
    std::string out =
        fmt::format("set xtics {:.8g}\n$actions << EOD\n", std::max(1.0, distance_of_marks(double(count.size()))));
    for (std::size_t a = 0; a < count.size(); ++a) out += fmt::format("{} 0.8 {}\n", a, count[a]);
    return out + "EOD\n" + boxes("actions", "actions taken", "action, its index");
  }
  const auto d = std::size_t(data.action_size);
  if (d == 1) {
    std::vector<double> x(data.actions.begin(), data.actions.end());
    return histogram("actions", x, false) + boxes("actions", "actions", "action [0]");
  }
  // A row of the heat map for each number of an action, from its lower to its upper limit.
  std::string out = "$actions << EOD\n";
  const auto shown = std::min(d, most);
  for (std::size_t j = 0; j < shown; ++j) {
    const double low = double(data.action_low[j]), range = double(data.action_high[j]) - low;
    std::vector<std::int64_t> count(bins);
    for (std::size_t i = 0; i < std::size_t(data.size()); ++i) {
      const double at = range > 0 ? (double(data.actions[i * d + j]) - low) / range : 0.5;
      ++count[std::size_t(std::clamp(at * double(bins), 0.0, double(bins - 1)))];
    }
    for (std::size_t b = 0; b < bins; ++b)
      out += fmt::format("{} {} {:.6g}\n", (double(b) + 0.5) / double(bins), j, double(count[b]) / double(data.size()));
    out += "\n";
  }
  return out + fmt::format(
                   "EOD\nset title 'actions, each from its lower to its upper limit'\nset xlabel 'share of the range'\n"
                   "set ylabel 'number of the action'\nset xrange [0:1]\nset yrange [-0.5:{}.5]\nset cbrange [0:*]\n"
                   "unset grid\nplot $actions using 1:2:3 with image\nset grid lc rgb '#dddddd' lt 1\n"
                   "set ytics autofreq\nset autoscale xy\nset autoscale cb\n",
                   shown - 1);
}

// Mean, and the 10 % and 90 % quantiles, of the rewards in each step of an episode, in at most 100 groups of steps.
inline std::string drawn_rewards_over_time(const Dataset& data) {
  std::int64_t longest = 1;
  for (const auto& e : data.episodes) longest = std::max(longest, e.transitions);
  const auto per = (longest + 99) / 100;
  std::vector<std::vector<float>> groups(std::size_t((longest + per - 1) / per));
  for (const auto& e : data.episodes)
    for (std::int64_t k = 0; k < e.transitions; ++k)
      groups[std::size_t(k / per)].push_back(data.rewards[std::size_t(e.first + k)]);
  std::string out = "$steps << EOD\n";
  for (std::size_t g = 0; g < groups.size(); ++g) {
    auto& x = groups[g];
    if (x.empty()) continue;
    double mean = 0;
    for (const float r : x) mean += double(r) / double(x.size());
    const double low = double(tessera::detail::quantile(x, 0.1)), high = double(tessera::detail::quantile(x, 0.9));
    out += fmt::format("{} {:.8g} {:.8g} {:.8g}\n", (double(g) + 0.5) * double(per), mean, low, high);
  }
  return out +
         "EOD\nset title 'rewards over the steps of an episode: mean, and 10 % to 90 %'\nset xlabel 'step'\n"
         "set ylabel 'reward'\nplot $steps using 1:3:4 with filledcurves fs solid 0.25 noborder lc rgb '#4878a8', "
         "$steps using 1:2 with lines lw 2 lc rgb '#205080'\n";
}

inline std::string drawn_states(const Dataset& data) {
  constexpr std::size_t most = 4000;
  const auto spread = tessera::detail::spread_rows(data.size());
  std::vector<std::int64_t> rows;
  const auto shown = std::min(most, spread.size());
  for (std::size_t k = 0; k < shown; ++k) rows.push_back(spread[k * spread.size() / shown]);
  std::vector<double> returns(std::size_t(data.size()));
  for (const auto& e : data.episodes) std::fill_n(returns.begin() + e.first, e.transitions, e.episode_return);
  const auto parts = components_of(data, rows);
  std::string out = "$states << EOD\n";
  for (std::size_t k = 0; k < rows.size(); ++k)
    out += fmt::format("{:.6g} {:.6g} {:.6g}\n", parts.x[k], parts.y[k], returns[std::size_t(rows[k])]);
  const auto percent = [](double share) { return int(std::lround(100 * share)); };
  return out +
         fmt::format(
             "EOD\nset title 'states, colored by the return of the episode'\nset xlabel 'first component, {} % of the "
             "variance'\nset ylabel 'second component, {} %'\nplot $states using 1:2:3 with points pt 7 ps 0.35 lc "
             "palette\n",
             percent(parts.share[0]), percent(parts.share[1]));
}
}  // namespace detail

TESSERA_CLI_INLINE Picture picture_of(const Dataset& data) {
  std::vector<double> returns, lengths;
  for (const auto& e : data.episodes) returns.push_back(e.episode_return), lengths.push_back(double(e.rows));
  const std::vector<double> rewards(data.rewards.begin(), data.rewards.end());
  std::string script =
      "set multiplot layout 2,3 title name noenhanced margins char 10,10,4,4 spacing char 18,6\n"
      "set nokey\nset grid lc rgb '#dddddd' lt 1\nset border 3\nset tics nomirror font ',9'\n"
      "set palette defined (0 '#30123b', 1 '#4777ef', 2 '#1bd0d5', 3 '#62fc6b', 4 '#d2e935', 5 '#fe9b2d', 6 "
      "'#7a0403')\n";
  script += detail::histogram("returns", returns, false) + detail::boxes("returns", "returns of episodes", "return");
  script += detail::histogram("lengths", lengths, true) + detail::boxes("lengths", "lengths of episodes", "rows");
  script += detail::histogram("rewards", rewards, false) + detail::boxes("rewards", "rewards", "reward", true);
  script += detail::drawn_rewards_over_time(data);
  script += detail::drawn_actions(data);
  script += detail::drawn_states(data);
  return {script + "unset multiplot\n", 1500, 820};
}
}  // namespace tessera::cli
