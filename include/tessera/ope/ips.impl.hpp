#pragma once
#include <cstddef>
#include <utility>

#include <tessera/ope/ips.hpp>
#include <tessera/support/inline.hpp>

namespace tessera::ope {
TESSERA_INLINE MeanTerms Ips::terms(const params&, const EvaluationLog& log) {
  auto x = log.rewards;
  for (std::size_t i = 0; i < x.size(); ++i) x[i] = detail::times_exp(x[i], log.log_ratio[i]);
  return detail::mean_of_weighted(std::move(x), log.log_ratio);
}
}  // namespace tessera::ope
