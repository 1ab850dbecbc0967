#pragma once
#include <cstdint>
#include <utility>

#include <tessera/concepts/actor.hpp>
#include <tessera/concepts/wants.hpp>
#include <tessera/math/conjugate_gradient.hpp>
#include <tessera/math/normal.hpp>

namespace tessera {
struct StateDependentGaussianPolicy;
namespace want {
struct policy_with_fisher_information {
  template <class T>
  static constexpr bool met = FisherPolicy<T>;
  using remedy = try_<GaussianPolicy, StateDependentGaussianPolicy, CategoricalPolicy>;
};
}  // namespace want

/// Ascent along the natural gradient, in steps of equal KL divergence; one step for each batch of rollouts of the
/// policy:
///   g = grad E [ A(s,a) log pi(a|s) ],    x = (F + damping I)^-1 g  by conjugate gradient
///   F = E [ grad log pi(a|s) grad log pi(a|s)^T ] = E_s [ J(s)^T M(s) J(s) ],   a ~ pi(.|s)
///   theta <- theta + sqrt(2 kl / g.x) x
/// J is the slope in theta of what the network computes at s, and M the Fisher information of the distribution in that,
/// so that F has no sampling error in a; to second order, and but for the damping, the step has KL(old | new) = kl.  A
/// comes from the value slot.  The policy's optimizer is used for pretraining alone: imitation of the log, -E_D log
/// pi(a_D|s), before the first update.
/// Source: Kakade 2001; Rajeswaran et al. 2017, algorithm 1 and the authors' code, whose normalized step is twice the
/// KL.
/// Differs from the authors' code: a log-std beyond its bounds has no gradient, and so stays where it is; cloning is by
/// minibatches that are drawn with replacement, and keeps its log-std.
struct NaturalPolicyGradient {
  using role = role::actor_objective;
  struct params {
    double kl = 0.01;
    std::int64_t iterations = 20;
    double damping = 1e-3;
    std::int64_t cloning_steps = 0;
    std::int64_t cloning_batch = 256;

    static constexpr doc docs[] = {
        {"kl",
         "KL of the new policy from the old, mean over the batch's states (MOReL: 0.01, a normalized step of 0.02)", 0},
        {"iterations", "conjugate-gradient iterations (MOReL: 20)", 1, 10000},
        {"damping", "added to F's diagonal (MOReL: 1e-3)", 0},
        {"cloning_steps", "behavior-cloning steps before the first update (MOReL: 5 passes)", 0, 1000000000},
        {"cloning_batch", "logged transitions per cloning step", 1, 1000000},
    };
  };
  using needs = all_of<need<policy, want::policy_with_fisher_information>, need<value, want::value_of_states>,
                       need<data, want::paths_of_the_policy>>;
  static constexpr const char* formula =
      "theta + sqrt(2 kl / g.x) x,  x = (F + damping I)^-1 g,  g = grad E A log pi(a|s)";
  static constexpr const char* source = "Kakade 2001; Rajeswaran et al. 2017, algorithm 1";

  static constexpr bool sized_state = true;
  /// Lives between updates: whether the policy has been cloned.
  template <class B>
  struct state {
    buffer<std::int64_t> started{0};

    template <class Problem>
    state(const params&, const Problem&) {}
    void each(auto&& f) { f("actor/started", started); }
  };

  template <class Step>
  static terms<typename Step::tensor> loss(const params&, Step& step) {
    return {"actor/surrogate", math::weighted_nll(step.advantage(), step.pi(now).log_prob(step.action()))};
  }

  /// The step, with minus g gathered in the policy's network.
  template <class Step>
  static void move(stage::actor, const params& h, Step& step) {
    using T = typename Step::tensor;
    using B = typename Step::backend;
    typename B::no_grad guard;
    const auto& s = step.state(now);
    auto& net = step.policy_network();
    const auto slope = net.jacobian(s);
    const auto computed = slope.value();
    const double share = 1.0 / double(s.size(0));
    const auto fisher = [&](const T& v) {
      auto u = Step::policy_type::fisher(step.template params_of_slot<policy>(), computed, slope.times(v));
      u.out = u.out * share;
      return T(slope.transposed_times(u) + h.damping * v);
    };
    const T g = -net.gathered_gradient(), x = math::conjugate_gradient(fisher, g, h.iterations);
    const T before = B::stop(step.pi(now).log_prob(step.action())), advantage = step.advantage();
    net.move((step.constant(2 * h.kl) / ((g * x).sum() + 1e-20)).sqrt() * x);
    const T change = step.pi(s).log_prob(step.action()) - before, ratio = change.exp();
    step.log("actor/gain", ((ratio - 1.0) * advantage).mean());  // of the surrogate, with its importance weights
    step.log("actor/kl", (ratio - 1.0 - change).mean());         // by the batch's actions
  }

  /// Imitation, from a step whose batch are all logged transitions.
  template <class Step>
  static void run(stage::start, const params& h, Step& step) {
    using T = typename Step::tensor;
    using B = typename Step::backend;
    if (std::exchange(step.template state_of<actor>().started.value, 1)) return;
    typename B::with_grad guard;
    auto& net = step.policy_network();
    const T &s = step.state(now), &a = step.action();
    const auto rows = s.size(0);
    for (auto k = h.cloning_steps; k > 0; --k) {
      const T like = s.narrow(0, 0, 1).expand({h.cloning_batch, B::columns(s)});
      const T i =
          B::whole((step.draw(noise::uniform, 1, like).squeeze(-1) * double(rows)).floor().clamp(0, double(rows - 1)));
      const terms<T> loss{"actor/cloning",
                          -Step::policy_type::log_prob(step.template params_of_slot<policy>(),
                                                       net.trained(T(s.index_select(0, i))), T(a.index_select(0, i)))
                               .mean()};
      step.descend(loss, net);
    }
  }
};
static_assert(MovesIn<NaturalPolicyGradient, stage::actor> && RunsIn<NaturalPolicyGradient, stage::start>);
}  // namespace tessera
