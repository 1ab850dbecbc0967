#pragma once
#include <concepts>
#include <limits>

namespace tessera {
/// The role a part plays.  A part says which by `using role = role::...`, so that it is a policy or a
/// critic update because it says so, not because it happens to have the right members.
namespace role {
struct policy {};
struct critic_update {};
struct value_estimate {};
struct actor_objective {};
struct behavior_constraint {};
struct behavior_model {};
struct dynamics_model {};
struct uncertainty_penalty {};
struct data_source {};
struct action_selection {};
struct update_schedule {};
struct default_values {};
}  // namespace role

/// Ends of an open range: more than 0, less than 1.
inline constexpr double above_zero = std::numeric_limits<double>::min();
inline constexpr double below_one = 1 - std::numeric_limits<double>::epsilon();
/// In place of a smallest value: there is none, and the number may be left unset, as NaN.
inline constexpr double or_unset = std::numeric_limits<double>::quiet_NaN();

/// What a hyper-parameter is: its name, and its meaning, unit, range and source in one line.
/// `params::docs` lists them in the order of the fields; reflection asserts that none is missing.
struct doc {
  const char* name;
  const char* text;
  double least = -1e30;  ///< smallest and largest value that makes sense, inclusive; to be well inside what a float holds
  double most = 1e30;
};

template <class... Ts>
struct list_of {};
/// The hyper-parameters of a part that is made of others: those of all pieces, under their own names.
///   struct params : joined<CriticParams, MyOwn> {};
template <class... Ps>
struct joined : Ps... {
  using pieces = list_of<Ps...>;
};

/// Everything that can fill a slot: it has a role, hyper-parameters (an aggregate with defaults) and
/// a list of what it needs from other slots.
/// Law: a part holds no state; what it must remember between steps is its `state`, owned by the learner.
template <class C>
concept Component = requires {
  typename C::role;
  typename C::params;
  typename C::needs_;
};

template <class C, class Role>
concept Plays = Component<C> && std::same_as<typename C::role, Role>;
}  // namespace tessera
