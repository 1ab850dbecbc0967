#pragma once
#include <concepts>
#include <limits>
#include <type_traits>

#include <tessera/concepts/checks.hpp>
#include <tessera/concepts/docs.hpp>

namespace tessera {
/// The role of a part.  A part declares it by `using role = role::...`: it is a policy or a critic update because it
/// says so, not because it happens to have the right members.
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

namespace lack {
/// using role = role::...
struct role {
  template <class C>
  static constexpr bool found = requires {
    typename C::role;
  };
};
/// struct params {...}: an aggregate with defaults, empty where there is nothing to set
struct params {
  template <class C>
  static constexpr bool found = requires {
    typename C::params;
  };
};
/// what it needs from other slots: all_of<> where that is nothing
struct needs {
  template <class C>
  static constexpr bool found = requires {
    typename C::needs;
  };
};
/// MlpOptions net{};  AdamOptions adam{};  in `params`: the options of a network and of its optimizer
struct net_and_adam_in_params {
  template <class C>
  static constexpr bool found = requires(const typename C::params& h) {
    h.net, h.adam;
  };
};
}  // namespace lack
using component_checks = checks<lack::role, lack::params, lack::needs>;
/// Everything that can fill a slot: it has a role, hyper-parameters (an aggregate with defaults) and
/// a list of what it needs from other slots.
/// Law: a part holds no state of its own; what it remembers between steps is its `state`, which the learner owns.
template <class C>
concept Component = HasAll<C, component_checks>;

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
// Whether a class has a member of a name, whatever its form: a second one of the same name makes it ambiguous.
#define TESSERA_NAMES(CONCEPT, NAME)          \
  struct with_a_##NAME {                      \
    int NAME;                                 \
  };                                          \
  template <class C>                          \
  struct two_of_##NAME : C, with_a_##NAME {}; \
  template <class C>                          \
  concept CONCEPT = !requires {               \
    &two_of_##NAME<C>::NAME;                  \
  }
TESSERA_NAMES(NamesRun, run);
TESSERA_NAMES(NamesAdds, adds);
TESSERA_NAMES(NamesMove, move);
TESSERA_NAMES(NamesRefill, refill);
TESSERA_NAMES(NamesAlone, alone);
TESSERA_NAMES(NamesFit, fit);
struct no_stage {};
}  // namespace detail
/// The part that a wrapping part W<Part, ...> is derived from; void if there is none.
template <class C>
using wrapped_part = typename detail::wrapped_in<C>::type;

/// To derive a wrapping part from, where it declares `run` itself: `using around<Part>::run;` keeps what the wrapped
/// part runs.
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
/// The state of what a part wraps, to derive its own from: made as a learner would; nothing, where the wrapped part has
/// none.
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
  state_around(const typename Part::params& h, const Problem& on, Recipe recipe) requires
      std::is_constructible_v<wrapped, const typename Part::params&, const Problem&, Recipe> : wrapped(h, on, recipe) {}
  template <class Problem, class Recipe>
  state_around(const typename Part::params& h, const Problem& on,
               Recipe) requires(!std::is_constructible_v<wrapped, const typename Part::params&, const Problem&, Recipe>)
      : wrapped(h, on) {}
};
template <class Part>
inline constexpr bool sized_state_around = true;
template <class Part>
  requires requires { typename Part::template state<void>; }
inline constexpr bool sized_state_around<Part> = requires { requires Part::sized_state; };

template <class C, class Role>
concept Plays = Component<C> && std::same_as<typename C::role, Role>;

/// A part that is right where an action is a chunk of h actions, the last of which may be behind the episode's end: it
/// does not look at the logged ones, or weights them by column::chunk_valid.  It says
///   using takes_chunks = <its own name>;
/// A part that is derived from it looks at more, and says so anew.
template <class C>
concept TakesChunks = requires {
  typename C::takes_chunks;
}
&&std::same_as<typename C::takes_chunks, C>;

namespace lack {
/// The role of what fills the slot, and no other.
template <class Role>
struct this_role {
  template <class C>
  static constexpr bool found = Plays<C, Role>;
};
}  // namespace lack
/// What all parts of a role have, and what further is asked of them.
template <class Role, class... Pieces>
using part_checks = and_checks<component_checks, checks<lack::this_role<Role>, Pieces...>>;

namespace detail {
template <class C>
struct asks_in {
  using type = checks<>;
};
template <class C>
  requires requires { typename C::asks; }
struct asks_in<C> {
  using type = typename C::asks;
};
}  // namespace detail
/// What the class that a part is derived from asks of it: a base class that leaves something to the deriving part lists
/// it,  using asks = checks<lack::...>;  and a part without it does not compose.
template <class C>
using asked_by_base = typename detail::asks_in<C>::type;
}  // namespace tessera
