#pragma once
#include <tessera/ope/estimator.hpp>
#include <tessera/ope/terms.hpp>

namespace tessera::ope {
/// Importance sampling of whole episodes with truncated ratios:
///   V = (1/n) sum_i min(rho^i_{0:T-1}, c) G^i
/// Biased toward 0, where returns are positive, with a variance that c bounds.
/// Source: Ionides 2008, "Truncated Importance Sampling", where c = sqrt(n).
struct ClippedIs {
  static constexpr const char* name = "clipped-is";
  static constexpr const char* formula = "(1/n) sum_i min(rho_{0:T-1}, c) G";
  static constexpr const char* source = "Ionides 2008";
  static constexpr bool one_step = false;
  struct params {
    double max_weight = or_unset;

    static constexpr doc docs[] = {
        {"max_weight", "c, the largest ratio of an episode; unset: sqrt(n) for n episodes (Ionides 2008)", or_unset}};
  };
  using needs = all_of<given::ratios>;

  static MeanTerms terms(const params& h, const EvaluationLog& log);
};
static_assert(Estimator<ClippedIs>);
}  // namespace tessera::ope

#ifndef TESSERA_COMPILED
#include <tessera/ope/clipped_is.impl.hpp>
#endif
