#pragma once
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <memory>
#include <numeric>
#include <string>

#include <tessera/algorithms/bc.hpp>
#include <tessera/dataset/normalizer.hpp>
#include <tessera/dataset/require_sound.hpp>
#include <tessera/dataset/suit.hpp>
#include <tessera/eval/over_seeds.hpp>
#include <tessera/nn/backend.hpp>
#include <tessera/nn/torch.hpp>
#include <tessera/policy/state_dependent_gaussian.hpp>
#include <tessera/support/error.hpp>
#include <tessera/support/inline.hpp>
#include <tessera/support/random.hpp>
#include <tessera/train/behavior_model.hpp>
#include <tessera/train/logged_steps.hpp>
#include <tessera/train/train.hpp>

namespace tessera::ope {
namespace detail {
struct GaussianBehavior : recipes::Bc::with<policy<StateDependentGaussianPolicy>> {};

// Which half of a log's episodes each transition is in.
inline std::vector<std::uint8_t> halves(const Dataset& data, std::uint64_t seed) {
  std::vector<std::size_t> order(data.episodes.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  Random random(seed, 0x6f7065);
  for (auto i = order.size(); i > 1; --i) std::swap(order[i - 1], order[std::size_t(random.below(i))]);
  std::vector<std::uint8_t> out(std::size_t(data.size()), 0);
  for (std::size_t k = 0; k < order.size(); ++k) {
    const auto& e = data.episodes[order[k]];
    for (std::int64_t t = 0; t < e.transitions; ++t)
      out[std::size_t(e.first + t)] = order.size() == 1 ? 2 * t >= e.transitions : k < order.size() / 2;
  }
  return out;
}

// A model that is fitted to some transitions; none, where it was stopped.
template <class L>
std::shared_ptr<L> fitted_behavior(const Dataset& data, const std::vector<std::int64_t>& fitted, std::uint64_t seed,
                                   const BehaviorOptions& o) {
  const auto suited = suit(data, OfflineParams{}, {.rewards = false}).params;
  const problem_spec<torch_backend> on{
      .observation_size = data.observation_size, .action_size = data.action_size, .seed = seed, .device = o.device};
  auto agent = std::make_shared<L>(on, nn::Units(fit_normalizer(data, fitted, suited)));
  Replay replay(data, fitted, agent->units(), o.device);
  const auto most = 50 * ((std::int64_t(fitted.size()) + o.batch - 1) / o.batch);
  bool stopped = false;
  train(*agent, replay, {.updates = std::min(o.updates, most), .batch = o.batch, .after_update = [&](std::int64_t) {
                           stopped = o.keep_going && !o.keep_going();
                           return !stopped;
                         }});
  return stopped ? nullptr : agent;
}
template <class L>
std::function<at::Tensor(const at::Tensor&, const at::Tensor&)> fitted_density(const Dataset& data,
                                                                               const std::vector<std::int64_t>& fitted,
                                                                               std::uint64_t seed,
                                                                               const BehaviorOptions& o) {
  auto agent = fitted_behavior<L>(data, fitted, seed, o);
  if (!agent) return {};
  return [agent](const at::Tensor& x, const at::Tensor& a) { return agent->log_prob(x, a); };
}
}  // namespace detail

TESSERA_INLINE std::vector<double> logged_log_propensities(const Dataset& data) {
  if (!data.has_propensities()) throw Error(data.name + ": has no propensities");
  std::vector<double> out(std::size_t(data.size()));
  RowReader rows(data);
  for (std::int64_t i = 0; i < data.size(); ++i) {
    const double p = double(*rows.propensity(i));
    if (!(p > 0) || !std::isfinite(p))
      throw Error(data.name + ": the propensity of transition " + std::to_string(i) + " is " + std::to_string(p) +
                  ", and the action was taken; correct it, or leave the column out, and a model is fitted");
    out[std::size_t(i)] = std::log(p);
  }
  return out;
}

TESSERA_INLINE BehaviorModel::BehaviorModel(const Dataset& data, BehaviorOptions o) : data_(data), device_(o.device) {
  if (data.size() < 2 || data.episodes.empty())
    throw Error(data.name + ": has too few transitions to fit a model of its behavior to one half of them");
  nn::settle_threads();
  require_sound(data);
  half_ = detail::halves(data, o.seed);
  for (std::size_t h = 0; h < 2 && complete_; ++h) {
    std::vector<std::int64_t> fitted;
    for (std::int64_t i = 0; i < data.size(); ++i)
      if (half_[std::size_t(i)] != h) fitted.push_back(i);
    models_[h] = data.kind == action_kind::discrete
                     ? detail::fitted_density<DiscreteBc>(data, fitted, o.seed + h, o)
                     : detail::fitted_density<learner<detail::GaussianBehavior>>(data, fitted, o.seed + h, o);
    complete_ = bool(models_[h]);
  }
}

namespace detail {
// What two models say of transitions, each of those of its half: `actions(piece)` says of which actions.
template <class F>
std::vector<double> of_halves(const Dataset& data, const std::vector<std::int64_t>& transitions,
                              const std::vector<std::uint8_t>& half, const at::Device& device, const auto& models,
                              F actions) {
  std::vector<double> out(transitions.size());
  for (std::size_t h = 0; h < 2; ++h) {
    std::vector<std::int64_t> asked;
    std::vector<std::size_t> places;
    for (std::size_t k = 0; k < transitions.size(); ++k)
      if (half[std::size_t(transitions[k])] == h) asked.push_back(transitions[k]), places.push_back(k);
    each_piece(data, asked, device, {}, [&](const LoggedPiece& piece) {
      const auto l = models[h](piece.observations, actions(piece)).to(at::kCPU, at::kDouble).contiguous();
      for (std::int64_t i = 0; i < l.size(0); ++i)
        out[places[std::size_t(piece.first + i)]] = l.template data_ptr<double>()[i];
    });
  }
  return out;
}
}  // namespace detail

TESSERA_INLINE std::vector<double> BehaviorModel::log_propensities() const {
  return detail::of_halves(data_, all_transitions(data_), half_, device_, models_,
                           [](const LoggedPiece& piece) { return piece.actions; });
}
TESSERA_INLINE std::vector<double> BehaviorModel::log_propensities(const TargetPolicy& policy,
                                                                   const std::vector<std::int64_t>& transitions) const {
  return detail::of_halves(data_, transitions, half_, device_, models_,
                           [&](const LoggedPiece& piece) { return policy.act(piece.observations, piece.first); });
}

TESSERA_INLINE double rare_share(const Dataset& data, const BehaviorModel& behavior, const TargetPolicy& policy,
                                 std::int64_t most_states) {
  std::vector<std::int64_t> some;
  const auto count = std::min(most_states, data.size());
  for (std::int64_t k = 0; k < count; ++k) some.push_back(k * data.size() / count);
  double rare = std::log(0.01);
  if (!policy.discrete) rare = quantile(behavior.log_propensities(), 0.01);
  const auto of_policy = behavior.log_propensities(policy, some);
  const auto below = std::count_if(of_policy.begin(), of_policy.end(), [&](double x) { return x < rare; });
  return double(below) / double(count);
}
}  // namespace tessera::ope
