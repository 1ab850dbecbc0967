#pragma once
#include <tessera/ope/estimator.hpp>
#include <tessera/ope/terms.hpp>

namespace tessera::ope {
/// Inverse propensity scores, of single decisions:
///   V = (1/n) sum_i rho_i r_i
/// Source: Horvitz & Thompson 1952; Dudik, Langford, Li 2011.
struct Ips {
  static constexpr const char* name = "ips";
  static constexpr const char* formula = "(1/n) sum_i rho r";
  static constexpr const char* source = "Dudik et al. 2011";
  static constexpr bool one_step = true;
  struct params {};
  using needs = all_of<given::ratios>;

  static MeanTerms terms(const params& h, const EvaluationLog& log);
};
static_assert(Estimator<Ips>);
}  // namespace tessera::ope

#ifndef TESSERA_COMPILED
#include <tessera/ope/ips.impl.hpp>
#endif
