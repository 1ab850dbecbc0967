#pragma once
#include <cstddef>

#include <tessera/ope/doubly_robust.hpp>
#include <tessera/support/inline.hpp>

namespace tessera::ope {
TESSERA_INLINE MeanTerms DoublyRobust::terms(const params&, const EvaluationLog& log) {
  MeanTerms out;
  for (std::size_t i = 0; i < log.episodes(); ++i) {
    const auto episode = log.episode(i);
    double d = episode.v_end;
    for (std::size_t t = episode.size(); t-- > 0;)
      d = episode.v[t] + detail::times_exp(episode.rewards[t] + log.discount * d - episode.q[t], episode.log_ratio[t]);
    out.x.push_back(d);
  }
  detail::require_no_overflow(out);
  return out;
}
}  // namespace tessera::ope
