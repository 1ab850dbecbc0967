#pragma once
#include <cstddef>
#include <utility>
#include <vector>

#include <tessera/ope/weighted_doubly_robust.hpp>
#include <tessera/support/inline.hpp>

namespace tessera::ope {
TESSERA_INLINE StepwiseTerms WeightedDoublyRobust::terms(const params&, const EvaluationLog& log) {
  std::vector<double> x, y;
  x.reserve(log.steps());
  y.reserve(log.steps() + log.episodes());
  for (std::size_t i = 0; i < log.episodes(); ++i) {
    const auto episode = log.episode(i);
    double gamma = 1;
    for (std::size_t t = 0; t < episode.size(); ++t, gamma *= log.discount) {
      x.push_back(gamma * (episode.rewards[t] - episode.q[t]));
      y.push_back(gamma * episode.v[t]);
    }
    y.push_back(gamma * episode.v_end);
  }
  return {log, std::move(x), std::move(y)};
}
}  // namespace tessera::ope
