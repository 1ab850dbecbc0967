#pragma once
#include <cstddef>
#include <utility>

#include <tessera/ope/trajectory_is.hpp>
#include <tessera/support/inline.hpp>

namespace tessera::ope {
TESSERA_INLINE MeanTerms TrajectoryIs::terms(const params&, const EvaluationLog& log) {
  const auto log_weight = detail::trajectory_log_ratios(log);
  auto x = detail::discounted_returns(log);
  for (std::size_t i = 0; i < x.size(); ++i) x[i] = detail::times_exp(x[i], log_weight[i]);
  return detail::mean_of_weighted(std::move(x), log_weight);
}
}  // namespace tessera::ope
