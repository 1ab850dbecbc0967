#pragma once
#include <tessera/concepts/generative.hpp>
#include <tessera/constraint/penalty.hpp>

namespace tessera {
namespace want {
struct policy_of_one_step {
  template <class T>
  static constexpr bool met = OneStepGenerator<T>;
  using remedy = try_<OneStepPolicy>;
};
}  // namespace want

/// Hyper-parameters of Distillation.
struct DistillationParams {
  double weight = 10.0;

  static constexpr doc docs[] = {{"weight", "alpha, units of Q per squared unit of an action (FQL: 3 to 30 000)", 0}};
};

/// How far a one-step policy is from what a generator makes of the same noise:
///   weight * E mean_j (mu(s, z) - G(s, z))_j^2,   z ~ N(0, I)
/// mu before its clip.  G has no gradient: neither to its parameters, nor through its steps.  Its expectation, d times,
/// is an upper bound of the squared 2-Wasserstein distance of the two policies.
/// Source: Park, Li, Levine 2025 (FQL), equation 8 and authors' code.
struct Distillation : WeightedDivergence<Distillation, DistillationParams> {
  using needs = all_of<need<policy, want::policy_of_one_step>, need<behavior, want::behavior_that_generates>,
                       agree<policy, behavior, want::same_action_space>>;
  using takes_chunks = Distillation;
  static constexpr const char* formula = "weight * E mean_j (mu(s,z) - G(s,z))_j^2, z ~ N(0,1)";
  static constexpr const char* source = "Park, Li, Levine 2025, eq. 8";
  static constexpr const char* term = "constraint/distillation";

  template <class Step>
  static typename Step::tensor at(const params&, Step& step, place where) {
    using M = typename Step::template part<behavior>;
    const auto [z, a] = step.pi(where).latent_sample();
    return (a - M::generate(step.template params_of_slot<behavior>(), step, step.state(where), z)).square().mean(-1);
  }
};
static_assert(StateDivergence<Distillation>);
}  // namespace tessera
