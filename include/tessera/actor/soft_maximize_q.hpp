#pragma once
#include <cmath>

#include <tessera/concepts/actor.hpp>
#include <tessera/concepts/capture.hpp>
#include <tessera/concepts/wants.hpp>
#include <tessera/math/ensemble.hpp>
#include <tessera/options/network.hpp>

namespace tessera {
namespace want {
struct soft_policy {
  template <class T>
  static constexpr bool met = SoftPolicy<T>;
  using remedy = try_<TanhGaussianPolicy>;
};
}  // namespace want

/// Maximum-entropy policy improvement with automatic temperature:
///   minimize E alpha log pi(a_pi|s) - min_i Q_i(s, a_pi),   a_pi ~ pi(.|s) reparameterized
///   temperature: minimize -log alpha * (E log pi(a_pi|s) + H),   H = target_entropy * d;  -alpha * (...), if `linear`
/// max_temperature bounds alpha where it is used, not log alpha itself, as in the authors' codes that have the bound.
/// The critic's parameters are frozen; log pi is a constant of the temperature's loss: that of the actor's sample, or,
/// in a schedule whose temperature moves first, of a sample of its own.
/// Source: Haarnoja et al. 2018b, equations 7 and 18, with log alpha in place of alpha as in the authors' code.
struct SoftMaximizeQ {
  using role = role::actor_objective;
  struct params {
    double initial_temperature = 1.0;
    double target_entropy = -1.0;
    double max_temperature = 0.0;
    bool linear = false;
    AdamOptions adam{};

    static constexpr doc docs[] = {
        {"initial_temperature", "alpha at the start, > 0", 1e-12},
        {"target_entropy", "H per action dimension (SAC: -1)"},
        {"max_temperature", "b > 0: alpha is at most b wherever it is used (MOBILE: 1); 0: no bound", 0},
        {"linear", "whether the temperature's loss is linear in alpha (RLPD), not in log alpha"},
        {"adam", "the temperature's optimizer"},
    };
  };
  using needs = all_of<need<policy, want::soft_policy>, need<critic, want::critic_of_actions>>;
  static constexpr const char* formula =
      "E alpha log pi(a_pi|s) - min_i Q_i(s,a_pi);  alpha: -log alpha (E log pi + H)";
  static constexpr const char* source = "Haarnoja et al. 2018b, eqs. 7 and 18";

  static constexpr bool sized_state = true;
  /// Lives between updates: log alpha; within one, E log pi of the actor's sample, for the temperature.
  template <class B>
  struct state {
    typename B::scalar log_alpha;
    typename B::tensor mean_log_pi{};
    std::int64_t sampled_in = 0;  ///< the update that this is of

    template <class Problem>
    state(const params& h, const Problem& problem) : log_alpha(std::log(h.initial_temperature), h.adam, problem) {}
    void each(auto&& f) { f("log_alpha", log_alpha); }
  };

  /// It only tells this update's sample from an earlier one's.
  static rhythm rhythm_of(const params&) { return {}; }
  template <class Step>
  static terms<typename Step::tensor> loss(const params& h, Step& step) {
    return objective(h, step, [](const auto& q) { return math::min(q); });
  }
  template <class Step>
  static typename Step::tensor temperature(const params& h, Step& step) {
    const typename Step::tensor alpha = step.template state_of<actor>().log_alpha.value().detach().exp();
    return h.max_temperature > 0 ? typename Step::tensor(alpha.clamp_max(h.max_temperature)) : alpha;
  }
  template <class Step>
  static void run(stage::duals, const params& h, Step& step) {
    auto& own = step.template state_of<actor>();
    step.descend(temperature_loss(h, step), own.log_alpha);
  }
  template <class Step>
  static terms<typename Step::tensor> temperature_loss(const params& h, Step& step) {
    return temperature_loss(h, step, [&] { return step.pi(now).sample_with_log_prob(); });
  }

 protected:
  // The temperature's loss, by a sample that is drawn where the actor has none of this update.
  template <class Step, class Draw>
  static terms<typename Step::tensor> temperature_loss(const params& h, Step& step, Draw draw) {
    auto& own = step.template state_of<actor>();
    const double target = h.target_entropy * double(step.action_size());
    if (own.sampled_in != step.update()) own.mean_log_pi = draw().log_prob.mean().detach();
    const typename Step::tensor log_alpha = own.log_alpha.value();
    if (h.linear) return {"actor/temperature", -log_alpha.exp() * (own.mean_log_pi + target)};
    return {"actor/temperature", -log_alpha * (own.mean_log_pi + target)};
  }

  // The loss, of the members' values as `aggregate` makes one of them.
  template <class Step>
  static terms<typename Step::tensor> objective(const params& h, Step& step, auto aggregate) {
    const auto [a, log_pi] = step.pi(now).sample_with_log_prob();
    return objective(h, step, log_pi, [&, &at = a] { return aggregate(step.q(now, at, as::frozen)); });
  }
  // The same of a sample's log pi, (B), and of what gives its value, (B).
  template <class Step>
  static terms<typename Step::tensor> objective(const params& h, Step& step, const typename Step::tensor& log_pi,
                                                auto value_of_sample) {
    const auto mean_log_pi = log_pi.mean();
    auto& own = step.template state_of<actor>();
    own.mean_log_pi = mean_log_pi.detach(), own.sampled_in = step.update();
    terms<typename Step::tensor> sum{"actor/entropy", temperature(h, step) * mean_log_pi};
    return sum.add("actor/q", -value_of_sample().mean());
  }
};
static_assert(EntropyRegularized<SoftMaximizeQ> && RunsIn<SoftMaximizeQ, stage::duals>);
}  // namespace tessera
