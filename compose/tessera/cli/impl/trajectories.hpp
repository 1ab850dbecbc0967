#pragma once
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <utility>
#include <vector>

#include <tessera/cli/trajectories.hpp>

namespace tessera::cli {
namespace detail {
// The rows of each episode: the first, and one behind the last.
inline std::vector<std::pair<std::size_t, std::size_t>> episodes_of(const FlatRows& rows) {
  std::vector<std::pair<std::size_t, std::size_t>> out;
  std::size_t first = 0;
  for (std::size_t i = 0; i < rows.rewards.size(); ++i)
    if (rows.terminals[i] != 0 || rows.timeouts[i] != 0) out.emplace_back(first, i + 1), first = i + 1;
  return out;
}

// Colors that are told apart; of more than ten trajectories, around the circle of hues by the golden section.
inline std::string color_of(std::size_t n, std::size_t count) {
  static constexpr const char* few[] = {"#1f77b4", "#ff7f0e", "#2ca02c", "#d62728", "#9467bd",
                                        "#8c564b", "#e377c2", "#17becf", "#bcbd22", "#7f7f7f"};
  if (count <= std::size(few)) return few[n];
  const double hue = std::fmod(0.618033988749895 * double(n), 1.0) * 6;
  const auto part = [&](double shift) {
    const double x = std::fmod(hue + shift, 6.0);  // one of the three parts of a color, from 40 to 215
    return int(std::lround(40 + 175 * std::clamp(std::abs(x - 3) - 1, 0.0, 1.0)));
  };
  return fmt::format("#{:02x}{:02x}{:02x}", part(0), part(4), part(2));
}

// A number that gnuplot can draw.
inline std::string drawn(double x) { return std::abs(x) < 1e30 ? fmt::format("{:.6g}", x) : "NaN"; }

// Of a long episode not every step is drawn, but its last.
inline std::vector<std::size_t> drawn_steps(std::size_t first, std::size_t end) {
  constexpr std::size_t most = 1000;
  const auto every = (end - first + most - 1) / most;
  std::vector<std::size_t> out;
  for (auto i = first; i < end; i += every) out.push_back(i);
  if (out.back() + 1 != end) out.push_back(end - 1);
  return out;
}

inline Picture seen_from_above(const FloorPlan& plan, const FlatRows& rows) {
  const auto width = std::size_t(rows.observation_size);
  const auto episodes = episodes_of(rows);
  // The whole of the plan, and of what went beyond it.
  std::array<double, 4> box{plan.goal[0] - plan.goal_radius, plan.goal[1] - plan.goal_radius,
                            plan.goal[0] + plan.goal_radius, plan.goal[1] + plan.goal_radius};
  const auto take = [&](double x0, double y0, double x1, double y1) {
    box = {std::min(box[0], x0), std::min(box[1], y0), std::max(box[2], x1), std::max(box[3], y1)};
  };
  std::string script, plot;
  for (const auto& w : plan.walls) {
    take(w[0], w[1], w[2], w[3]);
    script += fmt::format(
        "set object rectangle from {},{} to {},{} fc rgb '#9a9082' fs solid border rgb '#9a9082' "
        "behind\n",
        w[0], w[1], w[2], w[3]);
  }
  script += fmt::format("set object circle at {},{} size {} fc rgb '#2ca02c' fs solid 0.25 noborder behind\n",
                        plan.goal[0], plan.goal[1], plan.goal_radius);
  std::string starts, ends;
  for (std::size_t n = 0; n < episodes.size(); ++n) {
    const auto [first, end] = episodes[n];
    const auto point = [&](const std::vector<float>& of, std::size_t i) {
      const double x = of[i * width], y = of[i * width + 1];
      if (std::abs(x) < 1e6 && std::abs(y) < 1e6) take(x, y, x, y);
      return drawn(x) + " " + drawn(y) + "\n";
    };
    starts += point(rows.observations, first), ends += point(rows.next_observations, end - 1);
    script += fmt::format("$way{} << EOD\n{}", n, point(rows.observations, first));
    for (const auto i : drawn_steps(first, end)) script += point(rows.next_observations, i);
    script += "EOD\n";
    plot += fmt::format("$way{} using 1:2 with lines lw {} lc rgb '{}' {}, ", n, episodes.size() <= 20 ? 2 : 1,
                        color_of(n, episodes.size()), n == 0 ? "title 'episode'" : "notitle");
  }
  const double across = box[2] - box[0], up = box[3] - box[1], scale = 720 / std::max(across, up);
  script += fmt::format(
      "$starts << EOD\n{}EOD\n$ends << EOD\n{}EOD\n$goal << EOD\n{} {}\nEOD\nset title name noenhanced\n"
      "set size ratio -1\n"
      "set xrange [{}:{}]\nset yrange [{}:{}]\nset xlabel 'observation [0]' offset 0,0.3\nset ylabel 'observation "
      "[1]'\n"
      "set border 3\nset tics nomirror out\nset key outside bottom center horizontal samplen 2 height 1\n",
      starts, ends, plan.goal[0], plan.goal[1], box[0], box[2], box[1], box[3]);
  plot +=
      "$starts using 1:2 with points pt 7 ps 0.9 lc rgb '#111111' title 'start', "
      "$ends using 1:2 with points pt 4 ps 1.1 lw 2 lc rgb '#111111' title 'end', "
      "$goal using 1:2 with points pt 3 ps 1.6 lw 2 lc rgb '#117711' title 'goal'\n";
  return {script + "plot " + plot, int(across * scale) + 110, int(up * scale) + 140};
}

inline Picture against_time(const FlatRows& rows) {
  const auto width = std::size_t(rows.observation_size);
  const bool discrete = rows.kind == action_kind::discrete;
  const auto d = discrete ? std::size_t{1} : std::size_t(rows.action_size);
  const auto states = std::min(width, most_observations_drawn), actions = std::min(d, most_actions_drawn);
  const auto episodes = episodes_of(rows);
  std::string script, panels;
  std::size_t longest = 1;
  for (std::size_t n = 0; n < episodes.size(); ++n) {
    const auto [first, end] = episodes[n];
    longest = std::max(longest, end - first);
    script += fmt::format("$way{} << EOD\n", n);
    for (const auto i : drawn_steps(first, end)) {
      script += std::to_string(i - first);
      for (std::size_t k = 0; k < states; ++k) script += " " + drawn(rows.observations[i * width + k]);
      for (std::size_t k = 0; k < actions; ++k)
        script += " " + drawn(discrete ? double(rows.action_indices[i]) : double(rows.actions[i * d + k]));
      script += "\n";
    }
    script += "EOD\n";
  }
  const auto count = states + actions;
  const auto columns = count <= 4 ? std::min<std::size_t>(count, 2) : std::min<std::size_t>((count + 2) / 3, 4);
  const auto lines = (count + columns - 1) / columns;
  for (std::size_t k = 0; k < count; ++k) {
    const auto what = k < states ? fmt::format("observation [{}]", k)
                      : discrete ? std::string("action, its index")
                                 : fmt::format("action [{}]", k - states);
    panels +=
        fmt::format("set title '{}'\n{}\nplot ", what, k + columns >= count ? "set xlabel 'step'" : "unset xlabel");
    for (std::size_t n = 0; n < episodes.size(); ++n)
      panels +=
          fmt::format("{}$way{} using 1:{} with {} lw {} lc rgb '{}'", n == 0 ? "" : ", ", n, k + 2,
                      k < states ? "lines" : "steps", episodes.size() <= 20 ? 1.5 : 1.0, color_of(n, episodes.size()));
    panels += "\n";
  }
  script += fmt::format(
      "set multiplot layout {},{} title name noenhanced margins char 9,2,4,5 spacing char 9,5\n"
      "set nokey\nset grid lc rgb '#dddddd' lt 1\nset border 3\nset tics nomirror\nset xrange [0:{}]\n"
      "set offsets 0,0,graph 0.05,graph 0.05\n",
      lines, columns, longest);
  return {script + panels + "unset multiplot\n", int(columns) * 360 + 60, int(lines) * 230 + 90};
}
}  // namespace detail

TESSERA_CLI_INLINE Picture picture_of(const AnyTask& task, const FlatRows& rows) {
  return task.floor_plan && rows.observation_size >= 2 ? detail::seen_from_above(*task.floor_plan, rows)
                                                       : detail::against_time(rows);
}

TESSERA_CLI_INLINE std::size_t reaching(const FloorPlan& plan, const FlatRows& rows) {
  const auto width = std::size_t(rows.observation_size);
  std::size_t count = 0;
  for (const auto& [first, end] : detail::episodes_of(rows)) {
    bool at_goal = false;
    for (auto i = first; i < end; ++i)
      at_goal = at_goal || plan.reached(rows.next_observations[i * width], rows.next_observations[i * width + 1]);
    count += at_goal;
  }
  return count;
}
}  // namespace tessera::cli
