#pragma once
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <iostream>
#include <map>
#include <set>
#include <tuple>
#include <utility>

#include <tessera/cli/files.hpp>
#include <tessera/cli/json.hpp>
#include <tessera/cli/picture.hpp>
#include <tessera/cli/pretty_json.hpp>
#include <tessera/cli/say.hpp>
#include <tessera/cli/score.hpp>
#include <tessera/cli/seeds_report.hpp>
#include <tessera/eval/normalized_score.hpp>
#include <tessera/eval/over_seeds.hpp>
#include <tessera/io/write_csv.hpp>
#include <tessera/support/number_text.hpp>
#include <tessera/support/printable.hpp>

namespace tessera::cli {
namespace detail {
// The statistics of one number of each run, as JSON: NAME_mean, NAME_std, ...
inline void add_statistics(json& to, const std::string& name, const std::vector<double>& values) {
  if (values.empty()) return;
  const auto all = over_seeds(values);
  to[name + "_mean"] = all.mean, to[name + "_std"] = all.std;
  to[name + "_mean_interval"] = {all.mean_interval.low, all.mean_interval.high};
  to[name + "_interquartile_mean"] = all.interquartile_mean;
  to[name + "_interquartile_mean_interval"] = {all.interquartile_mean_interval.low,
                                               all.interquartile_mean_interval.high};
}

// "return of 5 runs: mean -171.2 [-173.0, -169.1], interquartile mean ..."
inline std::string statistics_text(const std::string& name, const std::vector<double>& values) {
  const auto all = over_seeds(values);
  return fmt::format(
      "{} over {} seeds: mean {:.5g} (95 % interval {:.5g} to {:.5g}), standard deviation {:.4g}, interquartile mean "
      "{:.5g} ({:.5g} to {:.5g})",
      name, all.count, all.mean, all.mean_interval.low, all.mean_interval.high, all.std, all.interquartile_mean,
      all.interquartile_mean_interval.low, all.interquartile_mean_interval.high);
}

// A text for a script: what a quote or an escape would end is not in it.
inline std::string plain_words(std::string text) {
  text = printable(text, 80);
  for (char& x : text)
    if (x == '\'' || x == '"' || x == '\\' || x == '`' || x == '@') x = ' ';
  return text;
}

inline constexpr std::size_t colors_there = 10;

// All curves in one picture: a thin line for each seed, their mean, where all of them were evaluated, and its bootstrap
// interval; of a grid a color for each setting, and no mean.  Runs without an environment: their estimates by the data.
// Of a single evaluation there are no curves: the points are large, and the mean stands beside them.
inline void draw_curves(const std::string& out, const std::vector<SeedRun>& runs, std::optional<double> behavior) {
  constexpr auto named = colors_there;  // with more, each seed has no color and no name of its own
  constexpr const char* colors[named] = {"#1f77b4", "#ff7f0e", "#2ca02c", "#d62728", "#9467bd",
                                         "#8c564b", "#e377c2", "#7f7f7f", "#bcbd22", "#17becf"};
  std::string data, plot;
  std::map<std::int64_t, std::vector<double>> at;
  const bool by_data = std::none_of(runs.begin(), runs.end(), [](const SeedRun& run) {
    return std::any_of(run.rows.begin(), run.rows.end(), [](const Row& row) { return row.return_mean.has_value(); });
  });
  const auto shown_of = [by_data](const Row& row) { return by_data ? row.metric(estimate_column) : row.return_mean; };
  if (by_data) behavior.reset();
  for (const auto& run : runs)
    for (const auto& row : run.rows)
      if (const auto x = shown_of(row)) at[row.updates].push_back(*x);
  const bool once = at.size() == 1;
  const char* const as = once ? "points pt 7 ps 1.4" : "linespoints lw 1 pt 7 ps 0.35";
  const bool grid = !runs.front().settings.empty();
  std::set<std::size_t> groups_named;
  std::size_t curves = 0;
  std::int64_t online_from = 0;
  double low = behavior.value_or(HUGE_VAL), high = behavior.value_or(-HUGE_VAL);
  for (const auto& run : runs) {
    std::string points;
    for (const auto& row : run.rows)
      if (const auto x = shown_of(row)) {
        points += fmt::format("{} {}\n", row.updates, *x);
        low = std::min(low, *x), high = std::max(high, *x);
      }
    if (points.empty()) continue;
    const auto& c = run.config.command;
    if (c.online.steps > 0) online_from = c.steps;
    data += fmt::format("$seed{} << EOD\n{}EOD\n", curves, points);
    const auto groups = runs.back().group + 1;
    const bool first = groups_named.insert(run.group).second;
    const bool colored = grid ? groups <= named : runs.size() <= named;
    const auto title = grid && colored && first ? fmt::format("title setting_{} noenhanced", run.group)
                       : grid                   ? std::string(curves == 0 ? "title 'one run'" : "notitle")
                       : colored                ? fmt::format("title 'seed {}'", run.seed)
                       : curves == 0            ? std::string("title 'one seed'")
                                                : std::string("notitle");
    if (grid && colored && first) data += fmt::format("setting_{} = '{}'\n", run.group, plain_words(run.setting()));
    plot += fmt::format("$seed{} using 1:2 with {} lc rgb '{}' {}, ", curves, as,
                        colored ? colors[grid ? run.group : curves] : "#9ecae1", title);
    ++curves;
  }
  if (curves == 0) return;
  std::string mean, band;
  for (const auto& [updates, values] : at) {
    if (values.size() != curves) continue;
    const auto here = over_seeds(values, {.resamples = 2'000});
    mean += fmt::format("{} {}\n", updates, here.mean);
    band += fmt::format("{} {} {} {}\n", updates, here.mean_interval.low, here.mean_interval.high, here.mean);
  }
  const bool together = curves > 1 && !mean.empty() && !grid;
  if (together) data += fmt::format("$mean << EOD\n{}EOD\n$band << EOD\n{}EOD\n", mean, band);
  const auto* shown = &runs.front();
  for (const auto& run : runs)
    if (run.saved) shown = &run;
  auto script = data +
                "set title name noenhanced\nset xlabel 'updates'\n"
                "set key outside top center horizontal\nset grid lc rgb '#dddddd' lt 1\nset border 3\n"
                "set tics nomirror\nset xrange [0:*]\nset style fill transparent solid 0.2 noborder\n"
                "set format x '%.0f'\n";
  script += by_data ? "set ylabel 'discounted return, by the data (fqe)'\n" : "set ylabel 'episode return'\n";
  if (behavior) script += fmt::format("behavior = {}\n", *behavior);
  if (once) script += only_at(at.begin()->first);
  script += online_mark(online_from);
  if (!by_data) script += score_axis(shown->config.score, low, high);
  std::string all = "plot ";
  if (together && !once)
    all += "$band using 1:2:3 with filledcurves lc rgb '#444444' title '95 % interval of the mean', ";
  all += plot;
  if (together && once)
    all +=
        "$band using (1.04 * $1):4:2:3 with yerrorbars lw 2 pt 5 ps 1 lc rgb '#222222' "
        "title 'mean, and its 95 % interval', ";
  else if (together) all += "$mean using 1:2 with lines lw 3 lc rgb '#222222' title 'mean', ";
  if (behavior) all += "behavior with lines lw 2 dt 2 lc rgb '#444444' title 'behavior policy (data)', ";
  all.resize(all.size() - 2);
  const auto& c = shown->config.command;
  draw(out + "/curves", 900, 560,
       fmt::format("{} on {}, {} {}", c.algorithm, c.dataset.empty() ? c.env : label_of(c.dataset), curves,
                   grid ? "runs" : "seeds"),
       script + all + "\n");
}
// Of more settings than have colors: a panel for each hyper-parameter, what the runs have come to over its values; on a
// logarithmic axis where these span more than a factor of twenty, and in their order where they are no numbers.
inline void draw_settings(const std::string& out, const std::vector<SeedRun>& runs) {
  constexpr std::size_t most = 12, columns = 3;
  const bool by_data = std::none_of(runs.begin(), runs.end(), [](const SeedRun& run) { return run.last(); });
  const auto result_of = [&](const SeedRun& run) -> std::optional<double> {
    if (by_data) return run.last_estimate() ? run.last_estimate()->metric(estimate_column) : std::nullopt;
    return run.last() ? run.last()->return_mean : std::nullopt;
  };
  const auto panels = std::min(most, runs.front().settings.size());
  std::string script, data;
  for (std::size_t k = 0; k < panels; ++k) {
    const auto& first = runs.front().settings[k];
    const auto key = first.substr(0, first.find('='));
    std::vector<std::string> words;  // the values, in order
    std::vector<std::pair<std::string, double>> points;
    bool numbers = true;
    double low = HUGE_VAL, high = -HUGE_VAL;
    for (const auto& run : runs) {
      const auto y = result_of(run);
      if (!y) continue;
      const auto value = run.settings[k].substr(key.size() + 1);
      points.emplace_back(value, *y);
      if (std::find(words.begin(), words.end(), value) == words.end()) words.push_back(value);
      const auto x = real_number(value);
      numbers = numbers && x.has_value();
      if (x) low = std::min(low, *x), high = std::max(high, *x);
    }
    if (points.empty()) return;
    data += fmt::format("$panel{} << EOD\n", k);
    for (const auto& [value, y] : points)
      data += numbers ? fmt::format("{} {}\n", *real_number(value), y)
                      : fmt::format("{} {}\n", std::find(words.begin(), words.end(), value) - words.begin(), y);
    data += "EOD\n";
    const bool logarithmic = numbers && low > 0 && high > 20 * low;
    script += fmt::format("set xlabel '{}' noenhanced\nunset logscale\nset xtics autofreq\nset format x '%g'\n",
                          plain_words(key));
    if (logarithmic) script += "set logscale x\n";
    if (numbers && low < high)
      script += logarithmic ? fmt::format("set xrange [{}:{}]\n", low / 1.3, high * 1.3)
                            : fmt::format("set xrange [{}:{}]\nset xtics {}, {}\nset format x '%.2g'\n",
                                          low - 0.08 * (high - low), high + 0.08 * (high - low), low, (high - low) / 3);
    else if (numbers) script += "set xrange [*:*]\n";
    constexpr std::size_t few = 5;
    if (numbers && words.size() <= few) {
      std::string marks;
      for (const auto& word : words) marks += fmt::format("{}{}", marks.empty() ? "" : ", ", *real_number(word));
      script += "set format x '%g'\nset xtics (" + marks + ")\n";
    }
    if (!numbers) {
      script += fmt::format("set xrange [-0.5:{}]\n", double(words.size()) - 0.5);
      std::string marks;
      for (std::size_t i = 0; i < words.size(); ++i)
        marks += fmt::format("{}'{}' {}", i == 0 ? "" : ", ", plain_words(words[i]), i);
      script += "set xtics noenhanced (" + marks + ")\n";
    }
    script += fmt::format("plot $panel{} using 1:2 with points pt 7 ps 0.7 lc rgb '#1f77b4' notitle\n", k);
  }
  if (panels < runs.front().settings.size())
    say("settings.svg: shows {} of {} hyper-parameters", panels, runs.front().settings.size());
  const auto wide = std::min(panels, columns), high = (panels + columns - 1) / columns;
  const SeedRun* any = nullptr;
  for (const auto& run : runs)
    if (run.saved) any = &run;
  const auto& c = any->config.command;
  const auto title =
      fmt::format("{} on {}, {} runs", c.algorithm, c.dataset.empty() ? c.env : label_of(c.dataset), runs.size());
  draw(out + "/settings", int(330 * wide + 40), int(280 * high + 60), title,
       data +
           fmt::format("set multiplot layout {},{} title name noenhanced\nset grid lc rgb '#dddddd' lt 1\nset border "
                       "3\nset tics nomirror\n"
                       "set ylabel '{}'\n",
                       high, wide, by_data ? "discounted return, by the data (fqe)" : "episode return") +
           script + "unset multiplot\n");
}
}  // namespace detail

TESSERA_CLI_INLINE void report_runs(const std::string& out, const std::vector<SeedRun>& runs,
                                    std::optional<double> behavior, double seconds) {
  const bool grid = !runs.front().settings.empty();
  const bool judged = std::any_of(runs.begin(), runs.end(), [](const SeedRun& run) { return run.last_estimate(); });
  json result, each = json::array(), finished = json::array(), failed = json::array(), seeds = json::array();
  std::vector<double> returns, scores;
  std::vector<std::vector<double>> of_setting(runs.back().group + 1);  // returns, or estimates where there are none
  const bool by_data = std::none_of(runs.begin(), runs.end(), [](const SeedRun& run) { return run.last(); });
  std::string table;
  for (const auto& setting : runs.front().settings) table += setting.substr(0, setting.find('=')) + ",";
  table += std::string("seed,updates,return_mean,return_std,score") + (judged ? ",fqe,fqe_low,fqe_high" : "") + "\n";
  std::size_t width = 10;
  for (const auto& run : runs) width = std::max(width, run.label().size());
  std::optional<RunScore> reference;
  const SeedRun* any = nullptr;
  bool shown = false;
  for (const auto& run : runs) {
    const auto known_as = grid ? json(run.key()) : json(run.seed);
    if (run.group == 0) seeds.push_back(run.seed);
    if (!run.error.empty()) failed.push_back(known_as);
    if (!run.saved) continue;
    any = &run;
    if (!reference) reference = run.config.score;
    if (run.finished) finished.push_back(known_as);
    json one = {{"seed", run.seed}, {"finished", run.finished}, {"updates", run.updates}};
    for (const auto& setting : run.settings) {
      const auto equals = setting.find('=');
      one["settings"][setting.substr(0, equals)] = setting.substr(equals + 1);
    }
    const auto *last = run.last(), *estimate = run.last_estimate();
    if (judged)
      for (const auto& [name, column] :
           {std::pair{"fqe", estimate_column}, {"fqe_low", estimate_low_column}, {"fqe_high", estimate_high_column}})
        one[name] = estimate ? json(estimate->metric(column).value_or(NAN)) : json();
    one["return_mean"] = last ? json(*last->return_mean) : json();
    one["return_std"] = last ? json(*last->return_std) : json();
    std::string score;
    if (last && run.config.score) {
      const double x = normalized_score(*last->return_mean, run.config.score->between);
      one["score"] = x, score = fmt::format("{}", x);
      if (run.finished) scores.push_back(x);
    }
    one["out"] = run.folder;
    each.push_back(one);
    if (!last && !estimate) continue;
    if (last && run.finished) returns.push_back(*last->return_mean);
    if (run.finished && (last || by_data))
      of_setting[run.group].push_back(by_data ? *estimate->metric(estimate_column) : *last->return_mean);
    for (const auto& setting : run.settings)
      table += tessera::detail::csv_field(setting.substr(setting.find('=') + 1)) + ",";
    table += fmt::format("{},{},{},{}", run.seed, run.rows.back().updates,
                         last ? fmt::format("{},{}", *last->return_mean, *last->return_std) : ",", score);
    std::string told;
    for (const char* column : {estimate_column, estimate_low_column, estimate_high_column}) {
      if (!judged) continue;
      const auto x = estimate ? estimate->metric(column) : std::nullopt;
      table += x ? fmt::format(",{}", *x) : ",";
      told += fmt::format(" {:>10}", x ? fmt::format("{:.5g}", *x) : "-");
    }
    table += "\n";
    if (!std::exchange(shown, true))
      say("{:>{}} {:>12} {:>12} {:>12} {:>8}{}", grid ? "run" : "seed", width, "updates", "return", "std", "score",
          judged ? fmt::format(" {:>10} {:>10} {:>10}", "fqe", "low", "high") : "");
    say("{:>{}} {:>12} {:>12} {:>12} {:>8}{}{}", grid ? run.label() : std::to_string(run.seed), width,
        run.rows.back().updates, last ? fmt::format("{:.5g}", *last->return_mean) : "-",
        last ? fmt::format("{:.4g}", *last->return_std) : "-",
        score.empty() ? "" : fmt::format("{:.1f}", one["score"].get<double>()), told,
        run.finished ? "" : "  (not finished)");
  }
  if (grid) {
    result["settings"] = json::array();
    std::pair<double, std::string> best;  // the first of equal ones
    for (const auto& run : runs) {
      if (run.seed != runs.front().seed || of_setting[run.group].empty()) continue;
      const auto& values = of_setting[run.group];
      const std::string name = by_data ? "fqe" : "return";
      json one = {{"setting", run.setting()}, {"seeds", values.size()}};
      detail::add_statistics(one, name, values);
      result["settings"].push_back(one);
      const auto mean = one[name + "_mean"].get<double>();
      if (best.second.empty() || mean > best.first) best = {mean, run.setting()};
      if (values.size() > 1) say("{}: {}", run.setting(), detail::statistics_text(name, values));
    }
    if (!best.second.empty() && result["settings"].size() > 1) {
      say("best of {} settings: {}, with a mean {} of {:.5g}", result["settings"].size(), best.second,
          by_data ? "estimate" : "return", best.first);
      result["best"] = {{"setting", best.second}, {"mean", best.first}};
    }
    returns.clear(), scores.clear();  // of different settings there is no mean
  }
  if (!returns.empty()) say(detail::statistics_text("return", returns));
  if (!scores.empty()) say(detail::statistics_text("score", scores));
  result["algorithm"] = any ? json(any->config.command.algorithm) : json();
  result["dataset"] = any ? json(any->config.command.dataset) : json();
  result["seeds"] = seeds, result["finished"] = finished, result["failed"] = failed, result["seconds"] = seconds;
  detail::add_statistics(result, "return", returns);
  if (behavior) result["return_behavior"] = *behavior;
  detail::add_statistics(result, "score", scores);
  if (reference) result["score_reference"] = score_json(*reference);
  result["runs"] = each, result["out"] = out;
  if (any) {
    if (table.find('\n') + 1 < table.size()) write_text(out + (grid ? "/grid.csv" : "/seeds.csv"), table);
    write_text(out + "/result.json", pretty(result) + "\n");
    if (shown) detail::draw_curves(out, runs, behavior);
    if (shown && grid && runs.back().group >= detail::colors_there) detail::draw_settings(out, runs);
  }
  std::cout << line_of(result) << std::endl;
}

TESSERA_CLI_INLINE std::optional<double> behavior_in(const std::string& text) {
  const auto x = json::parse(text, nullptr, false);
  if (!x.is_object()) return std::nullopt;
  const auto found = x.find("return_behavior");
  if (found == x.end() || !found->is_number() || !std::isfinite(found->get<double>())) return std::nullopt;
  return found->get<double>();
}
}  // namespace tessera::cli
