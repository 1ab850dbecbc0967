#pragma once
#include <algorithm>
#include <cmath>
#include <map>
#include <string>
#include <utility>

#include <tessera/ope/importance_ratio.hpp>
#include <tessera/ope/tabular.hpp>
#include <tessera/support/inline.hpp>

namespace tessera::ope {
namespace detail {
// How often a state was seen next, and the mean reward on the way there.
struct Seen {
  double count = 0, reward = 0;
};
using SeenNext = std::map<std::int64_t, Seen>;

inline void see(SeenNext& of, const tabular::Step& step) {
  auto& seen = of[step.next];
  seen.count += 1;
  seen.reward += (step.reward - seen.reward) / seen.count;
}

inline double total(const SeenNext& of) {
  double sum = 0;
  for (const auto& each : of) sum += each.second.count;
  return sum;
}

// n(s, a, s') as a list for each pair, and n(s, s') as one for each state.
struct TransitionCounts {
  std::map<std::pair<std::int64_t, std::int64_t>, SeenNext> of_pair;
  std::map<std::int64_t, SeenNext> of_state;

  explicit TransitionCounts(const std::vector<tabular::Step>& steps) {
    for (const auto& step : steps) {
      see(of_pair[{step.state, step.action}], step);
      see(of_state[step.state], step);
    }
  }
};

inline std::vector<std::int64_t> chosen_episodes(const tabular::Log& log, std::int64_t k, std::int64_t parts,
                                                 bool inside) {
  if (parts < 1 || k < 0 || k >= parts)
    throw Error("parts of a log: there is no part " + std::to_string(k) + " of " + std::to_string(parts));
  std::vector<std::int64_t> out;
  for (std::int64_t i = 0; i < log.episodes(); ++i)
    if ((i % parts == k) == inside) out.push_back(i);
  return out;
}

TESSERA_INLINE void require_table(const char* what, const Table& x, std::int64_t states, std::int64_t actions) {
  if (x.rows() != states || x.cols() != actions)
    throw Error(std::string("off-policy evaluation: ") + what + " is of " + std::to_string(x.rows()) + " states and " +
                std::to_string(x.cols()) + " actions, and the policy of " + std::to_string(states) + " and " +
                std::to_string(actions) + "; give both for the same problem");
}
}  // namespace detail

TESSERA_INLINE std::vector<std::int64_t> episodes_of_part(const tabular::Log& log, std::int64_t k, std::int64_t parts) {
  return detail::chosen_episodes(log, k, parts, true);
}
TESSERA_INLINE std::vector<std::int64_t> episodes_without_part(const tabular::Log& log, std::int64_t k,
                                                               std::int64_t parts) {
  return detail::chosen_episodes(log, k, parts, false);
}

TESSERA_INLINE tabular::Log part_of(const tabular::Log& log, std::span<const std::int64_t> episodes) {
  tabular::Log out;
  for (const auto i : episodes) {
    out.first.push_back(std::int64_t(out.steps.size()));
    out.steps.insert(out.steps.end(), log.steps.begin() + log.first[std::size_t(i)], log.steps.begin() + log.end(i));
  }
  return out;
}

TESSERA_INLINE Table counted_behavior(const Table& counts, double alpha) {
  if (alpha < 0)
    throw Error("a counted behavior policy: alpha " + std::to_string(alpha) + " is negative; give 0 or more");
  const auto actions = double(counts.cols());
  const Table raised = counts.array() + (std::isnan(alpha) ? 1 / actions : alpha);
  Table b = Table::Constant(counts.rows(), counts.cols(), 1 / actions);
  for (Eigen::Index s = 0; s < counts.rows(); ++s)
    if (const double n = raised.row(s).sum(); n > 0) b.row(s) = raised.row(s) / n;
  return b;
}

TESSERA_INLINE tabular::Counted smoothed_model(std::int64_t states, std::int64_t actions, const tabular::Log& log,
                                               double discount, double kappa) {
  if (!(kappa >= 0 && std::isfinite(kappa)))
    throw Error("a model with a prior: kappa " + std::to_string(kappa) + " is no strength; give 0 or more");
  auto counted = tabular::maximum_likelihood(states, actions, log.steps, log.starts(), discount);
  tabular::MdpParts parts{
      .states = states, .actions = actions, .discount = discount, .a_pair_without_outcomes_ends = true};
  for (std::int64_t s = 0; s < states; ++s) {
    parts.start.push_back(counted.model.start()[s]);
    if (counted.counts.row(s).sum() == 0) parts.terminal.push_back(s);
  }
  const detail::TransitionCounts seen(log.steps);
  for (const auto& [state, after] : seen.of_state) {
    const double n = detail::total(after);
    for (std::int64_t a = 0; a < actions && kappa > 0; ++a)
      for (const auto& [to, each] : after)
        parts.outcomes.push_back(
            {state, a, to, kappa * each.count / n / (counted.counts(state, a) + kappa), each.reward});
  }
  for (const auto& [pair, after] : seen.of_pair)
    for (const auto& [to, each] : after)
      parts.outcomes.push_back(
          {pair.first, pair.second, to, each.count / (counted.counts(pair.first, pair.second) + kappa), each.reward});
  return {tabular::FiniteMdp(std::move(parts)), std::move(counted.counts)};
}

TESSERA_INLINE FittedModel fit_model(std::int64_t states, std::int64_t actions, const tabular::Log& log,
                                     double discount, const TabularOptions& options) {
  auto counted = smoothed_model(states, actions, log, discount, options.kappa);
  if (options.behavior) detail::require_table("the behavior policy", *options.behavior, states, actions);
  auto behavior = options.behavior ? *options.behavior : counted_behavior(counted.counts, options.alpha);
  return {std::move(counted), std::move(behavior)};
}

TESSERA_INLINE Evaluated evaluate_in(const tabular::FiniteMdp& model, const Table& policy) {
  const tabular::PolicyEquations equations(model, policy);
  Evaluated out;
  out.values.v = equations.values(tabular::mean_under(policy, model.rewards()));
  out.values.q = tabular::action_values(model, out.values.v);
  out.visits = policy.array().colwise() * equations.visits(model.start()).array();
  return out;
}

TESSERA_INLINE Table visit_ratios(const Table& visits, const Table& behavior_visits) {
  detail::require_table("the behavior's table of visits", behavior_visits, visits.rows(), visits.cols());
  return (behavior_visits.array() > 0).select(visits.array() / behavior_visits.array().max(1e-300), 0.0);
}

TESSERA_INLINE Nuisances nuisances(const FittedModel& model, const Table& policy) {
  auto target = evaluate_in(model.counted.model, policy);
  const auto logged = tabular::occupancy(model.counted.model, model.behavior);
  auto ratio = visit_ratios(target.visits, logged);
  const tabular::Vector visits = model.counted.counts.rowwise().sum();
  const double mean = visits.dot(target.values.v) / visits.sum();
  for (Eigen::Index s = 0; s < visits.size(); ++s) {
    if (visits[s] > 0) continue;
    target.values.v[s] = mean;
    target.values.q.row(s).setConstant(mean);
    ratio.row(s) = visit_ratios(policy.row(s), model.behavior.row(s));
  }
  return {.behavior = model.behavior, .values = std::move(target.values), .visit_ratio = std::move(ratio)};
}

TESSERA_INLINE EvaluationLog evaluation_log(const tabular::Log& log, const Table& policy, double discount,
                                            std::span<const Nuisances> of_part) {
  if (of_part.empty()) throw Error("an evaluation log: no nuisances; give one set, or one for each part");
  for (const auto& given : of_part) {
    if (given.behavior.size() != 0)
      detail::require_table("the behavior policy", given.behavior, policy.rows(), policy.cols());
    if (given.values.q.size() != 0) detail::require_table("Qhat", given.values.q, policy.rows(), policy.cols());
    if (given.visit_ratio.size() != 0)
      detail::require_table("the ratio of visits", given.visit_ratio, policy.rows(), policy.cols());
  }
  using Ratio = importance_ratio<ProbabilityTable, ProbabilityTable>;
  EvaluationLog out;
  out.discount = discount;
  for (std::int64_t i = 0; i < log.episodes(); ++i) {
    const auto& given = of_part[std::size_t(i) % of_part.size()];
    const auto end = log.end(i);
    for (auto k = log.first[std::size_t(i)]; k < end; ++k) {
      const auto& step = log.steps[std::size_t(k)];
      const auto s = step.state, a = step.action;
      detail::require_inside(step, policy.rows(), policy.cols(), [&] {
        return "an evaluation log: step " + std::to_string(k - log.first[std::size_t(i)]) + " of episode " +
               std::to_string(i);
      });
      out.rewards.push_back(step.reward);
      if (given.behavior.size() != 0)
        out.log_ratio.push_back(Ratio::log(std::log(policy(s, a)), std::log(given.behavior(s, a))));
      if (given.values.q.size() != 0) {
        out.q.push_back(given.values.q(s, a));
        out.v.push_back(given.values.v[s]);
      }
      if (given.visit_ratio.size() != 0) out.weight.push_back(given.visit_ratio(s, a));
    }
    const auto& last = log.steps[std::size_t(end - 1)];
    const bool known = !last.ended && given.values.q.size() != 0;
    out.end_episode(!last.ended, known ? given.values.v[last.next] : 0);
  }
  return out;
}

TESSERA_INLINE EvaluationLog fitted_log(std::int64_t states, const tabular::Log& log, const Table& policy,
                                        double discount, const TabularOptions& options) {
  if (options.parts < 1 || options.parts > log.episodes())
    throw Error("cross-fitting: " + std::to_string(options.parts) + " parts of " + std::to_string(log.episodes()) +
                " episodes; give from 1 to as many");
  std::vector<Nuisances> of_part;
  for (std::int64_t k = 0; k < options.parts; ++k) {
    const auto from = options.parts == 1 ? log : part_of(log, episodes_without_part(log, k, options.parts));
    of_part.push_back(nuisances(fit_model(states, policy.cols(), from, discount, options), policy));
  }
  return evaluation_log(log, policy, discount, of_part);
}
}  // namespace tessera::ope
