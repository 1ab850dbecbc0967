#pragma once
#include <cstddef>

#include <tessera/ope/fitted_q.hpp>
#include <tessera/support/inline.hpp>

namespace tessera::ope {
TESSERA_INLINE MeanTerms FittedQ::terms(const params&, const EvaluationLog& log) {
  MeanTerms out;
  for (std::size_t i = 0; i < log.episodes(); ++i) out.x.push_back(log.episode(i).v[0]);
  out.notes.emplace_back("the interval is that of a mean over first states: it takes Qhat as given");
  return out;
}
}  // namespace tessera::ope
