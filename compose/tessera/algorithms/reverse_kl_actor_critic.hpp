#pragma once
#include <tessera/actor/fixed_temperature_maximize_q.hpp>
#include <tessera/behavior/density.hpp>
#include <tessera/compose/learner.hpp>
#include <tessera/constraint/reverse_kl.hpp>
#include <tessera/critic/policy_backup.hpp>
#include <tessera/policy/tanh_gaussian.hpp>

namespace tessera {
namespace recipes {
/// One action per state estimates the divergence, as it does Q.
struct ReverseKlDefaults : no_parameters<role::default_values> {
  static constexpr void on(ReverseKlParams& h) { h.samples = 1; }
};
/// Actor-critic with a reverse-KL constraint in the actor alone (policy regularization).
/// Differs from a paper: the name is generic; it has the form of BRAC-p (Wu et al. 2019) without that algorithm's
/// settings and warm start, and with one sample in place of four.
struct ReverseKlActorCritic
    : recipe<policy<TanhGaussianPolicy>, behavior<Density<TanhGaussianPolicy>>, critic<PolicyBackup>,
             actor<FixedTemperatureMaximizeQ>, constraint<ReverseKl>, defaults<ReverseKlDefaults>> {};
}  // namespace recipes
using ReverseKlActorCritic = learner<recipes::ReverseKlActorCritic>;
}  // namespace tessera
