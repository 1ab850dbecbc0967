#pragma once
#include <tessera/algorithms/td3.hpp>
#include <tessera/constraint/squared_error.hpp>

namespace tessera {
namespace recipes {
struct Td3BcDefaults : Td3Defaults {
  using Td3Defaults::on;
  static constexpr void on(MaximizeQ::params& h) { h = {.alpha = 2.5, .normalize = true}; }
};
/// TD3+BC (Fujimoto, Gu 2021).  Differs from the authors' code: if the task is not known, the smallest and largest
/// logged actions are the bounds, not the task's; a transition cut by a time limit is used if its s' is known.
struct Td3Bc : Td3::with<constraint<SquaredError>, defaults<Td3BcDefaults>> {};
}  // namespace recipes
using Td3Bc = learner<recipes::Td3Bc>;
}  // namespace tessera
