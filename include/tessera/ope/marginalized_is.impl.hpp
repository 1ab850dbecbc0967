#pragma once
#include <algorithm>
#include <cstddef>

#include <tessera/ope/marginalized_is.hpp>
#include <tessera/support/inline.hpp>

namespace tessera::ope {
TESSERA_INLINE MeanTerms MarginalizedIs::terms(const params&, const EvaluationLog& log) {
  MeanTerms out;
  for (std::size_t i = 0; i < log.episodes(); ++i) {
    const auto episode = log.episode(i);
    double sum = 0, gamma = 1;
    for (std::size_t t = 0; t < episode.size(); ++t, gamma *= log.discount)
      sum += gamma * episode.weight[t] * episode.rewards[t];
    out.x.push_back(sum);
  }
  if (std::all_of(log.weight.begin(), log.weight.end(), [](double w) { return w == 0; }))
    out.undefined = "every logged step has weight 0: the target policy visits nothing of the log";
  return out;
}
}  // namespace tessera::ope
