#pragma once
#include <cstddef>
#include <cstdint>
#include <span>

#include <tessera/ope/log.hpp>
#include <tessera/tabular/finite_mdp.hpp>

namespace tessera::ope {
/// The share of a policy's discounted visits d(s, a), (S, A), that are to states and actions which the log lacks: where
/// counts(s, a), (S, A), is 0.  What is evaluated there is a guess.
double unsupported_share(const tabular::Table& visits, const tabular::Table& counts);

/// Where logged steps stand under the target policy, by rho = pi(a|s) / b(a|s).
struct RatioShares {
  double below = 0, above = 0;  ///< the shares of steps with rho < low, and with rho > high
  double low = 0, high = 0;     ///< the limits
  double largest_log = 0;       ///< the largest log rho
};
/// Many steps below mean that the target policy does otherwise than the log, many above that it does often what was
/// logged rarely: in both cases few steps carry the estimate.
RatioShares ratio_shares(const EvaluationLog& log, double low = 0.01, double high = 100);
}  // namespace tessera::ope

#ifndef TESSERA_COMPILED
#include <tessera/ope/support.impl.hpp>
#endif
