#pragma once
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <vector>

#include <tessera/dataset/bulk.hpp>
#include <tessera/dataset/episodes.hpp>
#include <tessera/dataset/normalizer.hpp>
#include <tessera/dataset/row_reader.hpp>
#include <tessera/dataset/statistics.hpp>
#include <tessera/support/inline.hpp>

namespace tessera::detail {
TESSERA_INLINE void fit_reward(Normalizer& n, const Dataset& data, const std::vector<std::int64_t>& rows,
                               const OfflineParams& h) {
  n.reward_shift = float(h.reward_shift);
  n.reward_limit = float(h.reward_limit);
  RowReader reader(data);
  const auto limited = [&](std::int64_t i) {
    const double r = *reader.reward(i);
    return h.reward_limit > 0 ? std::clamp(r, -h.reward_limit, h.reward_limit) : r;
  };
  if (h.reward == reward_transform::return_range) {
    const auto by_return = [](const Episode& a, const Episode& b) { return a.episode_return < b.episode_return; };
    const auto [low, high] = std::minmax_element(data.episodes.begin(), data.episodes.end(), by_return);
    if (!(high->episode_return > low->episode_return))
      throw Error(
          data.name +
          ": every episode has the same return, so data.reward=return_range has no scale; use data.reward=none");
    n.reward_scale = float(1000.0 / (high->episode_return - low->episode_return));
  } else if (h.reward == reward_transform::standardize) {
    double mean = 0, square = 0;
    for (auto i : rows) mean += limited(i);
    mean /= double(rows.size());
    for (auto i : rows) square += std::pow(limited(i) - mean, 2);
    const double std = std::sqrt(square / double(rows.size()));
    if (!(std > 0))
      throw Error(data.name +
                  ": every reward is the same, so data.reward=standardize has no scale; use data.reward=none");
    n.reward_scale = float(1 / std);
    n.reward_shift += float(-mean / std);
  } else if (h.reward == reward_transform::rms) {
    double square = 0;
    for (auto i : rows) square += std::pow(limited(i), 2);
    if (!(square > 0))
      throw Error(data.name + ": every reward is 0, so data.reward=rms has no scale; use data.reward=none");
    n.reward_scale = float(1 / std::sqrt(square / double(rows.size())));
  }
}
}  // namespace tessera::detail

namespace tessera {
TESSERA_INLINE Normalizer fit_normalizer(const Dataset& data, const std::vector<std::int64_t>& rows,
                                         const OfflineParams& h) {
  const auto n = std::size_t(data.observation_size);
  Normalizer fit{std::vector<float>(n, 0.0f), std::vector<float>(n, 1.0f), 1, 0, data.action_low, data.action_high};
  if (h.standardize && h.scale == observation_scale::robust) {
    RowReader reader(data);
    const auto columns = bulks(std::int64_t(rows.size()), data.observation_size,
                               [&](std::int64_t i) { return reader.observation(rows[std::size_t(i)]); });
    for (std::size_t j = 0; j < n; ++j) {
      fit.observation_shift[j] = float(columns[j].mean);
      fit.observation_scale[j] =
          float(columns[j].constant() ? std::max(1.0, std::abs(columns[j].mean)) : std::max(columns[j].std, 1e-30));
    }
    fit.observation_clip = 10;
  } else if (h.standardize) {
    const auto m = observation_moments(data, rows);
    for (std::size_t j = 0; j < n; ++j) {
      fit.observation_shift[j] = float(m.mean[j]);
      fit.observation_scale[j] = float(m.std[j] + 1e-3);
    }
  }
  detail::fit_reward(fit, data, rows, h);
  // An action that never varies has no scale; it is mapped to the middle of a box of width one.
  for (std::size_t j = 0; j < fit.action_low.size(); ++j)
    if (!(fit.action_high[j] > fit.action_low[j])) {
      fit.action_low[j] -= 0.5f;
      fit.action_high[j] += 0.5f;
    }
  return fit;
}

TESSERA_INLINE void Prepared::keep_best_episodes(const Dataset& data, double fraction) {
  transitions = top_episodes(data, fraction);
}
TESSERA_INLINE void Prepared::fit_units(const Dataset& data, const OfflineParams& h) {
  normalizer = fit_normalizer(data, transitions, h);
}
}  // namespace tessera
