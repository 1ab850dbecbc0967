#pragma once
#include <tessera/concepts/actor.hpp>

#include "laws/probe.hpp"

/// What actor objectives promise.  Each law is of a recipe, whose actor is the model; `set` sets hyper-parameters.
namespace laws {
/// Looks at the temperature, where there is one, and at whether the policy's gradient is clear before a loss is taken.
struct look_at_actor {
  static inline std::vector<double> temperatures;
  static inline bool clear = true;
  template <class A>
  static void look(const auto& h, auto& step) {
    if constexpr (EntropyRegularized<A>) temperatures.push_back(A::temperature(h, step).template item<double>());
    if constexpr (MovesIn<A, stage::actor>)
      clear = clear && step.policy_network().gathered_gradient().abs().max().template item<double>() == 0;
  }
};
/// The temperatures of five updates in which the policy stays where it is.
template <class R>
std::vector<double> temperatures(params_of<R> p) {
  p.policy.adam.learning_rate = 0;
  look_at_actor::temperatures.clear();
  auto agent = fresh<R>(p);
  for (std::uint64_t k = 1; k <= 5; ++k) agent.update(some_batch<R>(k));
  return look_at_actor::temperatures;
}
inline std::string listed(const std::vector<double>& xs) {
  std::string all;
  for (const double x : xs) all += (all.empty() ? "" : ", ") + std::to_string(x);
  return all;
}

/// Laws of `ActorObjective`: its gradient reaches the policy alone.  Of `EntropyRegularized`: the temperature is not
/// negative, and, where it is learned, rises while the entropy is below its target, and falls above.  Of one that moves
/// the policy itself: it clears the gradient.
template <class Recipe>
verdict actor_laws(const auto& set) {
  using R = probed<Recipe, actor, look_at_actor>;
  using A = typename R::template get<actor>;
  static_assert(ActorObjective<A>);
  auto p = small<R>();
  set(p);
  look_at_actor::clear = true;
  auto q = p;
  if constexpr (requires { q.policy.adam; }) q.policy.adam.learning_rate = 0;
  verdict v = reaches_alone<R, actor>(q, "policy/");
  v += holds_no_state<R>(p);
  v.expect(look_at_actor::clear, "the gradient is cleared");
  if constexpr (EntropyRegularized<A>) {
    const auto seen = temperatures<R>(p);
    v.expect(std::all_of(seen.begin(), seen.end(), [](double t) { return t >= 0 && std::isfinite(t); }),
             "the temperature is not negative", listed(seen));
    if constexpr (requires { p.actor.target_entropy; }) {
      p.actor.max_temperature = 0;
      p.actor.target_entropy = 5;  // a density on [-1, 1]^d has at most d log 2 of it
      const auto below = temperatures<R>(p);
      v.expect(std::is_sorted(below.begin(), below.end()) && below.front() < below.back(),
               "the temperature rises below the target", listed(below));
      p.actor.target_entropy = -50;
      const auto above = temperatures<R>(p);
      v.expect(std::is_sorted(above.rbegin(), above.rend()) && above.front() > above.back(),
               "the temperature falls above the target", listed(above));
    } else {
      v.expect(seen.front() == seen.back(), "a fixed temperature stays", listed(seen));
    }
  }
  return v;
}
template <class Recipe>
verdict actor_laws() {
  return actor_laws<Recipe>(as_they_are);
}
}  // namespace laws
