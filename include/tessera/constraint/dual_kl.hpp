#pragma once
#include <cstdint>

#include <tessera/concepts/types.hpp>
#include <tessera/constraint/penalty.hpp>
#include <tessera/options/network.hpp>

namespace tessera {
/// Hyper-parameters of DualKl.
struct DualKlParams {
  MlpOptions net{};
  AdamOptions adam{};
  double weight = 1.0;
  std::int64_t steps = 3;
  double slope_weight = 5.0;

  static constexpr doc docs[] = {
      {"net", "the network c"},
      {"adam", "its optimizer"},
      {"weight", "alpha, units of Q per nat", 0},
      {"steps", "steps of c per update, the first on its minibatch, each further one on a fresh one (BRAC: 3)", 1, 100},
      {"slope_weight", "weight of the bound on c's slope (BRAC: 5)", 0},
  };
};

/// KL divergence from the policy to the behavior in its dual form, learned from samples of both by a network c(s, a):
///   D(s) = 1 + log(softplus c(s, a_pi) + 1e-8) - softplus c(s, a_D),   a_pi ~ pi(.|s)
///   c minimizes  -E D + 5 E max(|grad_a c(s, a_mix)| - 1, 0)^2,   a_mix between a_pi and a_D at random
/// Needs no density: the logged actions themselves are the behavior's.  At s' they are the log's next actions, where
/// known.
/// Source: Wu et al. 2019 (BRAC), appendix A, and the authors' code.
struct DualKl : WeightedDivergence<DualKl, DualKlParams> {
  using needs = all_of<need<policy, want::reparameterized_policy>, need<data, want::logged_transitions_alone>>;
  static constexpr const char* formula =
      "weight * E [1 + log softplus c(s,a_pi) - softplus c(s,a_D)], c maximizes it, its slope at most 1";
  static constexpr const char* source = "Wu et al. 2019, appendix A";
  static constexpr const char* term = "constraint/dual_kl";
  using reads = columns<column::next_action, column::next_action_known>;

  static constexpr bool sized_state = true;
  template <class B>
  struct state {
    typename B::network discriminator;

    template <class Problem>
    state(const params& h, const Problem& on)
        : discriminator(on, "discriminator", h.net, h.adam, on.observation_size + on.action_size, B::single,
                        head_layout::value(), false) {}
    void each(auto&& f) { f("discriminator", discriminator); }
  };

  template <class Step>
  static typename Step::tensor at(const params&, Step& step, place where) {
    auto& c = step.template state_of<constraint>().discriminator;
    const auto& s = step.state(where);
    const auto a_pi = step.pi(where).sample();
    if (where == now)
      return bound(typename Step::tensor(c.frozen(s, a_pi).out), typename Step::tensor(c.fixed(s, step.action()).out));
    return step.next_action_known() * bound(typename Step::tensor(c.fixed(s, a_pi).out),
                                            typename Step::tensor(c.fixed(s, step.next_action()).out));
  }
  template <class Step>
  static void run(stage::constraint, const params& h, Step& step) {
    step.repeat_on_fresh_data(
        h.steps, [&](Step& at) { at.descend(fit(h, at), at.template state_of<constraint>().discriminator); });
  }
  /// The loss of c.
  template <class Step>
  static terms<typename Step::tensor> fit(const params& h, Step& step) {
    using T = typename Step::tensor;
    auto& c = step.template state_of<constraint>().discriminator;
    const T a_pi = step.pi(now).sample().detach(), a = step.action();
    const T u = step.draw(noise::uniform, 1, a);
    const T slope = (c.action_gradient(step.state(now), T(a_pi + u * (a - a_pi))).square().sum(-1) + 1e-8).sqrt();
    terms<T> sum{"constraint/fit",
                 -bound(T(c.trained(step.state(now), a_pi).out), T(c.trained(step.state(now), a).out)).mean()};
    return sum.add("constraint/slope", h.slope_weight * (slope - 1.0).clamp_min(0).square().mean());
  }

 private:
  // 1 + log softplus c_pi - softplus c_b, a lower bound of the divergence in expectation.
  template <class T>
  static T bound(const T& c_pi, const T& c_b) {
    return (softplus(c_pi) + 1e-8).log() + 1.0 - softplus(c_b);
  }
};
static_assert(StateDivergence<DualKl> && RunsIn<DualKl, stage::constraint>);
}  // namespace tessera
