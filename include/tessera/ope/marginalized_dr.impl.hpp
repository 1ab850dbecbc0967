#pragma once
#include <cstddef>

#include <tessera/ope/marginalized_dr.hpp>
#include <tessera/support/inline.hpp>

namespace tessera::ope {
TESSERA_INLINE MeanTerms MarginalizedDr::terms(const params&, const EvaluationLog& log) {
  MeanTerms out;
  for (std::size_t i = 0; i < log.episodes(); ++i) {
    const auto episode = log.episode(i);
    double sum = episode.v[0], gamma = 1;
    for (std::size_t t = 0; t < episode.size(); ++t, gamma *= log.discount)
      sum += gamma * episode.weight[t] * (episode.rewards[t] + log.discount * episode.v_after(t) - episode.q[t]);
    out.x.push_back(sum);
  }
  return out;
}
}  // namespace tessera::ope
