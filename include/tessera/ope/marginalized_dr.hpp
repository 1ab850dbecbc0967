#pragma once
#include <tessera/ope/estimator.hpp>
#include <tessera/ope/terms.hpp>

namespace tessera::ope {
/// Double reinforcement learning: Qhat, corrected by its errors on the logged steps in proportion to pi's visits.
///   V = (1/n) sum_i [ Vhat(s_0) + sum_t gamma^t w(s_t, a_t) ( r_t + gamma Vhat(s_{t+1}) - Qhat(s_t, a_t) ) ]
/// Without bias in the limit if w or Qhat is right.  The terms in brackets are also how much each episode moves an
/// efficient estimate, so that their spread is the uncertainty of Qhat too.
/// Source: Kallus & Uehara 2022, "Efficiently Breaking the Curse of Horizon in Off-Policy Evaluation with Double
/// Reinforcement Learning".
struct MarginalizedDr {
  static constexpr const char* name = "mdr";
  static constexpr const char* formula = "(1/n) sum_i [Vhat(s_0) + sum_t gamma^t w (r_t + gamma Vhat(s_{t+1}) - Qhat)]";
  static constexpr const char* source = "Kallus & Uehara 2022";
  static constexpr bool one_step = false;
  struct params {};
  using needs = all_of<given::values, given::weights>;

  static MeanTerms terms(const params& h, const EvaluationLog& log);
};
static_assert(Estimator<MarginalizedDr>);
}  // namespace tessera::ope

#ifndef TESSERA_COMPILED
#include <tessera/ope/marginalized_dr.impl.hpp>
#endif
