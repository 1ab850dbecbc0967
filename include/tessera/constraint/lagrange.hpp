#pragma once
#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
#include <string>

#include <tessera/concepts/actor.hpp>
#include <tessera/concepts/wants.hpp>
#include <tessera/data/error.hpp>
#include <tessera/nn/options.hpp>

namespace tessera {
/// Hyper-parameters of Lagrange.  The target has no default, since its unit is the penalty's: an algorithm sets it, or whoever composes
/// one.
struct LagrangeParams {
  double target = std::numeric_limits<double>::quiet_NaN();
  double least_weight = 1e-6;
  double most_weight = 1e6;
  AdamOptions multiplier_adam{};

  static constexpr doc docs[] = {
      {"target", "eps, what the penalty is held at, in its own unit (a conservative gap includes log K + d log 2); nan: not set, which is an "
                 "error", or_unset},
      {"least_weight", "smallest multiplier", above_zero},
      {"most_weight", "largest multiplier", above_zero},
      {"multiplier_adam", "the multiplier's optimiser"},
  };
};

namespace detail {
template <class Part, class B>
struct state_beneath {
  template <class... Ignored>
  explicit state_beneath(const Ignored&...) {}
  void each(auto&&) {}
};
template <class Part, class B>
  requires requires { typename Part::template state<B>; }
struct state_beneath<Part, B> : Part::template state<B> {
  using Part::template state<B>::state;
};
template <class Part>
constexpr bool sized_beneath = true;
template <class Part>
  requires requires { typename Part::template state<void>; }
constexpr bool sized_beneath<Part> = requires { requires Part::sized_state; };
template <class Part>
struct slot_of {
  template <class Step>
  static auto& state(Step& step) {
    if constexpr (std::is_same_v<typename Part::role, role::critic_update>) return step.template state_of<critic>();
    else return step.template state_of<constraint>();
  }
};
}  // namespace detail

/// A penalty whose weight is adjusted until it stays at a target:
///   minimise over the networks  ... + alpha D,   maximise over alpha  alpha (D - eps),   alpha = exp(x) > 0
/// D is the wrapped part's penalty: a constraint's mean divergence, or a conservative critic's mean gap.  The part's own weight
/// is the multiplier's first value.  D is a constant of the multiplier's loss.
/// Source: Kumar et al. 2019 (BEAR), equation 1; Kumar et al. 2020 (CQL), section 3.3; the gradient in log alpha.
template <class Part>
struct Lagrange : Part {
  using params = joined<typename Part::params, LagrangeParams>;
  static constexpr bool of_critic = std::is_same_v<typename Part::role, role::critic_update>;
  static constexpr const char* formula = "the wrapped part with weight alpha;  alpha: -alpha (D - eps), alpha = exp(x)";
  static constexpr const char* source = "Kumar et al. 2019, eq. 1; Kumar et al. 2020, section 3.3";

  static constexpr bool sized_state = detail::sized_beneath<Part>;
  /// Lives between updates: log alpha; this update's D.
  template <class B>
  struct state : detail::state_beneath<Part, B> {
    typename B::scalar log_multiplier;
    std::optional<typename B::tensor> amount{};

    template <class Problem>
    state(const params& h, const Problem& problem)
        : detail::state_beneath<Part, B>(h, problem),
          log_multiplier(std::log(std::max(h.weight, h.least_weight)), h.multiplier_adam, problem) {
      if (std::isnan(h.target))
        throw Error(std::string(of_critic ? "critic" : "constraint") +
                    ".target is not set: Lagrange holds its penalty there, in the penalty's own unit; set it where the algorithm is composed");
    }
    void each(auto&& f) {
      detail::state_beneath<Part, B>::each(f);
      f(of_critic ? "critic_multiplier" : "constraint_multiplier", log_multiplier);
    }
  };

  template <class Step>
  static typename Step::tensor coefficient(const params&, Step& step) {
    return own(step).log_multiplier.value().detach().exp();
  }
  template <class Step>
  static terms<typename Step::tensor> loss(const params& h, Step& step) {
    auto [sum, amount] = Part::weigh(h, step, coefficient(h, step));
    own(step).amount = amount;
    return sum;
  }
  template <class Step>
  static terms<typename Step::tensor> duals(const params& h, Step& step) {
    auto& amount = own(step).amount;
    if (!amount) return {};
    const auto excess = *amount - h.target;
    amount.reset();
    return {name, -(own(step).log_multiplier.value().exp() * excess)};
  }
  template <class Step>
  static void step_duals(Step& step) {
    own(step).log_multiplier.apply();
    // The bounds are of log alpha itself: past them there would be no gradient to come back by.
    own(step).log_multiplier.clamp(std::log(bounds(step).least_weight), std::log(bounds(step).most_weight));
  }

 private:
  static constexpr const char* name = of_critic ? "critic/multiplier" : "constraint/multiplier";
  template <class Step>
  static auto& own(Step& step) {
    return detail::slot_of<Part>::state(step);
  }
  template <class Step>
  static const LagrangeParams& bounds(Step& step) {
    if constexpr (of_critic) return step.template params_of_slot<critic>();
    else return step.template params_of_slot<constraint>();
  }
};
}  // namespace tessera
