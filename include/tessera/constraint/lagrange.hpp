#pragma once
#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
#include <string>

#include <tessera/concepts/actor.hpp>
#include <tessera/concepts/wants.hpp>
#include <tessera/options/network.hpp>
#include <tessera/support/error.hpp>

namespace tessera {
namespace want {
/// Of what is wrapped: a penalty whose weight may come from a multiplier.
struct a_weighted_penalty {
  template <class T>
  static constexpr bool met = WeightedPenalty<T> &&
                              (Plays<T, role::critic_update> || Plays<T, role::behavior_constraint>);
  using remedy = try_<ReverseKl>;
};
}  // namespace want

/// Hyper-parameters of Lagrange.  The target has no default, since its unit is the penalty's: the algorithm
/// sets it, or the user does.
struct LagrangeParams {
  double target = std::numeric_limits<double>::quiet_NaN();
  double min_multiplier = 1e-6;
  double max_multiplier = 1e6;
  AdamOptions multiplier_adam{};

  static constexpr doc docs[] = {
      {"target",
       "eps, target of the penalty, in its own unit (a conservative gap includes log K + d log 2); nan: not set, "
       "which is an "
       "error",
       or_unset},
      {"min_multiplier", "smallest multiplier", above_zero},
      {"max_multiplier", "largest multiplier", above_zero},
      {"multiplier_adam", "the multiplier's optimizer"},
  };
};

namespace detail {
template <class Part>
struct slot_of {
  template <class Step>
  static auto& state(Step& step) {
    if constexpr (std::is_same_v<typename Part::role, role::critic_update>) return step.template state_of<critic>();
    else return step.template state_of<constraint>();
  }
};
}  // namespace detail

/// A penalty whose weight is adjusted so that the penalty stays at a target:
///   minimize over the networks  ... + alpha D,   maximize over alpha  alpha (D - eps),   alpha = exp(x) > 0
/// D is the wrapped part's penalty: a constraint's mean divergence, or a conservative critic's mean gap.  The part's
/// own weight is the multiplier's first value.  D is a constant of the multiplier's loss.
/// Source: Kumar et al. 2019 (BEAR), equation 1; Kumar et al. 2020 (CQL), section 3.3; the gradient in log alpha.
template <class Part>
struct Lagrange : around<Part> {
  using params = joined<typename Part::params, LagrangeParams>;
  static constexpr bool of_critic = std::is_same_v<typename Part::role, role::critic_update>;
  using needs = extended_needs<typename Part::needs, around_a<Part, want::a_weighted_penalty>>;
  static constexpr const char* formula = "the wrapped part with weight alpha;  alpha: -alpha (D - eps), alpha = exp(x)";
  static constexpr const char* source = "Kumar et al. 2019, eq. 1; Kumar et al. 2020, section 3.3";

  static constexpr bool sized_state = sized_state_around<Part>;
  /// Lives between updates: log alpha; this update's D.
  template <class B>
  struct state : state_around<Part, B> {
    typename B::scalar log_multiplier;
    std::optional<typename B::tensor> amount{};

    template <class Problem, class Recipe = no_recipe>
    state(const params& h, const Problem& problem, Recipe recipe = {})
        : state_around<Part, B>(h, problem, recipe),
          log_multiplier(std::log(std::max(h.weight, h.min_multiplier)), h.multiplier_adam, problem) {
      if (std::isnan(h.target))
        throw Error(std::string(of_critic ? "critic" : "constraint") +
                    ".target is not set: Lagrange holds its penalty there, in the penalty's own unit; set it where the "
                    "algorithm is composed");
    }
    void each(auto&& f) {
      state_around<Part, B>::each(f);
      f(of_critic ? "critic_multiplier" : "constraint_multiplier", log_multiplier);
    }
  };

  template <class Step>
  static typename Step::tensor coefficient(const params&, Step& step) {
    return own(step).log_multiplier.value().detach().exp();
  }
  template <class Step>
  static terms<typename Step::tensor> loss(const params& h, Step& step) {
    auto [sum, amount] = Part::weighted_loss(h, step, coefficient(h, step));
    own(step).amount = amount;
    return sum;
  }
  using around<Part>::run;
  template <class Step>
  static void run(stage::duals at, const params& h, Step& step) {
    if constexpr (RunsIn<Part, stage::duals>) Part::run(at, h, step);
    const auto sum = multiplier_loss(h, step);
    if (sum.empty()) return;
    auto& log_multiplier = own(step).log_multiplier;
    step.descend(sum, log_multiplier);
    // The bounds clip log alpha itself: a bound on alpha alone would have no gradient beyond it.
    log_multiplier.clamp(std::log(h.min_multiplier), std::log(h.max_multiplier));
  }
  /// -alpha (D - eps) of this update's D; nothing, where there was none.
  template <class Step>
  static terms<typename Step::tensor> multiplier_loss(const params& h, Step& step) {
    auto& amount = own(step).amount;
    if (!amount) return {};
    const auto excess = *amount - h.target;
    amount.reset();
    return {name, -(own(step).log_multiplier.value().exp() * excess)};
  }

 private:
  static constexpr const char* name = of_critic ? "critic/multiplier" : "constraint/multiplier";
  template <class Step>
  static auto& own(Step& step) {
    return detail::slot_of<Part>::state(step);
  }
};
}  // namespace tessera
