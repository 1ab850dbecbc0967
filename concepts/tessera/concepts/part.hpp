#pragma once
#include <concepts>
#include <limits>
#include <type_traits>

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

namespace detail {
template <class C>
struct wrapped_in {
  using type = void;
};
template <template <class...> class W, class Part, class... Rest>
  requires std::derived_from<W<Part, Rest...>, Part>
struct wrapped_in<W<Part, Rest...>> {
  using type = Part;
};
// Whether a class has a member of the name `run`, `adds`, whatever its form: a second one of the same name makes it ambiguous.
struct a_run { int run; };
struct an_adds { int adds; };
template <class C> struct two_runs : C, a_run {};
template <class C> struct two_adds : C, an_adds {};
template <class C>
concept NamesRun = !requires { &two_runs<C>::run; };
template <class C>
concept NamesAdds = !requires { &two_adds<C>::adds; };
struct no_stage {};
}  // namespace detail
/// The part that a wrapping part W<Part, ...> is derived from; void, where there is none.
template <class C>
using wrapped_part = typename detail::wrapped_in<C>::type;

/// To derive a wrapping part from, where it declares `run` itself: `using around<Part>::run;` keeps what the wrapped part runs.
template <class Part>
struct around : Part {
  static void run(detail::no_stage) {}
};
template <class Part>
  requires detail::NamesRun<Part>
struct around<Part> : Part {
  using Part::run;
};

/// Of a state that is made by itself.
struct no_recipe {};
/// The state of what a part wraps, to derive its own from: made as a learner would; nothing, where the wrapped part has none.
template <class Part, class B>
struct state_around {
  state_around(const auto&, const auto&, auto) {}
  void each(auto&&) {}
};
template <class Part, class B>
  requires requires { typename Part::template state<B>; }
struct state_around<Part, B> : Part::template state<B> {
  using wrapped = typename Part::template state<B>;
  template <class Problem, class Recipe>
  state_around(const typename Part::params& h, const Problem& on, Recipe recipe)
    requires std::is_constructible_v<wrapped, const typename Part::params&, const Problem&, Recipe>
      : wrapped(h, on, recipe) {}
  template <class Problem, class Recipe>
  state_around(const typename Part::params& h, const Problem& on, Recipe)
    requires(!std::is_constructible_v<wrapped, const typename Part::params&, const Problem&, Recipe>)
      : wrapped(h, on) {}
};
template <class Part>
inline constexpr bool sized_state_around = true;
template <class Part>
  requires requires { typename Part::template state<void>; }
inline constexpr bool sized_state_around<Part> = requires { requires Part::sized_state; };

template <class C, class Role>
concept Plays = Component<C> && std::same_as<typename C::role, Role>;
}  // namespace tessera
