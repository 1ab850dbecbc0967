#pragma once
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <iostream>
#include <limits>
#include <numeric>
#include <optional>
#include <set>

#include <tessera/cli/agent.hpp>
#include <tessera/cli/algorithm_of.hpp>
#include <tessera/cli/environment.hpp>
#include <tessera/cli/files.hpp>
#include <tessera/cli/interrupt.hpp>
#include <tessera/cli/load.hpp>
#include <tessera/cli/ope.hpp>
#include <tessera/cli/pretty_json.hpp>
#include <tessera/cli/run_folder.hpp>
#include <tessera/cli/say.hpp>
#include <tessera/cli/select_runs.hpp>
#include <tessera/eval/rank_correlation.hpp>
#include <tessera/eval/sequential_halving.hpp>
#include <tessera/nn/device.hpp>
#include <tessera/nn/threads.hpp>
#include <tessera/support/error.hpp>

namespace tessera::cli {
namespace detail {
// One discount for all: the runs' own, or, where these differ, the largest, and one line that says so.
inline double common_discount(const SelectCommand& c) {
  if (c.discount >= 0) return c.discount;
  std::set<double> own;
  for (const auto& run : c.runs)
    if (const double x = discount_of(RunFolder::config_of(run).parameters); x >= 0) own.insert(x);
  if (own.empty()) return 0.99;
  if (own.size() > 1)
    say("discount: {}, the largest of the runs' own, for all of them; give --discount for another", *own.rbegin());
  return *own.rbegin();
}
inline double lower_end(const Judged& j, const std::string& by) {
  const auto* e = j.find(by);
  if (!e || !std::isfinite(e->value)) return -std::numeric_limits<double>::infinity();
  return std::isfinite(e->interval.low) ? e->interval.low : e->value;
}
inline double estimate_of(const Judged& j, const std::string& by) {
  const auto* e = j.find(by);
  return e && std::isfinite(e->value) ? e->value : -std::numeric_limits<double>::infinity();
}

// The runs' episodes in an environment, under a budget.
inline Halving halved(const SelectCommand& c, const std::vector<std::size_t>& order) {
  return sequential_halving(order, c.episodes, [&](std::size_t k, std::int64_t first, std::int64_t count) {
    const auto& run = c.runs[k];
    const auto config = RunFolder::config_of(run);
    const auto agent = algorithm_of(run, config).load(RunFolder::checkpoint_of(run), nn::device(c.device), {});
    // The same initial states for all, and others for each round.
    const auto result = agent->evaluate(c.env, {.episodes = count,
                                                .seed = c.seed + std::uint64_t(first) * 0x9e3779b9,
                                                .horizon = c.horizon > 0 ? c.horizon : config.command.horizon,
                                                .keep_going = [] { return !interrupted(); },
                                                .exploration = c.sampled ? std::optional(0.0) : std::nullopt});
    if (result.stopped) throw Interrupted("interrupted in the episodes of " + run + "; nothing was written");
    return result.returns;
  });
}
inline std::string trust_text(const SelectCommand& c, const RankingTrust& trust, std::size_t runs) {
  std::string out = fmt::format("the intervals of {} of the {} other runs reach above the lower end of the first's",
                                trust.overlapping, runs - 1);
  for (const auto& a : trust.agreements)
    out += fmt::format("; rank correlation of {} with {} {:.2f}", c.by, a.estimator, a.rank_correlation);
  return out;
}
}  // namespace detail

TESSERA_CLI_INLINE std::vector<std::size_t> ranking(const std::vector<Judged>& all, const std::string& by) {
  std::vector<std::size_t> order(all.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](std::size_t i, std::size_t j) {
    const double a = detail::lower_end(all[i], by), b = detail::lower_end(all[j], by);
    return a != b ? a > b : detail::estimate_of(all[i], by) > detail::estimate_of(all[j], by);
  });
  return order;
}

TESSERA_CLI_INLINE RankingTrust trust_in(const std::vector<Judged>& all, const std::vector<std::size_t>& order,
                                         const std::string& by) {
  RankingTrust out;
  const double low = detail::lower_end(all[order.front()], by);
  for (std::size_t k = 1; k < order.size(); ++k) {
    const auto* e = all[order[k]].find(by);
    if (e && std::isfinite(e->value) && std::max(e->interval.high, e->value) >= low) ++out.overlapping;
  }
  for (const auto& e : all.front().estimates) {
    if (e.name == by) continue;
    std::vector<double> x, y;
    for (const auto& j : all) {
      const auto *one = j.find(by), *other = j.find(e.name);
      if (one && other && std::isfinite(one->value) && std::isfinite(other->value))
        x.push_back(one->value), y.push_back(other->value);
    }
    if (x.size() == all.size() && x.size() > 1) out.agreements.push_back({e.name, rank_correlation(x, y)});
  }
  return out;
}

TESSERA_CLI_INLINE void select_runs(const SelectCommand& c) {
  end_on_signals();
  read_environments(c.reading);
  if (c.threads > 0) nn::set_threads(c.threads);
  if (!c.env.empty()) {
    require_environment(c.env);
    say_warnings(open_environment(c.env, RunFolder::config_of(c.runs.front()).data.observation_size), c.horizon);
  }
  const double discount = detail::common_discount(c);
  remember_signals();
  Judge judge_by(c);
  std::vector<Judged> all;
  std::vector<std::string> estimators = {"fqe", "dr", "wdr", "wpdis"};
  for (const auto& run : c.runs) all.push_back(judge_by(run, estimators, discount));
  const auto order = ranking(all, c.by);
  if (!std::isfinite(detail::estimate_of(all[order.front()], c.by))) {
    const auto& absent = all[order.front()].absent;
    const auto why = std::find_if(absent.begin(), absent.end(), [&](const auto& a) { return a.first == c.by; });
    throw Error("--by: " + c.by + " has no estimate of any run" + (why == absent.end() ? "" : ": " + why->second));
  }
  const auto trust = trust_in(all, order, c.by);
  std::vector<double> estimates;
  for (const auto& j : all) estimates.push_back(detail::estimate_of(j, c.by));
  for (auto& x : estimates) x = std::isfinite(x) ? -x : std::numeric_limits<double>::max();
  const auto by_estimate = ranks(estimates);
  std::optional<Halving> online;
  if (!c.env.empty()) online = detail::halved(c, order);

  json rows = json::array();
  for (std::size_t k = 0; k < order.size(); ++k) {
    const auto& j = all[order[k]];
    json row = {{"rank", k + 1}, {"run", j.run}, {"rank_by_estimate", by_estimate[order[k]]}};
    row["judged"] = json_of(j);
    if (online) {
      const auto& o = online->candidates[order[k]];
      row["online"] = {{"episodes", o.episodes},
                       {"return_mean", o.episodes > 0 ? json(o.mean) : json(nullptr)},
                       {"standard_error", o.episodes > 1 ? json(o.std_error) : json(nullptr)},
                       {"rounds", o.rounds}};
    }
    rows.push_back(row);
  }
  json agreements = json::object();
  for (const auto& a : trust.agreements) agreements[a.estimator] = a.rank_correlation;
  json out = {{"dataset", c.dataset},
              {"by", c.by},
              {"discount", discount},
              {"selected", all[order.front()].run},
              {"ranking", rows},
              {"overlapping", trust.overlapping},
              {"rank_correlations", agreements}};
  if (online) {
    json names = json::array();
    for (const auto k : online->order) names.push_back(c.runs[k]);
    out["selected"] = c.runs[online->order.front()];
    out["online"] = {{"env", c.env}, {"episodes", online->episodes}, {"rounds", online->rounds}, {"order", names}};
  }
  if (!c.out.empty()) write_text(c.out, pretty(out) + "\n");
  if (c.as_json) {
    std::cout << line_of(out) << std::endl;
    return;
  }
  fmt::print("{}: {} runs by the lower end of {}, discount {:.6g}\n", printable(c.dataset), all.size(), c.by, discount);
  fmt::print("  {:>4} {:>10} {:>10} {:>10} {:>11}{}  run\n", "rank", "low", "estimate", "high", "by estimate",
             online ? fmt::format(" {:>10} {:>8}", "online", "episodes") : "");
  for (std::size_t k = 0; k < order.size(); ++k) {
    const auto& j = all[order[k]];
    const auto* e = j.find(c.by);
    const auto text = [&](double x) { return e ? detail::cell(x) : std::string("-"); };
    std::string played;
    if (online) {
      const auto& o = online->candidates[order[k]];
      played = fmt::format(" {:>10} {:>8}", o.episodes > 0 ? detail::cell(o.mean) : "-", o.episodes);
    }
    fmt::print("  {:>4} {:>10} {:>10} {:>10} {:>11}{}  {}\n", k + 1, text(e ? e->interval.low : 0),
               text(e ? e->value : 0), text(e ? e->interval.high : 0), by_estimate[order[k]], played, printable(j.run));
  }
  fmt::print("trust: {}\n", detail::trust_text(c, trust, all.size()));
  for (const auto& j : all)
    for (const auto& w : j.warnings) fmt::print("warning [{}]: {}: {}\n", w.name, printable(j.run), w.message);
  if (online)
    fmt::print("{} episodes in {}, {} rounds of sequential halving: {}\n", online->episodes, printable(c.env),
               online->rounds, printable(c.runs[online->order.front()]));
  else fmt::print("selected: {}\n", printable(all[order.front()].run));
}
}  // namespace tessera::cli
