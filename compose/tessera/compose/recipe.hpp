#pragma once
#include <type_traits>

#include <tessera/concepts/wants.hpp>

namespace tessera {
/// Declared, never defined: the spelling of its arguments is the diagnostic.
template <class... Sentence>
struct composition_error;
template <class Recipe>
struct in;
template <class Component>
struct component;
template <class Want>
struct wants;
template <class... Given>
struct but_got;
template <template <class> class Slot>
struct slot;
struct which_is_empty;
struct which_is_filled_twice;
struct which_is_not_a_slot;
struct every_learner;
template <class Stage>
struct runs_in;
template <class Stage>
struct adds_to;
template <class Stage>
struct moves_in;
struct which_its_schedule_lacks;
struct which_nobody_runs;
struct which_another_moves;
struct a_stage;
template <class Wrapped>
struct hides_what_is_run_by;
struct around_itself;
template <class Column>
struct reads_column;
struct which_its_data_lack;

template <class... Slots>
struct recipe;

namespace detail {
template <template <class> class S, class Filled>
inline constexpr bool fills = false;
template <template <class> class S, class C>
inline constexpr bool fills<S, S<C>> = true;

template <template <class> class S, class... Slots>
struct pick {
  using type = neutral_of<S>;
};
template <template <class> class S, class C, class... Rest>
struct pick<S, S<C>, Rest...> {
  using type = C;
};
template <template <class> class S, class T, class... Rest>
struct pick<S, T, Rest...> : pick<S, Rest...> {};

// One filled slot after the edits: the last edit of the same slot, or itself.
template <class Filled, class... Edits>
struct refill {
  using type = Filled;
};
template <template <class> class S, class C, class D, class... Edits>
struct refill<S<C>, S<D>, Edits...> : refill<S<D>, Edits...> {};
template <template <class> class S, class C, class E, class... Edits>
struct refill<S<C>, E, Edits...> : refill<S<C>, Edits...> {};

template <class Edit, class... Slots>
inline constexpr bool has = false;
template <template <class> class S, class C, class... Slots>
inline constexpr bool has<S<C>, Slots...> = (fills<S, Slots> || ... || false);

// Edits of slots that the recipe does not have, appended in their order; a slot edited twice, once.
template <class Recipe, class... Edits>
struct append {
  using type = Recipe;
};
template <class... Slots, class Edit, class... Edits>
struct append<recipe<Slots...>, Edit, Edits...>
    : append<std::conditional_t<has<Edit, Slots...>, recipe<Slots...>, recipe<Slots..., typename refill<Edit, Edits...>::type>>,
             Edits...> {};

template <class D, class P>
constexpr void give_defaults(P& p);
template <class D, class P, class... Pieces>
constexpr void give_pieces(P& p, list_of<Pieces...>) {
  (give_defaults<D>(static_cast<Pieces&>(p)), ...);
}
// What a component is told of its default values: the overload of D::on for its parameters, if any; for joined parameters,
// the overload for each piece.
template <class D, class P>
constexpr void give_defaults(P& p) {
  if constexpr (requires { typename P::pieces; }) give_pieces<D>(p, typename P::pieces{});
  else if constexpr (!std::is_void_v<D>)
    if constexpr (requires { D::on(p); }) D::on(p);
}
template <class Slot>
concept Parameterized = requires { Slot::member; };
template <class Part, class Want>
inline constexpr bool meets = Want::template met<Part>;
template <class Want>
inline constexpr bool meets<void, Want> = false;
}  // namespace detail

/// An algorithm: a list of filled slots.  Name one by deriving:  `struct Iql : recipe<...> {};`
template <class... Slots>
struct recipe {
  using slots = recipe;
  /// The component in slot S; the slot's neutral part, or void, where the recipe has none.
  template <template <class> class S>
  using get = typename detail::pick<S, Slots...>::type;
  template <template <class> class S>
  static constexpr int count = (0 + ... + int(detail::fills<S, Slots>));

  /// Whether any part meets a want.
  template <class Want>
  static constexpr bool any = (detail::meets<typename Slots::type, Want> || ...);

  /// The same recipe with some slots refilled, or added where it had none.  No edit is dropped.
  template <class... Edits>
  using with = typename detail::append<recipe<typename detail::refill<Slots, Edits...>::type...>, Edits...>::type;

  /// This recipe with neutral parts where optional slots are absent.
  using completed =
      typename detail::append<recipe, data<get<data>>, select<get<select>>, schedule<get<schedule>>>::type;

  /// The hyper-parameters of every slot, under the slot's name, at the algorithm's default values.
  struct params_of_slots : Slots::named... {
    constexpr params_of_slots() { (set<Slots>(), ...); }

   private:
    template <class Slot>
    constexpr void set() {
      if constexpr (detail::Parameterized<Slot>)
        detail::give_defaults<get<defaults>>(static_cast<typename Slot::named&>(*this).*Slot::member);
    }
  };
  template <template <class...> class F>
  using apply = F<Slots...>;
};

namespace detail {
enum class answer { yes, empty, twice, no };

template <class R, template <class> class S, class Want>
consteval answer ask() {
  using C = typename R::template get<S>;
  if constexpr (R::template count<S> > 1) return answer::twice;
  else if constexpr (std::is_void_v<C>) return answer::empty;
  else return Want::template met<C> ? answer::yes : answer::no;
}

template <class Want>
concept HasRemedy = requires { typename Want::remedy; };

struct all_is_well {
  static constexpr bool ok = true;
  struct loud {};
};
struct wrong {
  static constexpr bool ok = false;
};
// A sentence, its remedy last where there is one; with an undefined base, whose name is the message.
template <class Want, class... Words>
struct reported : wrong {
  struct loud : composition_error<Words...> {};
};
template <HasRemedy Want, class... Words>
struct reported<Want, Words...> : wrong {
  struct loud : composition_error<Words..., typename Want::remedy> {};
};
// One specialization per way to be wrong.
template <class R, class By, template <class> class S, class Want, answer = ask<R, S, Want>()>
struct verdict : all_is_well {};
// clang-format off
template <class R, class By, template <class> class S, class Want>
struct verdict<R, By, S, Want, answer::no> : reported<Want, in<R>, By, wants<Want>, but_got<typename R::template get<S>>> {};
template <class R, class By, template <class> class S, class Want>
struct verdict<R, By, S, Want, answer::empty> : reported<Want, in<R>, By, wants<slot<S>>, which_is_empty> {};
template <class R, class By, template <class> class S, class Want>
struct verdict<R, By, S, Want, answer::twice> : reported<void, in<R>, By, wants<slot<S>>, which_is_filled_twice> {};
// clang-format on

// An empty slot fits everything: whoever needs it filled says so with a `need`.
template <class Want, class A, class B>
consteval bool fit() {
  if constexpr (std::is_void_v<A> || std::is_void_v<B>) return true;
  else return Want::template met<A, B>;
}

template <class R, class By, class Need>
struct check;
template <class R, class By, template <class> class S, class Want>
struct check<R, By, need<S, Want>> : verdict<R, By, S, Want> {};
template <class R, class By, template <class> class A, template <class> class B, class Want>
struct check<R, By, agree<A, B, Want>>
    : std::conditional_t<fit<Want, typename R::template get<A>, typename R::template get<B>>(), all_is_well,
                         reported<Want, in<R>, By, wants<Want>, but_got<typename R::template get<A>, typename R::template get<B>>>> {};
template <class R, class By, class Wrapped, class Want>
struct check<R, By, around_a<Wrapped, Want>>
    : std::conditional_t<Want::template met<Wrapped>, all_is_well, reported<Want, in<R>, By, wants<Want>, but_got<Wrapped>>> {};

// Checks one after another, so that one mistake gives one error: the first wrong one is the report.
template <class... Checks>
struct first_wrong : all_is_well {};
template <bool ok, class Check, class... Rest>
struct first_wrong_or : Check {};
template <class Check, class... Rest>
struct first_wrong_or<true, Check, Rest...> : first_wrong<Rest...> {};
template <class Check, class... Rest>
struct first_wrong<Check, Rest...> : first_wrong_or<Check::ok, Check, Rest...> {};

template <class R, class By, class Needs>
struct all_needs;
template <class R, class By, class... Ns>
struct all_needs<R, By, needs<Ns...>> : first_wrong<check<R, By, Ns>...> {};

// A step of a recipe, where a concept asks only for the form of an expression.
template <class R>
struct symbolic_step_of {
  using tensor = symbol;
  using backend = symbolic_backend;
  template <template <class> class S>
  using part = typename R::template get<S>;
  template <class Want>
  static constexpr bool any = R::template any<Want>;
};

// What a part of a recipe does in a stage.
template <class R, class C, class S>
constexpr bool runs_in_stage = RunsIn<C, S, symbolic_step_of<R>>;
template <class R, class C, class S>
constexpr bool moves_in_stage = MovesIn<C, S, symbolic_step_of<R>>;
template <class R, class C, class S>
constexpr bool adds_to_stage = AddsTo<C, S, symbolic_step_of<R>>;
// Whether its loss counts there.
template <class C>
concept HasLoss = requires(const typename C::params& h, symbolic_step& step) {
  { C::loss(h, step) } -> std::same_as<terms<symbol>>;
};
template <class Slot, class S>
constexpr bool is_home = std::is_same_v<typename Slot::home, S> && HasLoss<typename Slot::type>;
// Whether any does.
template <class R, class S>
struct stage_of {
  template <class... Slots>
  struct in_slots {
    static constexpr bool run = (runs_in_stage<R, typename Slots::type, S> || ...);
    static constexpr int moved = (0 + ... + int(moves_in_stage<R, typename Slots::type, S>));
  };
};
/// Whether a recipe has anything to do in a stage.
template <class R, class S>
constexpr bool is_run = R::completed::template apply<stage_of<R, S>::template in_slots>::run;

// The stages that a part may take part in: those of the recipe's schedule, the library's, and the start.
template <class S, class List>
inline constexpr bool among = false;
template <class S, class... Stages>
inline constexpr bool among<S, list_of<Stages...>> = (std::is_same_v<S, Stages> || ...);
template <class List, class... More>
struct union_of {
  using type = List;
};
template <class... Stages, class S, class... More>
struct union_of<list_of<Stages...>, S, More...>
    : union_of<std::conditional_t<among<S, list_of<Stages...>>, list_of<Stages...>, list_of<Stages..., S>>, More...> {};
template <class R>
using order_of = typename R::template get<schedule>::order;
template <class R>
using known_stages = typename union_of<order_of<R>, stage::dynamics, stage::behavior, stage::value, stage::critic, stage::actor, stage::constraint,
                                       stage::duals, stage::targets, stage::start>::type;

// Converts to every type but those: what a `run` that accepts it is for a stage that is none of them.
template <class... Stages>
struct any_stage_but {
  template <class S>
    requires(!(std::is_same_v<S, Stages> || ...) && !std::is_same_v<S, no_stage>)
  operator S() const;
};
template <class C>
struct asked : C {
  using C::run;
  static no_stage run(...);
};
template <class C, class List>
inline constexpr bool runs_elsewhere = false;
template <NamesRun C, class... Stages>
inline constexpr bool runs_elsewhere<C, list_of<Stages...>> = !requires(const typename C::params& h, symbolic_step& step) {
  { asked<C>::run(any_stage_but<Stages...>{}, h, step) } -> std::same_as<no_stage>;
};

// What a part does in a stage must be done: the schedule has the stage, somebody runs it, and one part at most moves its network.
// clang-format off
template <class R, class Slot, class C, class S>
consteval int fault_in_stage() {
  constexpr bool due = among<S, order_of<R>> || std::is_same_v<S, stage::start>;
  constexpr bool home = is_home<Slot, S>, adds = adds_to_stage<R, C, S>, runs = runs_in_stage<R, C, S>, moves = moves_in_stage<R, C, S>;
  if constexpr (!(home || adds || runs || moves)) {
    if constexpr (!std::is_void_v<wrapped_part<C>>) return runs_in_stage<R, wrapped_part<C>, S> || adds_to_stage<R, wrapped_part<C>, S> ? 6 : 0;
    else return 0;
  } else if constexpr (!due) return home || adds ? 2 : runs ? 1 : 3;
  else if constexpr (!is_run<R, S>) return home || adds ? 4 : 5;
  else if constexpr (moves && R::completed::template apply<stage_of<R, S>::template in_slots>::moved > 1) return 7;
  else if constexpr (!std::is_void_v<wrapped_part<C>>) return runs_in_stage<R, wrapped_part<C>, S> && !runs ? 6 : 0;
  else return 0;
}
template <class R, class Slot, class C, class S, int = fault_in_stage<R, Slot, C, S>()>
struct stage_check : all_is_well {};
template <class R, class Slot, class C, class S>
struct stage_check<R, Slot, C, S, 1> : reported<void, in<R>, component<C>, runs_in<S>, which_its_schedule_lacks> {};
template <class R, class Slot, class C, class S>
struct stage_check<R, Slot, C, S, 2> : reported<void, in<R>, component<C>, adds_to<S>, which_its_schedule_lacks> {};
template <class R, class Slot, class C, class S>
struct stage_check<R, Slot, C, S, 3> : reported<void, in<R>, component<C>, moves_in<S>, which_its_schedule_lacks> {};
template <class R, class Slot, class C, class S>
struct stage_check<R, Slot, C, S, 4> : reported<void, in<R>, component<C>, adds_to<S>, which_nobody_runs> {};
template <class R, class Slot, class C, class S>
struct stage_check<R, Slot, C, S, 5> : reported<void, in<R>, component<C>, moves_in<S>, which_nobody_runs> {};
template <class R, class Slot, class C, class S>
struct stage_check<R, Slot, C, S, 6> : reported<void, in<R>, component<C>, hides_what_is_run_by<wrapped_part<C>>, runs_in<S>> {};
template <class R, class Slot, class C, class S>
struct stage_check<R, Slot, C, S, 7> : reported<void, in<R>, component<C>, moves_in<S>, which_another_moves> {};
// clang-format on
template <class R, class Slot, class List>
struct every_stage;
template <class R, class Slot, class... Stages>
struct every_stage<R, Slot, list_of<Stages...>>
    : first_wrong<stage_check<R, Slot, typename Slot::type, Stages>...,
                  std::conditional_t<runs_elsewhere<typename Slot::type, list_of<Stages...>>,
                                     reported<void, in<R>, component<typename Slot::type>, runs_in<a_stage>, which_its_schedule_lacks>, all_is_well>> {};
template <class R, class Slot>
struct stages_check : every_stage<R, Slot, known_stages<R>> {};

// What a part reads must be there: imagined transitions have no columns but those that their source brings.
template <class R, class C, class List>
struct every_column;
template <class R, class C, class... Columns>
struct every_column<R, C, columns<Columns...>>
    : first_wrong<std::conditional_t<!ImaginesTransitions<typename R::template get<data>> || brought_by<typename R::template get<data>>::type::template has<Columns>,
                                     all_is_well, reported<void, in<R>, component<C>, reads_column<Columns>, which_its_data_lack>>...> {};
template <class R, class Slot>
struct columns_check : every_column<R, typename Slot::type, reads_of<typename Slot::type>> {};

// A wrapping part around one of its own kind: the same hyper-parameters twice, and nothing that twice would mean.
template <class A, class B>
inline constexpr bool same_template = false;
template <template <class...> class W, class... As, class... Bs>
inline constexpr bool same_template<W<As...>, W<Bs...>> = true;
template <class C, class Inner>
consteval bool wraps_its_like() {
  if constexpr (std::is_void_v<Inner>) return false;
  else if constexpr (same_template<C, Inner>) return true;
  else return wraps_its_like<C, wrapped_part<Inner>>();
}
template <class R, class C>
struct wrapping_check : all_is_well {};
template <class R, class C>
  requires(!std::is_void_v<wrapped_part<C>> && wraps_its_like<C, wrapped_part<C>>() && !requires { requires C::may_wrap_itself; })
struct wrapping_check<R, C> : reported<void, in<R>, component<C>, around_itself> {};

// A slot holds one part, of the slot's kind; only then are the part's own needs asked for.  A learner must have a
// policy and something to train it by, whatever the parts ask for.
template <class Filled>
concept ASlot = requires {
  typename Filled::may_hold;
  typename Filled::named;
  { Filled::label } -> std::convertible_to<const char*>;
};
template <class R, class Filled>
struct slot_check : wrong {
  struct loud : composition_error<in<R>, but_got<Filled>, which_is_not_a_slot> {};
};
template <class R, template <class> class S, class C>
  requires ASlot<S<C>>
struct slot_check<R, S<C>> : first_wrong<wrapping_check<R, C>, verdict<R, slot<S>, S, typename S<C>::may_hold>> {};
template <class R, class Filled>
struct needs_check : all_needs<R, component<typename Filled::type>, typename Filled::type::needs_> {};

template <class R>
struct audit {
  template <class... Slots>
  struct of_slots : first_wrong<slot_check<R, Slots>..., needs_check<R, Slots>...,
                                verdict<R, every_learner, policy, want::a_policy>,
                                std::conditional_t<ActsByCritic<typename R::template get<policy>>, all_is_well,
                                                   verdict<R, every_learner, actor, want::an_actor_objective>>,
                                stages_check<R, Slots>..., columns_check<R, Slots>...> {};
  /// Whether the slots at least are slots, each there once, so that the recipe has hyper-parameters.
  template <class... Slots>
  struct of_shape {
    static constexpr bool ok = (slot_check<R, Slots>::ok && ...);
  };
};
template <class R>
using audit_of = typename R::completed::template apply<audit<R>::template of_slots>;
}  // namespace detail

/// Silent question, for tests, overloads and enumeration.
template <class R>
concept Composable = detail::audit_of<R>::ok;
/// Loud question: instantiating it is the diagnostic.
template <class R>
struct composition_report {
  static constexpr auto size = sizeof(typename detail::audit_of<R>::loud);
};
/// The hyper-parameters of a recipe, neutral parts included, at the recipe's default values.
template <class R>
using params_of = typename R::completed::params_of_slots;
}  // namespace tessera
