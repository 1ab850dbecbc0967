#pragma once
#include <tessera/ope/snips.hpp>
#include <tessera/support/inline.hpp>

namespace tessera::ope {
TESSERA_INLINE WeightedTerms Snips::terms(const params&, const EvaluationLog& log) {
  return {log.rewards, log.log_ratio};
}
}  // namespace tessera::ope
