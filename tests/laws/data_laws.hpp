#pragma once
#include <tessera/concepts/data.hpp>
#include <tessera/dataset/normalizer.hpp>

#include "laws/probe.hpp"

/// What data sources promise.
namespace laws {
/// Episodes of five steps, of which every later one is paid better; all numbers differ.
inline Dataset ranked_episodes(std::int64_t episodes = 10, std::int64_t steps = 5, std::int64_t n = 3,
                               std::int64_t d = 2) {
  Dataset data;
  data.name = "ranked", data.format = "test", data.observation_size = n, data.action_size = d;
  data.action_low.assign(std::size_t(d), -1.0f), data.action_high.assign(std::size_t(d), 1.0f);
  torch::manual_seed(17);
  const auto x = at::randn({episodes * (steps + 1), n}), a = at::rand({episodes * steps, d}) * 1.8 - 0.9;
  data.observations.assign(x.data_ptr<float>(), x.data_ptr<float>() + x.numel());
  data.actions.assign(a.data_ptr<float>(), a.data_ptr<float>() + a.numel());
  for (std::int64_t e = 0; e < episodes; ++e) {
    double sum = 0;
    for (std::int64_t t = 0; t < steps; ++t) {
      const auto row = e * (steps + 1) + t;
      data.observation_row.push_back(row), data.next_observation_row.push_back(row + 1);
      data.rewards.push_back(float(e) + 0.1f * float(t)), data.terminals.push_back(0),
          data.timeouts.push_back(t + 1 == steps);
      sum += data.rewards.back();
    }
    data.episodes.push_back({e * steps, steps, steps + 1, sum, sum, true});
  }
  return data;
}
inline bool equal(const Normalizer& x, const Normalizer& y) {
  return x.observation_shift == y.observation_shift && x.observation_scale == y.observation_scale &&
         x.reward_scale == y.reward_scale && x.reward_shift == y.reward_shift && x.action_low == y.action_low &&
         x.action_high == y.action_high;
}

/// Laws of `DataSource`: the transitions chosen are transitions of the data set; statistics are of its transitions
/// alone.
template <class D, class Params>
verdict data_laws(const Params& h) {
  static_assert(DataSource<D>);
  const auto data = ranked_episodes();
  const auto prepared = [&](const Dataset& of) {
    Prepared out;
    D::prepare(h, of, out);
    return out;
  };
  const auto own = prepared(data);
  const std::set<std::int64_t> chosen(own.transitions.begin(), own.transitions.end());
  verdict v;
  v.expect(!chosen.empty() && *chosen.begin() >= 0 && *chosen.rbegin() < data.size(),
           "the transitions are the data set's");
  v.expect(chosen.size() == own.transitions.size(), "a transition is chosen once");
  // Other numbers in a chosen transition change the statistics; in what is no transition they do not.
  const auto with = [&](std::int64_t row, std::int64_t i) {
    auto other = data;
    for (std::int64_t j = 0; j < data.observation_size; ++j)
      other.observations[std::size_t(row * data.observation_size + j)] += 100;
    other.rewards[std::size_t(i)] -= 0.05f;
    return prepared(other).normalizer;
  };
  for (const auto i : chosen)
    v.expect(i >= data.size() || !equal(with(data.observation_row[std::size_t(i)], i), own.normalizer),
             "statistics are of every chosen transition", std::to_string(i));
  auto wider = data;  // an observation that is no transition's
  wider.observations.insert(wider.observations.end(), {1000, 1000, 1000});
  v.expect(equal(prepared(wider).normalizer, own.normalizer), "statistics are of transitions alone");
  return v;
}

/// Keeps, from the actor, the batches of a training.
struct look_at_batches {
  struct seen {
    at::Tensor rows, log_pi, fresh_log_pi,
        actions;  ///< (B, 2 n + d): s, a, s'; log pi(a|s) of the batch's actions, and of ones drawn now
    std::int64_t logged;
  };
  static inline std::vector<seen> all;
  template <class A>
  static void look(const auto&, auto& step) {
    using P = typename std::decay_t<decltype(step)>::policy_type;
    at::NoGradGuard guard;
    seen x{at::cat({step.state(now), step.action(), step.state(next)}, 1),
           {},
           {},
           step.action().clone(),
           step.logged_count()};
    if constexpr (LogDensityPolicy<P>) {
      const auto pi = step.pi(now);
      x.log_pi = pi.log_prob(step.action()), x.fresh_log_pi = pi.log_prob(pi.sample_unclipped());
    }
    all.push_back(x);
  }
};
/// The largest difference of the shares of numbers below x, over all x, of two samples.
inline double distance_of_samples(const at::Tensor& x, const at::Tensor& y) {
  const auto both = at::cat({x, y}).unsqueeze(1).to(at::kDouble);
  const auto below = [&](const at::Tensor& of) {
    return of.to(at::kDouble).unsqueeze(0).le(both).to(at::kDouble).mean(1);
  };
  return (below(x) - below(y)).abs().max().item<double>();
}

/// Laws of `ImaginesTransitions`: the logged transitions of a batch come first, and the batch knows their number.  Of
/// `FollowsPolicy`: an action is drawn from the policy at its state, as its density takes it.  `Recipe` trains on them;
/// `logged` of its batches' 32 are.
template <class Recipe>
verdict imagination_laws(const auto& set, std::int64_t logged) {
  using R = probed<Recipe, actor, look_at_batches>;
  using D = typename R::template get<data>;
  static_assert(ImaginesTransitions<D>);
  const auto log = ranked_episodes(40);
  auto p = small<R>();
  p.data.standardize = false;
  p.data.cut_range = 50;  // the model is hardly trained
  set(p);
  learner<R> agent(log, p);
  look_at_batches::all.clear();
  train(agent, log, {.updates = 3, .batch = 32});
  const auto replayed = replay_for(agent, log, agent.transitions()).all();
  const auto rows = at::cat({replayed.observations, replayed.actions, replayed.next_observations}, 1);
  verdict v;
  for (const auto& b : look_at_batches::all) {
    const auto is_logged = (b.rows.unsqueeze(1) == rows.unsqueeze(0)).all(-1).any(-1);
    v.expect(b.logged == logged, "as many are logged as it says", std::to_string(b.logged));
    v.expect(is_logged.narrow(0, 0, b.logged).all().template item<bool>(), "the logged transitions come first");
    v.expect(!is_logged.narrow(0, b.logged, is_logged.size(0) - b.logged).any().template item<bool>(),
             "the batch knows the number of the logged");
    v.expect(is_logged.size(0) > b.logged, "transitions are imagined");
  }
  if constexpr (FollowsPolicy<D>) {
    const auto& b = look_at_batches::all.front();
    const auto n = double(b.log_pi.size(0));
    const double apart = distance_of_samples(b.log_pi, b.fresh_log_pi), max = 1.95 * std::sqrt(2 / n);
    v.expect(n > 500 && apart < max, "actions are the policy's at their states, unclipped",
             std::to_string(apart) + " of " + std::to_string(n));
    v.expect((b.actions.abs() > 1).any().template item<bool>() == true, "some would be clipped");
  }
  return v;
}
}  // namespace laws
