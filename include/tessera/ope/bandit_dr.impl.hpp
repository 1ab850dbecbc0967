#pragma once
#include <cstddef>

#include <tessera/ope/bandit_dr.hpp>
#include <tessera/support/inline.hpp>

namespace tessera::ope {
TESSERA_INLINE MeanTerms BanditDr::terms(const params&, const EvaluationLog& log) {
  MeanTerms out;
  for (std::size_t i = 0; i < log.steps(); ++i)
    out.x.push_back(log.v[i] + detail::times_exp(log.rewards[i] - log.q[i], log.log_ratio[i]));
  detail::require_no_overflow(out);
  return out;
}
}  // namespace tessera::ope
