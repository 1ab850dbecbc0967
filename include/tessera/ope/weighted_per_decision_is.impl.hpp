#pragma once
#include <cstddef>
#include <utility>
#include <vector>

#include <tessera/ope/weighted_per_decision_is.hpp>
#include <tessera/support/inline.hpp>

namespace tessera::ope {
TESSERA_INLINE StepwiseTerms WeightedPerDecisionIs::terms(const params&, const EvaluationLog& log) {
  std::vector<double> x;
  x.reserve(log.steps());
  for (std::size_t i = 0; i < log.episodes(); ++i) {
    double gamma = 1;
    for (const double reward : log.episode(i).rewards) {
      x.push_back(gamma * reward);
      gamma *= log.discount;
    }
  }
  return {log, std::move(x), {}};
}
}  // namespace tessera::ope
