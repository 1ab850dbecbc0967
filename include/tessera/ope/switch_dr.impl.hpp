#pragma once
#include <cmath>
#include <cstddef>
#include <string>

#include <tessera/ope/switch_dr.hpp>
#include <tessera/support/inline.hpp>
#include <tessera/support/shortest_text.hpp>

namespace tessera::ope {
TESSERA_INLINE MeanTerms SwitchDr::terms(const params& h, const EvaluationLog& log) {
  MeanTerms out;
  std::size_t switched = 0;
  for (std::size_t i = 0; i < log.steps(); ++i) {
    const bool corrected = log.log_ratio[i] <= std::log(h.threshold);
    if (!corrected) ++switched;
    out.x.push_back(log.v[i] + (corrected ? detail::times_exp(log.rewards[i] - log.q[i], log.log_ratio[i]) : 0));
  }
  out.notes.push_back("ratios above " + shortest_text(h.threshold) +
                      " do not correct Qhat: " + std::to_string(switched) + " of " + std::to_string(log.steps()));
  detail::require_no_overflow(out);
  return out;
}
}  // namespace tessera::ope
