#pragma once
#include <cstddef>
#include <utility>
#include <vector>

#include <tessera/ope/per_decision_is.hpp>
#include <tessera/support/inline.hpp>

namespace tessera::ope {
TESSERA_INLINE MeanTerms PerDecisionIs::terms(const params&, const EvaluationLog& log) {
  std::vector<double> x, first;
  for (std::size_t i = 0; i < log.episodes(); ++i) {
    const auto episode = log.episode(i);
    double sum = 0, gamma = 1, log_rho = 0;
    for (std::size_t t = 0; t < episode.size(); ++t, gamma *= log.discount) {
      log_rho += episode.log_ratio[t];
      sum += detail::times_exp(gamma * episode.rewards[t], log_rho);
    }
    x.push_back(sum);
    first.push_back(episode.log_ratio[0]);
  }
  return detail::mean_of_weighted(std::move(x), first);
}
}  // namespace tessera::ope
