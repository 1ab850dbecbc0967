#pragma once
#include <tessera/concepts/part.hpp>
#include <tessera/concepts/stages.hpp>

namespace tessera {
namespace detail {
// A part's hyper-parameters; none, of one that lacks them, which the audit says.
struct no_params {};
template <class C>
struct hyperparameters_of {
  using type = no_params;
};
template <class C>
  requires requires { typename C::params; }
struct hyperparameters_of<C> {
  using type = typename C::params;
};
}  // namespace detail

// A slot wraps the component that fills it, and lends its name to the component's hyper-parameters: `p.actor.beta` is
// parameter `beta` of the part in `actor<>`.  It says everything about itself in one line, and a program's own slot is
// such a line:
//   TESSERA_SLOT(name, what may fill it, what stands in where it is absent or void, home stage or void, what it lets
//       parts look up)
// In the home stage the part's `loss` counts.  The last may be left out: a template of <Part, Step, Backend> from which
// a step is derived.  A part may bring lookups of its own, as its member template `lookups<Step, Backend>`.
#define TESSERA_SLOT(NAME, WANT, NEUTRAL, HOME, ...)                                                \
  template <class C>                                                                                \
  struct NAME {                                                                                     \
    using type = C;                                                                                 \
    using may_hold = WANT;                                                                          \
    using neutral = NEUTRAL;                                                                        \
    using home = HOME;                                                                              \
    __VA_OPT__(template <class Step, class Backend> using lookups = __VA_ARGS__<C, Step, Backend>;) \
    static constexpr const char* label = #NAME;                                                     \
    struct named {                                                                                  \
      typename ::tessera::detail::hyperparameters_of<C>::type NAME{};                               \
    };                                                                                              \
    static constexpr auto member = &named::NAME;                                                    \
  }

namespace want {
struct a_component;
struct a_policy;
struct a_critic_update;
struct a_value_estimate;
struct an_actor_objective;
struct a_behavior_constraint;
struct a_behavior_model;
struct a_dynamics_model;
struct an_uncertainty_penalty;
struct a_data_source;
struct an_action_selection;
struct an_update_schedule;
struct default_values;
}  // namespace want
struct Mode;
struct Offline;
struct CriticFirst;
template <class Part, class Step, class Backend>
struct policy_lookups;
template <class Part, class Step, class Backend>
struct value_lookups;
template <class Part, class Step, class Backend>
struct actor_lookups;
template <class Part, class Step, class Backend>
struct constraint_lookups;
template <class Part, class Step, class Backend>
struct behavior_lookups;
template <class Part, class Step, class Backend>
struct dynamics_lookups;

/// the distribution of actions
TESSERA_SLOT(policy, want::a_policy, void, void, policy_lookups);
/// what Q regresses to, and what else is added to its loss
TESSERA_SLOT(critic, want::a_critic_update, void, stage::critic);
/// what the value V of a state is, if there is one
TESSERA_SLOT(value, want::a_value_estimate, void, stage::value, value_lookups);
/// the objective of the policy
TESSERA_SLOT(actor, want::an_actor_objective, void, stage::actor, actor_lookups);
/// the penalty that keeps the policy near the data
TESSERA_SLOT(constraint, want::a_behavior_constraint, void, stage::actor, constraint_lookups);
/// a model of the policy that logged the data
TESSERA_SLOT(behavior, want::a_behavior_model, void, stage::behavior, behavior_lookups);
/// a model of the transitions
TESSERA_SLOT(dynamics, want::a_dynamics_model, void, stage::dynamics, dynamics_lookups);
/// what uncertainty about the model costs
TESSERA_SLOT(uncertainty, want::an_uncertainty_penalty, void, void);
/// the source of batches
TESSERA_SLOT(data, want::a_data_source, Offline, void);
/// how an action is chosen at test time
TESSERA_SLOT(select, want::an_action_selection, Mode, void);
/// in which order, and how often, the stages run
TESSERA_SLOT(schedule, want::an_update_schedule, CriticFirst, void);
/// the algorithm's own default values; a part that is swapped out takes its values along
template <class C>
struct defaults {
  using type = C;
  using may_hold = want::default_values;
  using neutral = void;
  using home = void;
  static constexpr const char* label = "defaults";
  struct named {};
};

/// The slots that a learner has whatever its recipe says.
template <template <template <class> class...> class F>
using slots_of_every_learner = F<data, select, schedule>;

namespace detail {
// Stands for a part where a slot is asked about itself.
struct any_part {
  struct params {};
};
template <template <class> class S>
using neutral_of = typename S<any_part>::neutral;
}  // namespace detail
}  // namespace tessera
