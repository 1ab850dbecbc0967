#pragma once
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <string>
#include <utility>

#include <tessera/ope/clipped_is.hpp>
#include <tessera/support/inline.hpp>
#include <tessera/support/shortest_text.hpp>

namespace tessera::ope {
TESSERA_INLINE MeanTerms ClippedIs::terms(const params& h, const EvaluationLog& log) {
  const auto log_weight = detail::trajectory_log_ratios(log);
  auto x = detail::discounted_returns(log);
  const bool unset = std::isnan(h.max_weight);
  const double c = unset ? std::sqrt(double(x.size())) : h.max_weight;
  std::size_t clipped = 0;
  for (std::size_t i = 0; i < x.size(); ++i) {
    if (log_weight[i] > std::log(c)) ++clipped;
    x[i] *= std::exp(std::min(log_weight[i], std::log(c)));
  }
  auto out = detail::mean_of_weighted(std::move(x), log_weight);
  out.notes.push_back("ratios above " + shortest_text(c) + (unset ? ", the root of the number of episodes," : "") +
                      " are clipped: " + std::to_string(clipped) + " of " + std::to_string(log.episodes()));
  return out;
}
}  // namespace tessera::ope
