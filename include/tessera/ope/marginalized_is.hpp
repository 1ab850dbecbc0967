#pragma once
#include <tessera/ope/estimator.hpp>
#include <tessera/ope/terms.hpp>

namespace tessera::ope {
/// Marginalized importance sampling: a reward is weighted by how much more often pi visits its state and action than b.
///   V = (1/n) sum_i sum_t gamma^t w(s^i_t, a^i_t) r^i_t,   w = d_pi / d_b
/// Its variance does not grow exponentially in T; it is as good as w is.
/// Source: Liu, Li, Tang, Zhou 2018, "Breaking the Curse of Horizon"; here with the visits of states and
/// actions.
struct MarginalizedIs {
  static constexpr const char* name = "mis";
  static constexpr const char* formula = "(1/n) sum_i sum_t gamma^t w(s_t, a_t) r_t";
  static constexpr const char* source = "Liu et al. 2018";
  static constexpr bool one_step = false;
  struct params {};
  using needs = all_of<given::weights>;

  static MeanTerms terms(const params& h, const EvaluationLog& log);
};
static_assert(Estimator<MarginalizedIs>);
}  // namespace tessera::ope

#ifndef TESSERA_COMPILED
#include <tessera/ope/marginalized_is.impl.hpp>
#endif
