#pragma once
#include <cstdint>

#include <tessera/compose/recipe.hpp>
#include <tessera/concepts/dynamics.hpp>
#include <tessera/concepts/lookups.hpp>
#include <tessera/concepts/types.hpp>

/// What a slot lets the parts of a recipe look up, whichever part is in it.  A step is the sum of these and of what the
/// parts bring themselves.
namespace tessera {
template <class R, class B>
class step;
// Words of a composition_error, declared and never defined.
template <class Lookup>
struct looks_up;
struct which_nothing_brings;
template <class... Needs>
struct declare_a_need_such_as;

template <class Part, class Step, class Backend>
struct policy_lookups {
  using policy_type = Part;
};

namespace detail {
template <class Part, class Step, class Backend>
struct estimate_lookup : in_step<Step, estimate_lookup<Part, Step, Backend>> {
  using tensor = typename Backend::tensor;
  /// V(s), (B), and A(s, a_D), (B), as the value slot has them; no gradient.
  tensor value(place where) {
    typename Backend::no_grad guard;
    return Part::estimate(this->template params_in<tessera::value>(), this->self(), where);
  }
  tensor advantage() {
    typename Backend::no_grad guard;
    return Part::advantage(this->template params_in<tessera::value>(), this->self());
  }
};
template <class Part, class Step, class Backend>
struct value_temperature_lookup {};
template <SoftMaximumValue Part, class Step, class Backend>
struct value_temperature_lookup<Part, Step, Backend> : in_step<Step, value_temperature_lookup<Part, Step, Backend>> {
  /// The temperature of a value that is a soft maximum.
  double value_temperature() { return Part::temperature(this->template params_in<tessera::value>()); }
};
}  // namespace detail

template <class Part, class Step, class Backend>
struct value_lookups : detail::estimate_lookup<Part, Step, Backend>,
                       detail::value_temperature_lookup<Part, Step, Backend> {};

template <class Part, class Step, class Backend>
struct actor_lookups {};
template <EntropyRegularized Part, class Step, class Backend>
struct actor_lookups<Part, Step, Backend> : in_step<Step, actor_lookups<Part, Step, Backend>> {
  /// The actor's entropy temperature, a scalar, no gradient.
  typename Backend::tensor temperature() { return Part::temperature(this->template params_in<actor>(), this->self()); }
};

template <class Part, class Step, class Backend>
struct constraint_lookups {};
template <StateDivergence Part, class Step, class Backend>
struct constraint_lookups<Part, Step, Backend> : in_step<Step, constraint_lookups<Part, Step, Backend>> {
  /// The constraint's penalty at a state: its coefficient times its divergence there, (B), no gradient.
  typename Backend::tensor penalty(place where) {
    typename Backend::no_grad guard;
    const auto& h = this->template params_in<constraint>();
    return Part::coefficient(h, this->self()) * Part::at(h, this->self(), where);
  }
};

namespace detail {
template <class Part, class Step, class Backend>
struct log_prob_lookup {};
template <BehaviorDensity Part, class Step, class Backend>
struct log_prob_lookup<Part, Step, Backend> : in_step<Step, log_prob_lookup<Part, Step, Backend>> {
  using tensor = typename Backend::tensor;
  /// What the behavior's model says of an action; the gradient reaches it.
  tensor behavior_log_prob(place where, const tensor& a) {
    return Part::log_prob(this->template params_in<behavior>(), this->self(), where, a);
  }
};
template <class Part, class Step, class Backend>
struct log_probs_lookup {};
template <EnumerableBehavior Part, class Step, class Backend>
struct log_probs_lookup<Part, Step, Backend> : in_step<Step, log_probs_lookup<Part, Step, Backend>> {
  using tensor = typename Backend::tensor;
  /// Discrete actions: of every action, (B, A).
  tensor behavior_log_probs(place where) {
    return Part::log_probs(this->template params_in<behavior>(), this->self(), where);
  }
};
template <class Part, class Step, class Backend>
struct support_lookup {};
template <BehaviorSupport Part, class Step, class Backend>
struct support_lookup<Part, Step, Backend> : in_step<Step, support_lookup<Part, Step, Backend>> {
  using tensor = typename Backend::tensor;
  /// Discrete actions: which of them the data support, (B, A) of 0 and 1, no gradient.
  tensor behavior_support(place where) {
    return Part::support(this->template params_in<behavior>(), this->self(), where);
  }
};
template <class Part, class Step, class Backend>
struct samples_lookup {};
template <BehaviorSampler Part, class Step, class Backend>
struct samples_lookup<Part, Step, Backend> : in_step<Step, samples_lookup<Part, Step, Backend>> {
  using tensor = typename Backend::tensor;
  /// K actions of the behavior's for each state, (B, K, d), no gradient.
  tensor behavior_samples(place where, std::int64_t count) {
    return Part::samples(this->template params_in<behavior>(), this->self(), where, count);
  }
};
}  // namespace detail
template <class Part, class Step, class Backend>
struct behavior_lookups : detail::log_prob_lookup<Part, Step, Backend>,
                          detail::log_probs_lookup<Part, Step, Backend>,
                          detail::support_lookup<Part, Step, Backend>,
                          detail::samples_lookup<Part, Step, Backend> {};

template <class Part, class Step, class Backend>
struct dynamics_lookups {};
template <EnsembleDynamics Part, class Step, class Backend>
struct dynamics_lookups<Part, Step, Backend> : in_step<Step, dynamics_lookups<Part, Step, Backend>> {
  using tensor = typename Backend::tensor;
  /// What the dynamics model says of states and actions, (B', n) and (B', d), in the task's units; no gradient.
  Prediction<tensor> members(const tensor& states, const tensor& actions) {
    typename Backend::no_grad guard;
    return Part::members(this->template params_in<dynamics>(), this->self(), states, actions);
  }
};

namespace detail {
template <class Slot, class Step, class B>
struct slot_brings {};
template <class Slot, class Step, class B>
  requires requires { typename Slot::template lookups<Step, B>; }
struct slot_brings<Slot, Step, B> : Slot::template lookups<Step, B> {};
template <class Slot, class Step, class B>
struct part_brings {};
template <class Slot, class Step, class B>
  requires requires { typename Slot::type::template lookups<Step, B>; }
struct part_brings<Slot, Step, B> : Slot::type::template lookups<Step, B> {};
// What a program is told whose part looks up what nothing in the recipe brings: an error that names the lookup, and the
// need to declare, so that it would have been one of the composition.  A slot's or a part's own lookup of the same name
// takes its place.
// clang-format off
#define TESSERA_LOOKUPS(X) \
  X(pi, need<policy, want::policy_with_mode>, need<policy, want::policy_with_log_prob>, need<policy, want::policy_that_samples>) \
  X(policy_network, need<policy, want::policy_with_mode>, need<policy, want::policy_with_log_prob>, need<policy, want::policy_that_samples>) \
  X(q, need<critic, want::critic_of_actions>) \
  X(noise_q, need<critic, want::critic_of_noise>) \
  X(q_action_gradient, need<critic, want::critic_of_actions>) \
  X(target_rate, need<critic, want::critic_of_actions>) \
  X(v, need<value, want::value_with_a_network>) \
  X(value, need<value, want::value_of_states>) \
  X(advantage, need<value, want::value_of_states>) \
  X(value_temperature, need<value, want::soft_maximum_value>) \
  X(temperature, need<actor, want::actor_with_temperature>) \
  X(penalty, need<constraint, want::divergence_at_states>) \
  X(behavior_log_prob, need<behavior, want::behavior_with_density>) \
  X(behavior_log_probs, need<behavior, want::behavior_with_density>, agree<policy, behavior, want::behavior_over_finite_actions>) \
  X(behavior_support, need<behavior, want::behavior_with_support>) \
  X(behavior_samples, need<behavior, want::behavior_that_samples>) \
  X(members, need<dynamics, want::ensemble_of_dynamics>)
// clang-format on
template <class Step>
struct recipe_in {
  using type = void;
};
template <class R, class B>
struct recipe_in<step<R, B>> {
  using type = R;
};
// A tensor that also is whatever else may be looked up, so that there is no second error.
template <class T>
struct looked_up : T {
  looked_up mode() const;
  looked_up sample() const;
  looked_up sample_unclipped() const;
  looked_up samples(std::int64_t) const;
  looked_up log_prob(const T&) const;
  looked_up log_probs() const;
  drawn<T> sample_with_log_prob() const;
  drawn<T> samples_with_log_prob(std::int64_t) const;
};
template <class Step, class Lookup, class Remedy>
struct unbrought
    : composition_error<in<typename recipe_in<Step>::type>, looks_up<Lookup>, which_nothing_brings, Remedy> {};
template <class Lookup>
struct brought {};
#define TESSERA_UNBROUGHT(NAME, ...)                                                                                  \
  namespace lookup {                                                                                                  \
  struct NAME;                                                                                                        \
  }                                                                                                                   \
  TESSERA_NAMES(Brings_##NAME, NAME);                                                                                 \
  using needed_for_##NAME = declare_a_need_such_as<__VA_ARGS__>;                                                      \
  template <class Step, class B>                                                                                      \
  struct no_##NAME {                                                                                                  \
    template <class... Args>                                                                                          \
    looked_up<typename B::tensor> NAME(const Args&...) {                                                              \
      (void)sizeof(unbrought<std::conditional_t<sizeof...(Args) < 99, Step, void>, lookup::NAME, needed_for_##NAME>); \
      return {};                                                                                                      \
    }                                                                                                                 \
  };
TESSERA_LOOKUPS(TESSERA_UNBROUGHT)
#undef TESSERA_UNBROUGHT

template <class Step, class B>
struct lookups_in {
  template <class... Slots>
  struct all_brought : slot_brings<Slots, Step, B>..., part_brings<Slots, Step, B>... {};
#define TESSERA_UNLESS_BROUGHT(NAME, ...) \
  , std::conditional_t<Brings_##NAME<all_brought<Slots...>>, brought<lookup::NAME>, no_##NAME<Step, B>>
  template <class... Slots>
  struct of : all_brought<Slots...> TESSERA_LOOKUPS(TESSERA_UNLESS_BROUGHT) {};
#undef TESSERA_UNLESS_BROUGHT
};
#undef TESSERA_LOOKUPS
}  // namespace detail
}  // namespace tessera
