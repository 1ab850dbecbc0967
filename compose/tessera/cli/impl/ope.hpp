#pragma once
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <iostream>
#include <memory>
#include <optional>
#include <tuple>
#include <utility>

#include <tessera/cli/agent.hpp>
#include <tessera/cli/algorithm_of.hpp>
#include <tessera/cli/collect_commands.hpp>
#include <tessera/cli/files.hpp>
#include <tessera/cli/interrupt.hpp>
#include <tessera/cli/load.hpp>
#include <tessera/cli/ope.hpp>
#include <tessera/cli/picture.hpp>
#include <tessera/cli/pretty_json.hpp>
#include <tessera/cli/run_folder.hpp>
#include <tessera/cli/say.hpp>
#include <tessera/nn/device.hpp>
#include <tessera/nn/threads.hpp>
#include <tessera/ope/estimators.hpp>
#include <tessera/ope/terms.hpp>
#include <tessera/support/error.hpp>
#include <tessera/train/evaluation_log.hpp>
#include <tessera/train/finite_log.hpp>
#include <tessera/train/fitted_q.hpp>
#include <tessera/train/logged_steps.hpp>

namespace tessera::cli {
namespace detail {
// Nothing of what is computed is kept where a signal ends it.
inline bool goes_on() {
  if (interrupted()) throw Interrupted("interrupted while policies were judged; nothing was written");
  return true;
}
inline ope::IntervalOptions intervals(const JudgeCommand& c) {
  return {.bootstrap = {.level = 0.95, .resamples = c.resamples, .seed = c.seed}};
}
inline std::pair<double, std::string> discount_for(const RunConfig& config, double given) {
  if (given >= 0) return {given, "--discount"};
  const double own = discount_of(config.parameters);
  return own >= 0 ? std::pair(own, std::string("the run's"))
                  : std::pair(0.99, std::string("its algorithm has none; give --discount for another"));
}
// The mean over first states by each network.
inline std::vector<double> members_at_start(const Dataset& data, ope::PolicyValue& value) {
  const auto mean = ope::first_values(data, value).mean(1).contiguous();
  return {mean.data_ptr<double>(), mean.data_ptr<double>() + mean.numel()};
}
TESSERA_CLI_INLINE std::string cell(double x) { return std::isfinite(x) ? fmt::format("{:.5g}", x) : std::string("-"); }
}  // namespace detail

TESSERA_CLI_INLINE double discount_of(const json& parameters) {
  for (const char* key : {"critic.discount", "value.discount"})
    if (parameters.is_object() && parameters.contains(key) && parameters[key].is_number())
      if (const double x = parameters[key].get<double>(); x >= 0 && x <= 1) return x;
  return -1;
}

TESSERA_CLI_INLINE const ope::Estimate* Judged::find(const std::string& estimator) const {
  for (const auto& e : estimates)
    if (e.name == estimator) return &e;
  return nullptr;
}

TESSERA_CLI_INLINE Judge::Judge(const JudgeCommand& c) : c_(c), data_(load(c.dataset, c.reading, true)) {
  behavior_ = data_.has_propensities()
                  ? "the propensities that were logged"
                  : "a model of it, fitted to one half of the episodes and used on the other, twice";
  finite_ = ope::finite_log(data_);
}

TESSERA_CLI_INLINE const ope::BehaviorModel* Judge::model() {
  if (model_) return model_.get();
  if (data_.size() < 2) return nullptr;
  say("behavior: fitting a model of it to two halves of {} episodes", data_.episodes.size());
  model_ = std::make_unique<ope::BehaviorModel>(
      data_, ope::BehaviorOptions{.updates = std::max<std::int64_t>(1, c_.updates / 4),
                                  .seed = c_.seed,
                                  .device = nn::device(c_.device),
                                  .keep_going = &detail::goes_on});
  return model_.get();
}

TESSERA_CLI_INLINE Judged Judge::operator()(const std::string& run, const std::vector<std::string>& estimators,
                                            double discount) {
  const auto config = RunFolder::config_of(run);
  const auto agent = detail::algorithm_of(run, config).load(RunFolder::checkpoint_of(run), nn::device(c_.device), {});
  Judged out;
  out.run = run, out.algorithm = config.command.algorithm, out.updates = agent->updates(), out.sampled = c_.sampled;
  std::tie(out.discount, out.discount_from) = detail::discount_for(config, discount);
  const auto policy = agent->target(c_.sampled ? ope::acting::drawn : ope::acting::selected);
  ope::require_judgeable(policy, data_);

  // What can be had, and why not the rest.
  const bool dense = ope::has_log_prob(policy), finite = ope::value_is_finite(data_, out.discount);
  const auto ranges = ope::episode_ranges(data_);
  const bool single = std::all_of(ranges.begin(), ranges.end(), [](const auto& e) { return e.count == 1; });
  std::vector<std::string> chosen;
  std::vector<std::string> tabular;
  std::optional<ope::EvaluationLog> table_log;
  const auto why_no_tables = [&]() -> std::string {
    if (!finite_) return "the ratio of the policies' visits is estimated of discrete actions in one-hot states alone";
    if (!finite) return "with a discount of 1 a task that the log cuts off has no finite number of visits";
    try {
      if (!table_log) table_log = ope::finite_evaluation_log(*finite_, policy, out.discount);
    } catch (const Error& error) {
      return error.what();
    }
    return "";
  };
  bool ratios = false, values = false;
  for (const auto& e : ope::estimators()) {
    const bool asked = std::find(estimators.begin(), estimators.end(), e.name) != estimators.end();
    if (!estimators.empty() && !asked) continue;
    // Of a log of single decisions the estimators that are for these.
    if (estimators.empty() && e.one_step != single && e.name != "fqe") continue;
    std::string why;
    if (e.needs_weights) {
      why = why_no_tables();
      if (why.empty()) {
        tabular.push_back(e.name);
        continue;
      }
    } else if (e.one_step && !single) why = "it is for logs of single decisions";
    else if (e.needs_ratios && !dense)
      why = policy.no_density + (policy.no_density.starts_with("it acts by the mode") ? " (--sampled)" : "");
    else if (e.needs_values && !finite)
      why = "with a discount of 1 the value of a task that the log cuts off is not finite; give a --discount below 1";
    if (!why.empty()) out.absent.emplace_back(e.name, why);
    else chosen.push_back(e.name), ratios |= e.needs_ratios, values |= e.needs_values;
  }
  if (chosen.empty() && tabular.empty()) {
    std::string all;
    for (const auto& [name, why] : out.absent) all += (all.empty() ? "" : "; ") + name + ": " + why;
    throw Error(run + ": no estimator can judge it: " + all);
  }
  if (ratios && log_behavior_.empty())
    log_behavior_ = data_.has_propensities() ? ope::logged_log_propensities(data_) : model()->log_propensities();
  std::unique_ptr<ope::PolicyValue> value;
  if (values) {
    say("{}: fitting its value, {} updates", run, c_.updates);
    const ope::ValueOptions fit{.discount = out.discount,
                                .updates = c_.updates,
                                .members = c_.members,
                                .seed = c_.seed,
                                .after_update = [](std::int64_t) { return detail::goes_on(); }};
    value = std::make_unique<ope::PolicyValue>(data_, policy, fit);
    value->fit();
    if (c_.refits > 0 && std::find(chosen.begin(), chosen.end(), "fqe") != chosen.end()) {
      say("{}: fitting it {} times more, to resampled episodes", run, c_.refits);
      out.refits = ope::refitted_values(data_, policy, fit, c_.refits);
    }
    out.members = detail::members_at_start(data_, *value);
  }
  const auto log =
      ope::evaluation_log(data_, policy, out.discount, ratios ? log_behavior_ : std::vector<double>{}, value.get());
  const auto options = detail::intervals(c_);
  ope::MeanTerms own;
  own.x = ope::detail::discounted_returns(log);
  out.data = ope::estimate_of("data", own, options);
  for (const auto& name : chosen) detail::goes_on(), out.estimates.push_back(ope::estimate(name, log, options));
  for (auto& e : out.estimates)
    if (e.name == "fqe" && !out.refits.empty()) e = ope::with_refits(std::move(e), out.refits, options.bootstrap.level);
  for (const auto& name : tabular) {
    detail::goes_on(), out.estimates.push_back(ope::estimate(name, *table_log, options));
    out.estimates.back().notes.emplace_back(
        "by tables: values, behavior and the ratio of visits are counted in this log, and the interval takes them as "
        "given");
  }
  if (ratios) out.effective_size = ope::effective_sample_size(log);
  if (const auto* behavior = model()) out.rare_share = ope::rare_share(data_, *behavior, policy);

  if (out.rare_share > 0.1)
    out.warnings.push_back(
        {"little-support", fmt::format("at {:.0f} % of the logged states the policy does what the log hardly has: "
                                       "there every estimate is a guess",
                                       100 * out.rare_share)});
  if (ratios && out.effective_size < 10)
    out.warnings.push_back(
        {"few-episodes-count",
         fmt::format("by the ratios of whole episodes {:.1f} of {} carry the estimates: is, wis and clipped-is say "
                     "little; look at fqe and dr",
                     out.effective_size, log.episodes())});
  if (out.members.size() > 1) {
    const auto [least, most] = std::minmax_element(out.members.begin(), out.members.end());
    const auto* fqe = out.find("fqe");
    if (fqe && std::isfinite(fqe->interval.high) && *most - *least > 2 * (fqe->interval.high - fqe->interval.low) &&
        *most - *least > 0.05 * std::abs(fqe->value))
      out.warnings.push_back({"networks-disagree",
                              fmt::format("two networks of fqe say {:.5g} and {:.5g}: its interval is too narrow; more "
                                          "--updates may help",
                                          *least, *most)});
  }
  return out;
}

TESSERA_CLI_INLINE std::string text_of(const Judged& j) {
  std::string out = fmt::format(
      "{}: {} after {} updates, {}; discount {:.6g} ({})\n", printable(j.run), printable_name(j.algorithm), j.updates,
      j.sampled ? "drawing from its policy" : "as it acts in an evaluation", j.discount, j.discount_from);
  out += fmt::format("  {:<10} {:>10} {:>10} {:>10} {:>9}\n", "estimator", "estimate", "low", "high", "ESS");
  const auto row = [&](const ope::Estimate& e, double size) {
    out += fmt::format("  {:<10} {:>10} {:>10} {:>10} {:>9}\n", e.name, detail::cell(e.value),
                       detail::cell(e.interval.low), detail::cell(e.interval.high), detail::cell(size));
  };
  row(j.data, std::numeric_limits<double>::quiet_NaN());
  const auto infos = ope::estimators();
  const auto reads_ratios = [&](const std::string& name) {
    return std::any_of(infos.begin(), infos.end(), [&](const auto& e) { return e.name == name && e.needs_ratios; });
  };
  for (const auto& e : j.estimates)
    row(e, reads_ratios(e.name) ? j.effective_size : std::numeric_limits<double>::quiet_NaN());
  // A reason once, with all that it is of.
  std::vector<std::pair<std::string, std::string>> reasons;
  const auto collect_reason = [&](const std::string& why, const std::string& name) {
    for (auto& [text, names] : reasons)
      if (text == why) return void(names += ", " + name);
    reasons.emplace_back(why, name);
  };
  for (const auto& [name, why] : j.absent) collect_reason(why, name);
  for (const auto& [why, names] : reasons) out += "  without " + names + ": " + why + "\n";
  reasons.clear();
  for (const auto& e : j.estimates) {
    if (!e.undefined.empty()) collect_reason("undefined, " + e.undefined, e.name);
    for (const auto& note : e.notes) collect_reason(note, e.name);
  }
  for (const auto& [why, names] : reasons) out += "  " + names + ": " + why + "\n";
  for (const auto& w : j.warnings) out += "  warning [" + w.name + "]: " + w.message + "\n";
  return out;
}

TESSERA_CLI_INLINE json json_of(const Judged& j) {
  const auto of = [](const ope::Estimate& e) {
    json notes = json::array();
    for (const auto& note : e.notes) notes.push_back(note);
    return json{{"estimator", e.name},
                {"estimate", e.value},
                {"low", e.interval.low},
                {"high", e.interval.high},
                {"undefined", e.undefined.empty() ? json(nullptr) : json(e.undefined)},
                {"notes", notes}};
  };
  json estimates = json::array(), absent = json::array(), warnings = json::array();
  for (const auto& e : j.estimates) estimates.push_back(of(e));
  for (const auto& [name, why] : j.absent) absent.push_back({{"estimator", name}, {"why", why}});
  for (const auto& w : j.warnings) warnings.push_back({{"name", w.name}, {"message", w.message}});
  return {{"run", j.run},
          {"algorithm", j.algorithm},
          {"updates", j.updates},
          {"discount", j.discount},
          {"sampled", j.sampled},
          {"data", {{"estimate", j.data.value}, {"low", j.data.interval.low}, {"high", j.data.interval.high}}},
          {"estimates", estimates},
          {"effective_sample_size", j.effective_size},
          {"rare_share", j.rare_share},
          {"fqe_members", j.members},
          {"fqe_refits", j.refits},
          {"absent", absent},
          {"warnings", warnings}};
}

TESSERA_CLI_INLINE std::pair<std::string, int> forest_of(const std::vector<Judged>& all) {
  std::string points = "$points << EOD\n", names;
  int line = 0;
  for (std::size_t r = 0; r < all.size(); ++r) {
    const auto put = [&](const ope::Estimate& e, int color) {
      if (!std::isfinite(e.value)) return;
      const double low = std::isfinite(e.interval.low) ? e.interval.low : e.value,
                   high = std::isfinite(e.interval.high) ? e.interval.high : e.value;
      points += fmt::format("{:.8g} {} {:.8g} {:.8g} {}\n", e.value, -line, low, high, color);
      names += fmt::format("{}'{}{}' {}", names.empty() ? "" : ", ", e.name,
                           all.size() > 1 ? fmt::format("  {}", r + 1) : std::string(), -line);
      ++line;
    };
    put(all[r].data, 0);
    for (const auto& e : all[r].estimates) put(e, 1);
    ++line;
  }
  const int height = 110 + 24 * line;
  return {
      points + fmt::format("EOD\nset title name noenhanced\nset nokey\nset grid x lc rgb '#dddddd' lt 1\nset border 1\n"
                           "set tics nomirror\nunset ytics\nset ytics ({}) scale 0 noenhanced\nset yrange [{}:1]\n"
                           "set xlabel 'discounted return, with 95 % intervals'\nset palette defined (0 '#888888', 1 "
                           "'#205080')\nunset colorbox\nset cbrange [0:1]\n"
                           "plot $points using 1:2:3:4:5 with xerrorbars pt 7 ps 0.9 lw 2 lc palette\n",
                           names, -line + 1),
      height};
}

TESSERA_CLI_INLINE void judge(const OpeCommand& c) {
  end_on_signals();
  if (c.threads > 0) nn::set_threads(c.threads);
  const auto estimators = asked_estimators(c.estimators);
  remember_signals();
  Judge judge_by(c);
  const auto& data = judge_by.data();
  std::vector<Judged> all;
  for (const auto& run : c.runs) all.push_back(judge_by(run, estimators, c.discount));
  std::int64_t dropped = 0, cut = 0, steps = 0;
  double mean = 0;
  const auto ranges = ope::episode_ranges(data, &dropped);
  for (const auto& e : ranges) cut += e.truncated, steps += e.count;
  for (const auto& e : data.episodes) mean += e.episode_return / double(data.episodes.size());
  if (dropped > 0)
    say("data: {} transitions come after an end of the task within their episode, and are left out", dropped);
  json out = {{"dataset", c.dataset}, {"episodes", ranges.size()},       {"truncated", cut}, {"steps", steps},
              {"return_mean", mean},  {"behavior", judge_by.behavior()}, {"seed", c.seed}};
  out["runs"] = json::array();
  for (const auto& j : all) out["runs"].push_back(json_of(j));
  if (!c.out.empty()) write_text(c.out, pretty(out) + "\n");
  if (c.as_json) {
    std::cout << line_of(out) << std::endl;
  } else {
    fmt::print(
        "{}: {} episodes, {} of them cut off before the task had ended, {} steps; mean return {:.5g}, undiscounted\n",
        printable(c.dataset), ranges.size(), cut, steps, mean);
    fmt::print("behavior: {}\n", judge_by.behavior());
    for (const auto& j : all) fmt::print("\n{}", text_of(j));
  }
  if (c.plot.empty()) return;
  std::string title;
  for (std::size_t r = 0; r < all.size(); ++r)
    title += all.size() == 1 ? all[r].run : fmt::format("{}{}: {}", r > 0 ? ", " : "", r + 1, all[r].run);
  const auto [script, height] = forest_of(all);
  const auto [base, ending] = picture_name(c.plot);
  const auto wrong = undrawn(base, {ending}, 760, height, title, script);
  if (!wrong.empty()) throw Error(wrong);
  say("picture: {}", c.plot);
}
}  // namespace tessera::cli
