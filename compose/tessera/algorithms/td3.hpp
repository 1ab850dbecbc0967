#pragma once
#include <tessera/actor/maximize_q.hpp>
#include <tessera/compose/learner.hpp>
#include <tessera/critic/smoothed_policy_backup.hpp>
#include <tessera/policy/deterministic.hpp>

namespace tessera {
namespace recipes {
/// The actor and the target networks are updated every second update.
struct Td3Defaults : no_parameters<role::default_values> {
  static constexpr void on(Periods& h) { h = {.actor = 2, .targets = 2}; }
};
/// Twin delayed deterministic policy gradient (Fujimoto et al. 2018).
/// Differs from the authors' code: trains on logged data alone; observations are standardized; if the task is not
/// known, the smallest and largest logged actions are the bounds.
struct Td3
    : recipe<policy<DeterministicPolicy>, critic<SmoothedPolicyBackup>, actor<MaximizeQ>, defaults<Td3Defaults>> {};
}  // namespace recipes
using Td3 = learner<recipes::Td3>;
}  // namespace tessera
