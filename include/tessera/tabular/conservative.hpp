#pragma once
#include <tessera/tabular/evaluation.hpp>
#include <tessera/tabular/finite_mdp.hpp>

namespace tessera::tabular {
/// Which of CQL's two objectives is meant.
enum class push_up {
  none,     ///< Q is pushed down under mu alone: a lower bound of every Q(s, a) (CQL, equation 1, theorem 3.1)
  on_data,  ///< and up under b: a lower bound of the values only (CQL, equation 2, theorem 3.2)
};

/// What the objective subtracts from the target of each pair, (S, A):
///   push_up::none      weight mu(a|s) / b(a|s)
///   push_up::on_data   weight (mu(a|s) / b(a|s) - 1)
/// and nothing where b is 0, because no data constrain that pair; mu must be 0 there.
Table conservative_penalty(const FiniteMdp& mdp, const Table& mu, const Table& b, double weight, push_up up);

/// What COMBO's objective subtracts from the target of each pair, (S, A):
///   weight (rho(s,a) - d(s,a)) / d_f(s,a),   d_f = f d + (1 - f) d_model
/// from distributions over pairs, each of sum 1: `rho`, whose Q is minimized; `logged`, d, whose Q is maximized;
/// `imagined`, d_model; f, the logged fraction of a batch.  Nothing where d_f is 0, because no data constrain that
/// pair; rho must be 0 there.
/// Source: Yu et al. 2021 (COMBO), equation 3.
Table mixed_penalty(const FiniteMdp& mdp, const Table& rho, const Table& logged, const Table& imagined, double f,
                    double weight);

/// The fixed point of a policy's critic with a penalty on every pair, (S, A):  Q = r + discount P^pi Q - penalty.
Table penalized_action_values(const FiniteMdp& mdp, const Table& pi, const Table& penalty);

/// The fixed point of CQL's critic for a policy pi, with exact expectations, (S, A):
///   Q = r + discount P^pi Q - penalty
/// the minimizer of E_b[(Q - (r + discount P^pi Qbar))^2] / 2 + weight (E_mu[Q] - (on_data ? E_b[Q] : 0)), iterated.
/// Source: Kumar et al. 2020 (CQL), equations 1 and 2 and appendix C.
Table conservative_action_values(const FiniteMdp& mdp, const Table& pi, const Table& mu, const Table& b, double weight,
                                 push_up up);
}  // namespace tessera::tabular

#ifndef TESSERA_COMPILED
#include <tessera/tabular/conservative.impl.hpp>
#endif
