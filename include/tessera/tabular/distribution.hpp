#pragma once
#include <vector>

#include <tessera/tabular/finite_mdp.hpp>

/// Statistics of finitely many values q(a) under probabilities b(a), exact to rounding: no gradient steps, no samples.
/// Values where b is 0 do not count, whatever they are.
namespace tessera::tabular {
using Row = Eigen::RowVectorXd;                        ///< one number per action, (A)
using RowView = Eigen::Ref<const Eigen::RowVectorXd>;  ///< a row of a `Table`, without a copy

namespace detail {
/// The indices with b > 0, in increasing order of q.
std::vector<Eigen::Index> rising(const RowView& q, const RowView& b);
/// Throws unless low < x < high.
void require_within(const char* name, double x, double low, double high);
void require_above_zero(const char* name, double x);
}  // namespace detail

/// max { q(a) : b(a) > 0 }.
inline double greatest(const RowView& q, const RowView& b) { return q[detail::rising(q, b).back()]; }

/// sum_a b(a) q(a).
double mean(const RowView& q, const RowView& b);

/// The tau-expectile: m with  tau E_b[(q - m)_+] = (1 - tau) E_b[(m - q)_+].
/// Between two neighboring values it is a weighted mean,  m = sum_a w_a b_a q_a / sum_a w_a b_a  with w = 1 - tau below
/// and tau above; the right gap is the one that contains its own mean.  Source: Newey, Powell 1987.
double expectile(const RowView& q, const RowView& b, double tau);

/// The smallest value m with Pr_b(q <= m) >= tau.
double quantile(const RowView& q, const RowView& b, double tau);

/// V_alpha = alpha log sum_a b(a) exp(q(a) / alpha): the value regularized by KL(. || b), also the minimizer of the
/// Gumbel loss of XQL and EQL.  Between the mean (alpha to infinity) and the largest value (alpha to 0).
double kl_value(const RowView& q, const RowView& b, double alpha);

/// pi(a) = b(a) exp(q(a) / alpha) / Z: the maximizer of E_pi[q] - alpha KL(pi || b).
Row kl_policy(const RowView& q, const RowView& b, double alpha);

/// KL(p || b) = sum_a p(a) log(p(a) / b(a)); infinite where p leaves the support of b.
double kl_divergence(const RowView& p, const RowView& b);

/// pi(a) = alpha b(a) / (nu - q(a)),  nu > max_{b > 0} q such that it sums to 1: the maximizer of E_pi[q] - alpha KL(b
/// | pi).  The sum decreases in nu, is at least 1 at max (q + alpha b) and at most 1 at max q + alpha.
Row forward_kl_policy(const RowView& q, const RowView& b, double alpha);

/// V of sparse Q-learning:  E_b[(1 + (q - V) / (2 alpha))_+] = 1.  Only values above V - 2 alpha count; with the k
/// largest values,  V = (sum b q + 2 alpha (sum b - 1)) / sum b,  for the k that is consistent with it.  Equal to the
/// mean if alpha is large.  Source: Xu et al. 2023 (SQL).
double sparse_value(const RowView& q, const RowView& b, double alpha);

/// pi_alpha of every state, (S, A): `kl_policy` row by row; rows where b is all zero stay zero.
Table kl_policies(const Table& q, const Table& b, double alpha);

/// sum_s weights(s) KL(p(.|s) || b(.|s)).
double mean_kl(const Table& p, const Table& b, const Vector& weights);

/// The alpha at which the closed-form policies use up a KL budget:  sum_s weights(s) KL(pi_alpha || b) = budget.
/// This is the dual of  max E[q]  under that constraint; KL decreases in alpha, so it is found by bisection in log
/// alpha.
/// If even alpha = 1e-12 times the range of q stays within the budget, that alpha is returned: the greedy policy.
double alpha_for_kl(const Table& q, const Table& b, const Vector& weights, double budget);

/// The same for one distribution.
double alpha_for_kl(const RowView& q, const RowView& b, double budget);
}  // namespace tessera::tabular

#ifndef TESSERA_COMPILED
#include <tessera/tabular/distribution.impl.hpp>
#endif
