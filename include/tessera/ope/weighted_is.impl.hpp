#pragma once
#include <tessera/ope/weighted_is.hpp>
#include <tessera/support/inline.hpp>

namespace tessera::ope {
TESSERA_INLINE WeightedTerms WeightedIs::terms(const params&, const EvaluationLog& log) {
  return {detail::discounted_returns(log), detail::trajectory_log_ratios(log)};
}
}  // namespace tessera::ope
