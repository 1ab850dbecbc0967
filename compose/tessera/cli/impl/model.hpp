#pragma once
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <iostream>
#include <numeric>

#include <tessera/cli/catalog.hpp>
#include <tessera/cli/commands.hpp>
#include <tessera/cli/data_flags.hpp>
#include <tessera/cli/environment.hpp>
#include <tessera/cli/files.hpp>
#include <tessera/cli/interrupt.hpp>
#include <tessera/cli/json.hpp>
#include <tessera/cli/load.hpp>
#include <tessera/cli/model.hpp>
#include <tessera/cli/model_folder.hpp>
#include <tessera/cli/picture.hpp>
#include <tessera/cli/run_config.hpp>
#include <tessera/cli/say.hpp>
#include <tessera/doctor/check.hpp>
#include <tessera/nn/device.hpp>
#include <tessera/nn/threads.hpp>
#include <tessera/sources/load.hpp>

namespace tessera::cli {
namespace fs = std::filesystem;

namespace detail {
// The steps for which a table shows errors: 1, 2, 5, 10, ... and the last.
inline std::vector<std::int64_t> shown_steps(std::int64_t horizon) {
  std::vector<std::int64_t> out;
  for (std::int64_t decade = 1; decade < horizon; decade *= 10)
    for (const std::int64_t k : {1, 2, 5})
      if (k * decade < horizon) out.push_back(k * decade);
  out.push_back(horizon);
  return out;
}

// The held-out transitions as separate episodes: whole ones, or the end of one that was split.
inline std::vector<Episode> held_out_episodes(const Dataset& data, const std::vector<std::int64_t>& held) {
  std::vector<Episode> out;
  auto row = held.begin();
  for (const auto& e : data.episodes) {
    const auto end = std::lower_bound(row, held.end(), e.first + e.transitions);
    if (end != row) out.push_back({*row, end - row, end - row, 0, 0, e.complete});
    row = end;
  }
  return out;
}

inline double mean_of_states(const std::vector<double>& errors, const std::vector<double>& spread) {
  double sum = 0;
  for (std::size_t j = 0; j + 1 < errors.size(); ++j) sum += errors[j] / spread[j];
  return sum / double(errors.size() - 1);
}

// One panel for the mean over all state components, one for each component, and one for the reward; if there are many
// components, those with the largest errors.
inline bool draw_open_loop(const std::string& base, const std::string& title, const OpenLoopErrors& errors,
                           const std::vector<double>& spread) {
  constexpr std::size_t max = 10;
  const auto n = spread.size() - 1, steps = errors.model.size();
  std::vector<std::size_t> states(n);
  std::iota(states.begin(), states.end(), 0);
  if (n > max) {
    const auto& last = errors.model.back();
    std::stable_sort(states.begin(), states.end(),
                     [&](auto a, auto b) { return last[a] / spread[a] > last[b] / spread[b]; });
    states.resize(max);
    std::sort(states.begin(), states.end());
  }
  std::string rows;
  double min = 1, largest = 1;
  const auto add = [&](double model, double still) {
    rows += fmt::format(" {} {}", model, still);
    for (const double x : {model, still})
      if (x > 0 && std::isfinite(x)) min = std::min(min, x), largest = std::max(largest, x);
  };
  for (std::size_t t = 0; t < steps; ++t) {
    rows += std::to_string(t + 1);
    add(mean_of_states(errors.model[t], spread), mean_of_states(errors.still[t], spread));
    for (const auto j : states) add(errors.model[t][j] / spread[j], errors.still[t][j] / spread[j]);
    add(errors.model[t][n] / spread[n], errors.still[t][n] / spread[n]);
    rows += "\n";
  }
  const auto panels = states.size() + 2, columns = panels <= 4 ? panels : std::min<std::size_t>((panels + 1) / 2, 4);
  const auto lines = (panels + columns - 1) / columns;
  std::size_t tic = 1;  // 1, 2 or 5 of a decade: at most six
  for (std::size_t k = 0; tic * 5 < steps; ++k) tic = k % 3 == 1 ? tic * 5 / 2 : tic * 2;
  std::string script = fmt::format(
      "$errors << EOD\n{}EOD\nset multiplot layout {},{} title name noenhanced margins char 9,2,4,5 spacing char 7,5\n"
      "set grid lc rgb '#dddddd' lt 1\nset border 3\nset tics nomirror\nset xrange [{}:{}]\n{}set logscale y\nset "
      "yrange [{}:{}]\n"
      "set format y '%g'\n",
      rows, lines, columns, steps > 1 ? 1.0 : 0.5, steps > 1 ? double(steps) : 1.5,
      fmt::format("set xtics {} add ('1' 1)\n", tic), min / 1.3, largest * 1.3);
  for (std::size_t i = 0; i < panels; ++i) {
    const auto what = i == 0            ? std::string("state, mean")
                      : i + 1 == panels ? "reward"
                                        : fmt::format("state [{}]", states[i - 1]);
    script += fmt::format(
        "set title '{}'\n{}\n{}\nset {}\n", what, i + columns >= panels ? "set xlabel 'steps'" : "unset xlabel",
        i % columns == 0 ? "set ylabel 'RMSE / spread'" : "unset ylabel", i == 0 ? "key bottom right" : "nokey");
    script += fmt::format(
        "plot $errors using 1:{} with lines lw 2 dt 2 lc rgb '#888888' title 'if nothing moved', "
        "$errors using 1:{} with {} lw 2 pt 7 ps 0.5 lc rgb '{}' title 'model'\n",
        2 * i + 3, 2 * i + 2, steps <= 50 ? "linespoints" : "lines", i + 1 == panels ? "#d08030" : "#1f77b4");
  }
  return draw(base, int(columns) * 300 + 60, int(lines) * 260 + 80, title, script + "unset multiplot\n");
}

// The data that a model is evaluated on: some of a data set's transitions, and the episodes that they make up.
struct Measured {
  Dataset data;
  std::vector<std::int64_t> rows;
};
inline Measured measured(const ModelInspectCommand& c, const LearnedModel& model, const std::string& file) {
  const auto& of = model.data();
  Measured out;
  auto& data = out.data;
  try {
    data = load(c.dataset.empty() ? of.name : moved_dataset(c.dataset, of.name), c.reading);
  } catch (const Error& e) {
    if (!c.dataset.empty()) throw;
    throw Error(fmt::format("{} (the data set that {} names); give it with --dataset", e.what(), file));
  }
  // An environment may have known of more actions than were logged.
  if (data.kind == action_kind::discrete) data.action_size = std::max(data.action_size, of.action_size);
  const auto identity = identity_of(data);
  require_same_sizes(identity, of, file);
  const bool same = identity.hash == of.hash;
  if (!same && !c.new_data)
    throw Error(
        fmt::format("{}: is not the data that {} was trained on ({}, of hash {}); give that, or say --new-data to "
                    "measure on all of this",
                    data.name, file, of.name, hash_text(of.hash)));
  if (same && c.new_data)
    throw Error(
        fmt::format("{}: is the data that {} was trained on; leave out --new-data to measure on what was held out",
                    data.name, file));
  if (c.new_data) {
    out.rows.resize(std::size_t(data.size()));
    std::iota(out.rows.begin(), out.rows.end(), 0);
  } else {
    out.rows = model.split(data).held;
    data.episodes = held_out_episodes(data, out.rows);
  }
  return out;
}

// Calls f(j) for the state components that are worth a line, and for the reward: a one-hot state has hundreds.
template <class F>
void each_listed(std::size_t n, F f) {
  constexpr std::size_t max = 64;
  for (std::size_t j = 0; j < std::min(n, max); ++j) f(j, fmt::format("[{}]", j));
  if (n > max) fmt::print("  ... and {} more numbers of the state\n", n - max);
  f(n, std::string("reward"));
}

inline void print(const OneStepErrors& e, bool ends) {
  fmt::print("One step\n  {:<10}{:>12}{:>18}{:>14}\n", "", "RMSE", "MSE / variance", "calibration");
  each_listed(e.rmse.size() - 1, [&](std::size_t j, const std::string& name) {
    fmt::print("  {:<10}{:>12.4g}{:>18.4g}{:>14.3g}\n", name, e.rmse[j], e.normalized[j], e.calibration[j]);
  });
  fmt::print(
      "  RMSE in the task's units; MSE over the variance of what is predicted, the change of the state and the "
      "reward;\n"
      "  calibration: mean squared error over the stated variance, 1 where that is right, more where the model is too "
      "sure\n");
  if (ends) fmt::print("  ends: {:.3g} % missed, {:.3g} % false\n", 100 * e.missed_ends, 100 * e.false_ends);
  else fmt::print("  ends: it says of no transition that the task ends there\n");
}

inline void print(const OpenLoopErrors& e, const std::vector<double>& spread, const std::vector<std::int64_t>& steps) {
  fmt::print("Open loop: RMSE over the spread in the data, after so many steps by the logged actions, from {} starts\n",
             e.starts);
  fmt::print("  {:<10}{:>11}", "", "spread");
  for (const auto t : steps) fmt::print("{:>10}", t);
  fmt::print("\n");
  const auto line = [&](const std::string& name, auto at) {
    fmt::print("  {:<21}", name);
    for (const auto t : steps) fmt::print("{:>10.3g}", at(std::size_t(t - 1)));
    fmt::print("\n");
  };
  each_listed(spread.size() - 1, [&](std::size_t j, const std::string& name) {
    line(fmt::format("{:<10}{:>11.4g}", name, spread[j]), [&](std::size_t t) { return e.model[t][j] / spread[j]; });
  });
  line("mean of the state", [&](std::size_t t) { return mean_of_states(e.model[t], spread); });
  line("if nothing moved", [&](std::size_t t) { return mean_of_states(e.still[t], spread); });
}
}  // namespace detail

TESSERA_CLI_INLINE void train_model(const ModelTrainCommand& c) {
  end_on_signals();
  read_environments(c.reading);
  if (c.threads > 0) nn::set_threads(c.threads);
  const auto device = nn::device(c.device);
  WantedModel model{c.kind, trained_dynamics_model(c.kind).settings(settings(c.set))};
  if (!c.env.empty()) require_environment(c.env);
  auto data = load(c.dataset, c.reading);
  for (const auto& w : data.warnings) say("warning [{}]: {}", w.name, w.message);
  for (const auto& w : training_findings(data)) say("warning [{}]: {}", w.name, w.message);
  if (!c.env.empty()) fit_to_environment(data, c.env);

  auto identity = identity_of(data);
  identity.name = absolute_dataset(data.name);
  const ModelRequest request{data, std::move(identity), std::move(model), c.env, device};
  const auto folder = c.out.empty() ? default_model_folder(request) : c.out;
  auto result = make_model(request, folder, c.overwrite ? if_there::replace : if_there::refuse).report;
  result.erase("parameters");
  result["out"] = folder;
  std::cout << line_of(result) << std::endl;
  if (interrupted()) throw Interrupted("interrupted after the model's training; " + folder + " is whole");
}

TESSERA_CLI_INLINE void inspect_model(const ModelInspectCommand& c) {
  end_on_signals();
  if (c.horizon < 1 || c.horizon > 100'000)
    throw Error(fmt::format("--horizon must be from 1 to 100000, not {}", c.horizon));
  if (c.new_data && c.dataset.empty())
    throw Error("--new-data says that --dataset is other data than the model was trained on; name it with --dataset");
  if (c.threads > 0) nn::set_threads(c.threads);
  const auto file = model_file(c.model);
  const auto out = c.out.empty() ? fs::path(file).parent_path().string() : c.out;
  if (!out.empty() && !fs::is_directory(out)) throw Error(out + ": there is no such folder; give another --out");
  const auto model = trained_dynamics_model(dynamics_kind(file)).load(file, nn::device(c.device));
  const auto& of = model->data();
  const auto [data, rows] = detail::measured(c, *model, file);

  std::int64_t longest = 0, starts = 0;
  for (const auto& e : data.episodes) {
    longest = std::max(longest, e.transitions);
    starts += std::max<std::int64_t>(0, e.transitions - c.horizon + 1);
  }
  if (starts == 0)
    throw Error(fmt::format("--horizon {}: the longest {}episode has {} transitions; ask for at most that", c.horizon,
                            c.new_data ? "" : "held-out ", longest));
  const auto one = model->one_step(data, rows);
  std::vector<std::int64_t> episodes(data.episodes.size());
  std::iota(episodes.begin(), episodes.end(), 0);
  constexpr std::int64_t max_starts = 2000;
  const auto open = model->open_loop(data, episodes, c.horizon, std::max<std::int64_t>(1, starts / max_starts));
  const auto spread = model->spread(data, rows);

  const auto members = std::int64_t(model->errors().size());
  fmt::print(
      "{}: {}, {} epochs, trained on {}\n", printable(file),
      members == 1 ? "a " + model->kind() : fmt::format("the best {} of {} members", model->drawn_from(), members),
      model->trained(), printable(of.name));
  fmt::print("Measured on {} transitions in {} episodes {}\n", rows.size(), data.episodes.size(),
             c.new_data ? "of " + printable(data.name) + ", new to it" : "that were held out of its training");
  detail::print(one, model->ends());
  const auto steps = detail::shown_steps(c.horizon);
  detail::print(open, spread, steps);
  const auto base = (fs::path(out) / "open_loop").string();
  if (detail::draw_open_loop(base, fmt::format("Open-loop errors on {}, from {} starts", short_name(data), open.starts),
                             open, spread))
    fmt::print("Drawn: {}.png, {}.svg\n", printable(base), printable(base));

  json result = {{"model", file},
                 {"kind", model->kind()},
                 {"dataset", data.name},
                 {"new_data", c.new_data},
                 {"transitions", rows.size()},
                 {"episodes", data.episodes.size()},
                 {"rmse", one.rmse},
                 {"normalized_mse", one.normalized},
                 {"calibration", one.calibration},
                 {"missed_ends", one.missed_ends},
                 {"false_ends", one.false_ends},
                 {"horizon", c.horizon},
                 {"starts", open.starts},
                 {"steps", steps},
                 {"open_loop", json::array()},
                 {"if_nothing_moved", json::array()}};
  for (const auto t : steps)  // by state component, the reward last; divided by their spread
    for (const auto& [key, errors] :
         {std::pair{"open_loop", &open.model}, std::pair{"if_nothing_moved", &open.still}}) {
      auto row = (*errors)[std::size_t(t - 1)];
      for (std::size_t j = 0; j < row.size(); ++j) row[j] /= spread[j];
      result[key].push_back(row);
    }
  std::cout << line_of(result) << std::endl;
}
}  // namespace tessera::cli
