#pragma once
#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <numeric>
#include <string>

#include <tessera/algorithms/bc.hpp>
#include <tessera/dataset/normalizer.hpp>
#include <tessera/dataset/require_sound.hpp>
#include <tessera/dataset/suit.hpp>
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

// Two halves of a log's episodes, in the log's order.
inline std::array<std::vector<std::int64_t>, 2> halves(const Dataset& data, std::uint64_t seed) {
  std::vector<std::size_t> order(data.episodes.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  Random random(seed, 0x6f7065);
  for (auto i = order.size(); i > 1; --i) std::swap(order[i - 1], order[std::size_t(random.below(i))]);
  std::vector<std::uint8_t> half(order.size(), 0);
  for (std::size_t i = 0; i < order.size() / 2; ++i) half[order[i]] = 1;
  std::array<std::vector<std::int64_t>, 2> out;
  for (std::size_t e = 0; e < data.episodes.size(); ++e)
    for (std::int64_t t = 0; t < data.episodes[e].transitions; ++t) {
      const bool alone = order.size() == 1;
      out[alone ? std::size_t(2 * t >= data.episodes[e].transitions) : half[e]].push_back(data.episodes[e].first + t);
    }
  return out;
}

// A model that is fitted to some transitions, and asked of others; false where it was stopped.
template <class L>
bool fit_and_ask(const Dataset& data, const std::vector<std::int64_t>& fitted, const std::vector<std::int64_t>& asked,
                 std::uint64_t seed, const BehaviorOptions& o, std::vector<double>& out) {
  const auto units = fit_normalizer(data, fitted, suit(data, OfflineParams{}, {.rewards = false}).params);
  L agent({.observation_size = data.observation_size, .action_size = data.action_size, .seed = seed, .device = o.device},
          nn::Units(units));
  Replay replay(data, fitted, agent.units(), o.device);
  const auto most = 50 * (std::int64_t(fitted.size()) + o.batch - 1) / o.batch;
  bool stopped = false;
  train(agent, replay, {.updates = std::min(o.updates, most), .batch = o.batch, .after_update = [&](std::int64_t) {
                          stopped = o.keep_going && !o.keep_going();
                          return !stopped;
                        }});
  if (stopped) return false;
  each_piece(data, asked, o.device, {}, [&](const LoggedPiece& piece) {
    const auto l = at::Tensor(agent.log_prob(piece.observations, piece.actions)).to(at::kCPU, at::kDouble).contiguous();
    for (std::int64_t i = 0; i < l.size(0); ++i)
      out[std::size_t(asked[std::size_t(piece.first + i)])] = l.data_ptr<double>()[i];
  });
  return true;
}
}  // namespace detail

TESSERA_INLINE std::vector<double> logged_log_propensities(const Dataset& data) {
  if (!data.has_propensities()) throw Error(data.name + ": has no propensities");
  std::vector<double> out(std::size_t(data.size()));
  RowReader rows(data);
  for (std::int64_t i = 0; i < data.size(); ++i) {
    const double p = *rows.propensity(i);
    if (!(p > 0) || !std::isfinite(p))
      throw Error(data.name + ": the propensity of transition " + std::to_string(i) + " is " + std::to_string(p) +
                  ", and the action was taken; correct it, or leave the column out, and a model is fitted");
    out[std::size_t(i)] = std::log(p);
  }
  return out;
}

TESSERA_INLINE std::vector<double> fitted_log_propensities(const Dataset& data, const BehaviorOptions& o) {
  if (data.size() < 2 || data.episodes.empty())
    throw Error(data.name + ": has too few transitions to fit a model of its behavior to one half of them");
  nn::settle_threads();
  require_sound(data);
  std::vector<double> out(std::size_t(data.size()), 0.0);
  const auto halves = detail::halves(data, o.seed);
  for (std::size_t h = 0; h < 2; ++h) {
    const auto &fitted = halves[h], &asked = halves[1 - h];
    const bool done = data.kind == action_kind::discrete
                          ? detail::fit_and_ask<DiscreteBc>(data, fitted, asked, o.seed + h, o, out)
                          : detail::fit_and_ask<learner<detail::GaussianBehavior>>(data, fitted, asked, o.seed + h, o, out);
    if (!done) return {};
  }
  return out;
}
}  // namespace tessera::ope
