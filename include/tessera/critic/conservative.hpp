#pragma once
#include <array>
#include <cmath>
#include <cstdint>
#include <numbers>
#include <type_traits>

#include <tessera/concepts/policy.hpp>
#include <tessera/critic/params.hpp>

namespace tessera {
namespace want {
/// Where actions are continuous, a policy that knows the density of what it samples; where they are finitely many, any.
struct policy_to_press_by {
  template <class T>
  static constexpr bool met = SoftPolicy<T> || (Policy<T> && std::same_as<typename T::space, Discrete>);
  using remedy = try_<TanhGaussianPolicy, CategoricalPolicy>;
};
}  // namespace want

/// Hyper-parameters of Conservative.
struct ConservativeParams {
  double weight = 5.0;
  double temperature = 1.0;
  std::int64_t uniform_actions = 10;
  std::int64_t policy_actions = 10;
  std::int64_t next_policy_actions = 10;

  static constexpr doc docs[] = {
      {"weight",
       "alpha, weight of the gap (CQL: 1 to 10; discrete 0.1 to 4); under a Lagrange multiplier its initial value", 0},
      {"temperature", "T of the soft maximum (CQL: 1)", 1e-6},
      {"uniform_actions", "continuous actions: how many uniform ones per state (CQL: 10)", 1, 1000},
      {"policy_actions", "how many from pi(.|s) (CQL: 10)", 1, 1000},
      {"next_policy_actions", "how many from pi(.|s'), all evaluated at s (CQL: 10)", 1, 1000},
  };
};

namespace detail {
/// Actions whose values are minimized, (B, K, d), and their log-densities under the sampler, (B, K); no gradient.
template <class Step>
drawn<typename Step::tensor> proposed_actions(const ConservativeParams& h, Step& step) {
  using T = typename Step::tensor;
  using B = typename Step::backend;
  typename B::no_grad guard;
  const auto d = step.action_size();
  const T uniform =
      step.draw(noise::uniform, h.uniform_actions * d, step.action()).reshape({-1, h.uniform_actions, d}) * 2.0 - 1.0;
  const T log_uniform = uniform.select(-1, 0) * 0.0 - double(d) * std::numbers::ln2;
  const auto [a_now, log_now] = step.pi(now).samples_with_log_prob(h.policy_actions);
  const auto [a_next, log_next] = step.pi(next).samples_with_log_prob(h.next_policy_actions);
  return {B::cat(std::array<T, 3>{uniform, a_now, a_next}, 1),
          B::cat(std::array<T, 3>{log_uniform, log_now, log_next}, 1)};
}
}  // namespace detail

// The choices of mu, the distribution whose values are pushed down.  `values`: Q at its actions, (N, B, K); `gap`: how
// far mu's value is above q, (N, B), summed over members.  Gradients flow into the critic alone.

/// mu maximizes E_mu Q + T H(mu):  the soft maximum  T log integral exp(Q(s,a) / T) da.  Continuous actions: by
/// importance sampling over uniform actions and the policy's at s and s'; the constant log K of the mean over samples
/// is left in, as in the authors' code.  Discrete actions: the exact sum.
/// Source: Kumar et al. 2020 (CQL), equation 4 and appendix F: CQL(H).
struct LogSumExp {
  using needs = all_of<need<policy, want::policy_to_press_by>>;

  template <class Step>
  static typename Step::tensor values(const ConservativeParams& h, Step& step) {
    if constexpr (Step::discrete) {
      return step.q(now, every_action);
    } else {
      const auto [a, log_density] = detail::proposed_actions(h, step);
      return step.q(now, a) - h.temperature * log_density;
    }
  }
  template <class T>
  static T gap(const ConservativeParams& h, const T& x, const T& q) {
    return math::log_sum_exp_gap(x, q, h.temperature);
  }
};

/// mu maximizes E_mu Q - T KL(mu || rho) with the current policy as the prior rho:  T log E_{a~rho} exp(Q(s,a) / T).
/// Source: Kumar et al. 2020 (CQL), appendix A: CQL(rho).
struct PolicyPrior {
  using needs = all_of<need<policy, want::policy_with_expectations>>;

  template <class Step>
  static typename Step::tensor values(const ConservativeParams& h, Step& step) {
    if constexpr (Step::discrete) return step.q(now, every_action) + h.temperature * step.pi(now).log_probs().detach();
    else
      return step.q(now, step.pi(now).samples(h.policy_actions).detach()) -
             h.temperature * std::log(double(h.policy_actions));
  }
  template <class T>
  static T gap(const ConservativeParams& h, const T& x, const T& q) {
    return math::log_sum_exp_gap(x, q, h.temperature);
  }
};

/// mu is the action of the largest value: max_a Q(s,a), over uniform actions and the policy's at s and s'.
/// Source: Kumar et al. 2020 (CQL), equation 3 without a regularizer of mu.
struct MaxAction {
  using needs = LogSumExp::needs;

  template <class Step>
  static typename Step::tensor values(const ConservativeParams& h, Step& step) {
    if constexpr (Step::discrete) return step.q(now, every_action);
    else return step.q(now, detail::proposed_actions(h, step).action);
  }
  template <class T>
  static T gap(const ConservativeParams&, const T& x, const T& q) {
    return (x.amax(-1) - q).mean(1).sum();
  }
};

/// mu is the current policy: E_{a~pi} Q(s,a).
/// Source: Kumar et al. 2020 (CQL), equations 1 and 2 with mu = pi.
struct CurrentPolicy {
  using needs = PolicyPrior::needs;

  template <class Step>
  static typename Step::tensor values(const ConservativeParams& h, Step& step) {
    // Discrete: A pi(a|s) Q(s,a), whose mean over actions is the expectation.
    if constexpr (Step::discrete)
      return double(step.action_size()) * (step.q(now, every_action) * step.pi(now).log_probs().detach().exp());
    else return step.q(now, step.pi(now).samples(h.policy_actions).detach());
  }
  template <class T>
  static T gap(const ConservativeParams&, const T& x, const T& q) {
    return (x.mean(-1) - q).mean(1).sum();
  }
};

/// Whether the values of logged actions are maximized with the same weight.
struct PushUp {};
struct NoPushUp {};

/// At which states mu is pushed down, where a part of the batch is imagined by a model.
struct AllStates {};       ///< the batch's, logged and imagined as they are mixed
struct ImaginedStates {};  ///< the imagined alone

/// A critic update with a penalty that pushes Q down at actions of mu, and up at the log's:
///   minimize  the wrapped update's loss + alpha sum_i ( E_{s ~ rho} value of mu under Q_i at s  -  E_D Q_i(s, a_D) )
/// so that actions the data do not hold are not overvalued.  Without the push-up, Q ends below the policy's true value
/// at every pair (for alpha large enough); with it, in expectation over mu = pi.  rho are the batch's states.  With
/// data<ModelAugmented> this is COMBO: pushed down at imagined (or mixed) states, up at logged transitions alone.
/// Source: Kumar et al. 2020 (CQL), equations 1 to 4; Yu et al. 2021 (COMBO), equation 2.
/// Differs from the papers: nothing; the weight applies to every member's gap, as in the authors' code.
template <class Update, class Mu = LogSumExp, class Push = PushUp, class States = AllStates>
struct Conservative : Update {
  using params = joined<typename Update::params, ConservativeParams>;
  static constexpr bool imagined_alone = std::is_same_v<States, ImaginedStates>;
  using needs = merged_needs<
      merged_needs<typename Update::needs, typename Mu::needs>,
      std::conditional_t<imagined_alone, all_of<need<data, want::data_with_imagined_transitions>>, all_of<>>>;
  static constexpr const char* formula = "the wrapped update + alpha sum_i E [value of mu under Q_i - Q_i(s,a_D)]";
  static constexpr const char* source = "Kumar et al. 2020, eqs. 1-4; Yu et al. 2021, eq. 2";
  static constexpr bool adds_penalty = true;

  template <class Step>
  static terms<typename Step::tensor> loss(const params& h, Step& step) {
    return weighted_loss(h, step, h.weight).loss;
  }
  /// The loss with a given weight, and the mean gap of a member.
  template <class Step, class Weight>
  static WeightedLoss<typename Step::tensor> weighted_loss(const params& h, Step& step, const Weight& weight) {
    auto sum = Update::loss(h, step);
    const auto gap = gap_of(h, step);
    return {sum.add("critic/conservative", weight * gap), gap.detach() * (1.0 / double(h.members))};
  }

 private:
  template <class Step>
  static typename Step::tensor gap_of(const params& h, Step& step) {
    using T = typename Step::tensor;
    const auto x = Mu::values(h, step);
    const auto nothing = [&] { return T(step.q(now, logged_action).detach() * 0.0); };
    if (step.all_logged()) return Mu::gap(h, x, std::is_same_v<Push, PushUp> ? step.q(now, logged_action) : nothing());
    // Down on rho, up on the log: means over states of their own.
    const T down =
        imagined_alone ? Mu::gap(h, step.imagined(x, 1), step.imagined(nothing(), 1)) : Mu::gap(h, x, nothing());
    if (!std::is_same_v<Push, PushUp> || step.logged_count() == 0) return down;
    return down - step.logged(step.q(now, logged_action), 1).mean(1).sum();
  }
};
}  // namespace tessera
