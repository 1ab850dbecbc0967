#pragma once
#include <tessera/actor/maximize_q.hpp>
#include <tessera/compose/learner.hpp>
#include <tessera/constraint/forward_kl.hpp>
#include <tessera/critic/policy_backup.hpp>
#include <tessera/policy/tanh_gaussian.hpp>

namespace tessera {
namespace recipes {
struct AcBcDefaults : no_parameters<role::default_values> {
  static constexpr void on(MaximizeQ::params& h) { h = {.alpha = 2.5, .normalize = true}; }
};
/// Actor-critic with a forward-KL constraint: a stochastic actor that also imitates the logged actions.
/// Not from a paper: it follows TD3+BC (Fujimoto, Gu 2021), including the weight on a normalized Q, but with the
/// minimum of two critics.
struct AcBc : recipe<policy<TanhGaussianPolicy>, critic<PolicyBackup>, actor<MaximizeMinQ>, constraint<ForwardKl>,
                     defaults<AcBcDefaults>> {};
}  // namespace recipes
using AcBc = learner<recipes::AcBc>;
}  // namespace tessera
