#pragma once
#include <cstdint>

#include <tessera/constraint/penalty.hpp>
#include <tessera/math/mmd.hpp>

namespace tessera {
/// Hyper-parameters of Mmd.
struct MmdParams {
  double weight = 1.0;
  std::int64_t samples = 10;
  double bandwidth = 10.0;

  static constexpr doc docs[] = {
      {"weight", "units of Q per unit of MMD; under a Lagrange multiplier its initial value", 0},
      {"samples", "M, actions sampled for each state from either side (BEAR: 4 to 10; its authors' commands: 5)", 1,
       1000},
      {"bandwidth", "sigma of the kernel, actions scaled to [-1, 1] (BEAR: 10 or 20)", 1e-6},
  };
};

/// Maximum mean discrepancy of the policy's actions and the behavior's, from M samples each:
///   weight * E sqrt( mean k(x_i, x_j) + mean k(y_i, y_j) - 2 mean k(x_i, y_j) + 1e-6 ),   x ~ pi(.|s), y ~ b(.|s)
/// With few samples it holds the policy to the behavior's support more than to its density.
/// Source: Kumar et al. 2019 (BEAR), equation 2 and the authors' code.  Differs from the authors' code: of squashed
/// actions, where theirs is of the numbers before the tanh.
template <class Kernel>
struct Mmd : WeightedDivergence<Mmd<Kernel>, MmdParams> {
  using needs = all_of<need<policy, want::reparameterized_policy>, need<behavior, want::behavior_that_samples>,
                       agree<policy, behavior, want::same_action_space>>;
  static constexpr const char* formula =
      "weight * E sqrt(mean k(x,x') + mean k(y,y') - 2 mean k(x,y) + 1e-6), x ~ pi(s), y ~ b(s)";
  static constexpr const char* source = "Kumar et al. 2019, eq. 2";
  static constexpr const char* term = "constraint/mmd";

  template <class Step>
  static typename Step::tensor at(const MmdParams& h, Step& step, place where) {
    return math::mmd<Kernel>(step.pi(where).samples(h.samples), step.behavior_samples(where, h.samples), h.bandwidth);
  }
};
}  // namespace tessera
