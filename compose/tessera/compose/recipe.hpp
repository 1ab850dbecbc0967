#pragma once
#include <initializer_list>
#include <type_traits>

#include <tessera/concepts/wants.hpp>

namespace tessera {
// Words of a composition_error, declared and never defined: the spelling of its arguments is the diagnostic.
template <class Recipe>
struct in;
template <class Want>
struct wants;
template <class... Given>
struct but_got;
template <template <class> class Slot>
struct slot;
struct which_is_empty;
struct which_is_filled_twice;
struct which_is_not_a_slot;
struct see_TESSERA_SLOT;
template <class Role>
struct whose_role_is;
struct whose_header_is_not_included;
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
struct a_home_stage;
struct to_be_called;
template <class Wrapped>
struct hides_what_is_run_by;
template <class Wrapped>
struct hides_what_is_added_by;
struct around_itself;
template <class Column>
struct reads_column;
struct which_its_data_lack;
struct brings_columns;
struct which_nobody_reads;
template <class Base>
struct hides_the_settings_of;
template <class Params>
struct such_as_those_on;
struct write_using_on_of_the_base;
struct which_its_slot_lacks;

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
    : append<std::conditional_t<has<Edit, Slots...>, recipe<Slots...>,
                                recipe<Slots..., typename refill<Edit, Edits...>::type>>,
             Edits...> {};

template <class D, class P>
constexpr void give_defaults(P& p);
template <class D, class P, class... Pieces>
constexpr void give_pieces(P& p, list_of<Pieces...>) {
  (give_defaults<D>(static_cast<Pieces&>(p)), ...);
}
// What a component is told of its default values: the overload of D::on for its parameters, if any; for joined
// parameters, the overload for each piece.
template <class D, class P>
constexpr void give_defaults(P& p) {
  if constexpr (requires { typename P::pieces; }) give_pieces<D>(p, typename P::pieces{});
  else if constexpr (!std::is_void_v<D>)
    if constexpr (requires { D::on(p); }) D::on(p);
}
template <class Slot>
concept Parameterized = requires {
  Slot::member;
};
// In place of a table of defaults that hides settings of the table it is derived from, for one of the recipe's parts.
template <class Table, class Base, class Params>
struct hiding_settings {
  using role = role::default_values;
};
template <class D, class P>
concept Sets = requires(P& p) {
  D::on(p);
};
// The first hyper-parameters of a list that a table's base sets, and the table does not.
template <class D, class Base, class... Ps>
struct first_hidden {
  using type = void;
};
template <class D, class Base, class P, class... Ps>
struct first_hidden<D, Base, P, Ps...>
    : std::conditional_t<Sets<Base, P> && !Sets<D, P>, std::type_identity<P>, first_hidden<D, Base, Ps...>> {};
template <class D, class Base, class... Pieces, class... Ps>
  requires(sizeof...(Pieces) > 0)
struct first_hidden<D, Base, list_of<Pieces...>, Ps...> : first_hidden<D, Base, Pieces..., Ps...> {};
template <class C>
consteval auto settings_of() {
  if constexpr (requires { typename C::params::pieces; }) return std::type_identity<typename C::params::pieces>{};
  else if constexpr (requires { typename C::params; }) return std::type_identity<typename C::params>{};
  else return std::type_identity<void>{};
}
template <class Table, class Base, class... Slots>
using hidden_in =
    typename first_hidden<Table, Base, typename decltype(settings_of<typename Slots::type>())::type...>::type;
template <class Recipe, class Table, class Base>
struct seen_through {
  using type = Recipe;
};
template <class... Slots, class Table, class Base>
  requires(!std::is_same_v<Table, Base> && std::is_base_of_v<Base, Table> &&
           !std::is_void_v<hidden_in<Table, Base, Slots...>>)
struct seen_through<recipe<Slots...>, Table, Base> {
  using type =
      recipe<typename refill<Slots, defaults<hiding_settings<Table, Base, hidden_in<Table, Base, Slots...>>>>::type...>;
};

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
  using with = typename detail::append<recipe<typename detail::refill<Slots, Edits...>::type...>,
                                       Edits...>::type::template seen_from<recipe>;
  /// This recipe, as the edit of another one: where its table of defaults is derived from the other's, it must not hide
  /// settings of that.
  template <class Other>
  using seen_from = typename detail::seen_through<recipe, get<defaults>, typename Other::template get<defaults>>::type;

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
  if constexpr (R::template count < S >> 1) return answer::twice;
  else if constexpr (std::is_void_v<C>) return answer::empty;
  else return Want::template met<C> ? answer::yes : answer::no;
}

template <class C>
concept Complete = requires {
  sizeof(C);
};

template <class Want>
concept HasRemedy = requires {
  typename Want::remedy;
};

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
// What names the remedy: a want, or what it says in view of what was got.
template <class Want, class Got>
struct remedied_by {
  using type = Want;
};
template <class Want, class Got>
  requires(!std::is_void_v<typename Want::template in_view_of<Got>>)
struct remedied_by<Want, Got> {
  using type = typename Want::template in_view_of<Got>;
};
// One specialization per way to be wrong.
template <class R, class By, template <class> class S, class Want, answer = ask<R, S, Want>()>
struct verdict : all_is_well {};
// clang-format off
template <class R, class By, template <class> class S, class Want>
struct verdict<R, By, S, Want, answer::no> : reported<typename remedied_by<Want, typename R::template get<S>>::type, in<R>, By, wants<Want>, but_got<typename R::template get<S>>> {};
template <class R, class By, template <class> class S, class Want>
struct verdict<R, By, S, Want, answer::empty> : reported<Want, in<R>, By, wants<slot<S>>, which_is_empty> {};
template <class R, class By, template <class> class S, class Want>
struct verdict<R, By, S, Want, answer::twice> : reported<void, in<R>, By, wants<slot<S>>, which_is_filled_twice> {};
// clang-format on

// What a part lacks to be what it is meant to be.
template <class R, class S, class C, class Want, class Lacking>
struct lack_verdict : reported<void, in<R>, component<C>, lacks<Lacking>, to_be<Want>> {};
template <class R, class S, class C, class Want>
struct lack_verdict<R, S, C, Want, void> : all_is_well {};
template <class R, class S, class C, class Want, class Role>
struct lack_verdict<R, S, C, Want, lack::this_role<Role>>
    : reported<void, in<R>, S, wants<Want>, but_got<C>, whose_role_is<typename C::role>> {};

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
    : std::conditional_t<
          fit<Want, typename R::template get<A>, typename R::template get<B>>(), all_is_well,
          reported<Want, in<R>, By, wants<Want>, but_got<typename R::template get<A>, typename R::template get<B>>>> {};
template <class R, class By, class Wrapped, class Want>
struct check<R, By, around_a<Wrapped, Want>>
    : std::conditional_t<Want::template met<Wrapped>, all_is_well,
                         reported<Want, in<R>, By, wants<Want>, but_got<Wrapped>>> {};

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
struct all_needs<R, By, all_of<Ns...>> : first_wrong<check<R, By, Ns>...> {};

// A step of a recipe, where a concept asks only for the form of an expression.
template <class R>
struct declare_the_return_type_instead_of_auto_in {
  using tensor = symbol;
  using backend = symbolic_backend;
  template <template <class> class S>
  using part = typename R::template get<S>;
  template <class Want>
  static constexpr bool any = R::template any<Want>;
};

// What a part of a recipe does in a stage.
template <class R, class C, class S>
constexpr bool runs_in_stage = RunsIn<C, S, declare_the_return_type_instead_of_auto_in<R>>;
template <class R, class C, class S>
constexpr bool moves_in_stage = MovesIn<C, S, declare_the_return_type_instead_of_auto_in<R>>;
template <class R, class C, class S>
constexpr bool adds_to_stage = AddsTo<C, S, declare_the_return_type_instead_of_auto_in<R>>;
// Whether its loss counts there.
template <class C>
concept HasLoss = lack::loss_that_returns_terms::found<C>;
template <class Slot, class S>
constexpr bool is_home = std::is_same_v<typename Slot::home, S>&& HasLoss<typename Slot::type>;
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
using known_stages =
    typename union_of<order_of<R>, stage::dynamics, stage::behavior, stage::value, stage::critic, stage::actor,
                      stage::constraint, stage::duals, stage::targets, stage::start>::type;

// Converts to every type but those: what a `run` that accepts it is for a stage that is none of them.
template <class... Stages>
struct any_stage_but {
  template <class S>
    requires(!(std::is_same_v<S, Stages> || ...) && !std::is_same_v<S, no_stage>)
  operator S() const;
};
// clang-format off
template <class C> struct asked_to_run : C { using C::run; static no_stage run(...); };
template <class C> struct asked_to_add : C { using C::adds; static no_stage adds(...); };
template <class C> struct asked_to_move : C { using C::move; static no_stage move(...); };
template <class C, class List> inline constexpr bool runs_elsewhere = false;
template <class C, class List> inline constexpr bool adds_elsewhere = false;
template <class C, class List> inline constexpr bool moves_elsewhere = false;
template <NamesRun C, class... Stages>
inline constexpr bool runs_elsewhere<C, list_of<Stages...>> = !requires(const typename C::params& h, symbolic_step& step) {
  { asked_to_run<C>::run(any_stage_but<Stages...>{}, h, step) } -> std::same_as<no_stage>;
};
template <NamesAdds C, class... Stages>
inline constexpr bool adds_elsewhere<C, list_of<Stages...>> = !requires(const typename C::params& h, symbolic_step& step) {
  { asked_to_add<C>::adds(any_stage_but<Stages...>{}, h, step) } -> std::same_as<no_stage>;
};
template <NamesMove C, class... Stages>
inline constexpr bool moves_elsewhere<C, list_of<Stages...>> = !requires(const typename C::params& h, symbolic_step& step) {
  { asked_to_move<C>::move(any_stage_but<Stages...>{}, h, step) } -> std::same_as<no_stage>;
};
// clang-format on

// What a part does in a stage must be done: the schedule has the stage, somebody runs it, and one part at most moves
// its network.
// clang-format off
template <class R, class Slot, class C, class S>
consteval int fault_in_stage() {
  constexpr bool due = among<S, order_of<R>> || std::is_same_v<S, stage::start>;
  constexpr bool home = is_home<Slot, S>, adds = adds_to_stage<R, C, S>, runs = runs_in_stage<R, C, S>, moves = moves_in_stage<R, C, S>;
  constexpr bool hides = (runs_in_stage<R, wrapped_part<C>, S> && !runs) || (adds_to_stage<R, wrapped_part<C>, S> && !adds) ||
                         (moves_in_stage<R, wrapped_part<C>, S> && !moves);
  if constexpr (hides) return runs_in_stage<R, wrapped_part<C>, S> && !runs ? 6 : 8;
  else if constexpr (!(home || adds || runs || moves)) return 0;
  else if constexpr (!due) return home || adds ? 2 : runs ? 1 : 3;
  else if constexpr (!is_run<R, S>) return home || adds ? 4 : 5;
  else if constexpr (moves && R::completed::template apply<stage_of<R, S>::template in_slots>::moved > 1) return 7;
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
template <class R, class Slot, class C, class S>
struct stage_check<R, Slot, C, S, 8> : reported<void, in<R>, component<C>, hides_what_is_added_by<wrapped_part<C>>, adds_to<S>> {};
// clang-format on
template <class R, class Slot, class List>
struct every_stage;
template <bool wrong, class R, class C, class... Words>
using wrong_if = std::conditional_t<wrong, reported<void, in<R>, component<C>, Words...>, all_is_well>;
template <class R, class Slot, class... Stages>
struct every_stage<R, Slot, list_of<Stages...>>
    : first_wrong<stage_check<R, Slot, typename Slot::type, Stages>...,
                  wrong_if<runs_elsewhere<typename Slot::type, list_of<Stages...>>, R, typename Slot::type,
                           runs_in<a_stage>, which_its_schedule_lacks>,
                  wrong_if<adds_elsewhere<typename Slot::type, list_of<Stages...>>, R, typename Slot::type,
                           adds_to<a_stage>, which_its_schedule_lacks>,
                  wrong_if<moves_elsewhere<typename Slot::type, list_of<Stages...>>, R, typename Slot::type,
                           moves_in<a_stage>, which_its_schedule_lacks>> {};
template <class R, class Slot>
struct stages_check : every_stage<R, Slot, known_stages<R>> {};

// What a part reads must be there: imagined transitions have no columns but those that their source brings, and a log
// none of those that a source makes.
template <class R, class C, class List>
struct every_column;
template <class R, class C, class... Columns>
struct every_column<R, C, columns<Columns...>>
    : first_wrong<std::conditional_t<
          !(MadeColumn<Columns> || ImaginesTransitions<typename R::template get<data>>) ||
              brought_by<typename R::template get<data>>::type::template has<Columns>,
          all_is_well, reported<void, in<R>, component<C>, reads_column<Columns>, which_its_data_lack>>...> {};
template <class R, class Slot>
struct columns_check : every_column<R, typename Slot::type, reads_of<typename Slot::type>> {};

// What a source makes of a log at a cost, somebody reads.
template <class Brought, class Read>
inline constexpr bool made_in_vain = false;
template <class... Brought, class Read>
inline constexpr bool made_in_vain<columns<Brought...>, Read> = (MadeColumn<Brought> || ...) &&
                                                                !(Read::template has<Brought> || ...);
template <class R>
struct unread_check
    : std::conditional_t<made_in_vain<typename brought_by<typename R::template get<data>>::type,
                                      typename R::completed::template apply<reads_of_slots>::type>,
                         reported<want::logged_transitions_alone, in<R>, component<typename R::template get<data>>,
                                  brings_columns, which_nobody_reads>,
                         all_is_well> {};
// Where a batch's actions are chunks, no part that looks at actions takes them for one step's.
template <class R, class Filled, bool chunks = DecidesChunks<typename R::template get<data>>>
struct chunk_check : all_is_well {};
template <class R, template <class> class S, class C>
  requires(!TakesChunks<C> && !Plays<C, role::data_source> && !Plays<C, role::action_selection> &&
           !Plays<C, role::update_schedule> && !Plays<C, role::default_values>)
struct chunk_check<R, S<C>, true>
    : reported<typename remedied_by<want::part_of_chunks, C>::type, in<R>, component<typename R::template get<data>>,
               wants<want::part_of_chunks>, but_got<C>> {};

// An operation whose name the part has, in a form in which nobody calls it; void if there is none.
template <class C>
concept CallsLoss = requires(const typename C::params& h, symbolic_step& step) {
  C::loss(h, step);
};
template <class R, class C, class... Stages>
consteval auto misformed(list_of<Stages...>) {
  using all = list_of<Stages...>;
  if constexpr (CallsLoss<C> && !HasLoss<C>) return std::type_identity<lack::loss_that_returns_terms>{};
  else if constexpr (NamesRun<C> && !(runs_in_stage<R, C, Stages> || ...) && !runs_elsewhere<C, all> &&
                     !requires { C::run(no_stage{}); })
    return std::type_identity<lack::run_of_a_stage_h_and_step>{};
  else if constexpr (NamesAdds<C> && !(adds_to_stage<R, C, Stages> || ...) && !adds_elsewhere<C, all>)
    return std::type_identity<lack::adds_that_returns_terms>{};
  else if constexpr (NamesMove<C> && !(moves_in_stage<R, C, Stages> || ...) && !moves_elsewhere<C, all>)
    return std::type_identity<lack::move_of_a_stage_h_and_step>{};
  else if constexpr ((NamesRefill<C> || requires { requires C::imagines; }) && !Refills<C>)
    return std::type_identity<lack::refill_of_h_replay_and_at>{};
  else if constexpr (NamesAlone<C> && !TrainedAloneFirst<C>)
    return std::type_identity<lack::alone_that_returns_a_number>{};
  else return std::type_identity<void>{};
}
template <class R, class Slot>
struct form_check : lack_verdict<R, Slot, typename Slot::type, to_be_called,
                                 typename decltype(misformed<R, typename Slot::type>(known_stages<R>{}))::type> {};
// A dynamics model that says how it is trained is one that is learned.
template <class R, class Slot>
struct learned_check : all_is_well {};
template <class R, class Slot>
  requires(Plays<typename Slot::type, role::dynamics_model>&& NamesFit<typename Slot::type>)
struct learned_check<R, Slot> : lack_verdict<R, Slot, typename Slot::type, want::a_learned_dynamics_model,
                                             first_lack<typename Slot::type, learned_dynamics_checks>> {};
// A loss in a slot without a home stage counts nowhere.
template <class R, class Slot>
struct loss_check : wrong_if<std::is_void_v<typename Slot::home> && HasLoss<typename Slot::type>, R,
                             typename Slot::type, adds_to<a_home_stage>, which_its_slot_lacks> {};

// A wrapping part around one of its own kind: the same hyper-parameters twice, and nothing that twice would mean.
template <class A, class B>
inline constexpr bool same_template = false;
template <template <class...> class W, class... As, class... Bs>
inline constexpr bool same_template<W<As...>, W<Bs...>> = true;
template <class C, class Inner>
consteval bool wraps_its_like() {
  if constexpr (std::is_void_v<Inner>) return false;
  else if constexpr (same_template<C, Inner>) return !requires {
      requires C::may_wrap_itself;
    };
  else return wraps_its_like<C, wrapped_part<Inner>>();
}
// The outermost of nested wrapping parts that does; void, where none does.
template <class C>
struct around_its_like {
  using type = void;
};
template <class C>
  requires(!std::is_void_v<wrapped_part<C>>)
struct around_its_like<C> : std::conditional_t<wraps_its_like<C, wrapped_part<C>>(), std::type_identity<C>,
                                               around_its_like<wrapped_part<C>>> {};
template <class R, class C, class Around = typename around_its_like<C>::type>
struct wrapping_check : reported<void, in<R>, component<Around>, around_itself> {};
template <class R, class C>
struct wrapping_check<R, C, void> : all_is_well {};

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
  struct loud : composition_error<in<R>, but_got<Filled>, which_is_not_a_slot, see_TESSERA_SLOT> {};
};
// What the part lacks: of what the class it is derived from leaves to it, of what the slot may hold, and of its
// hyper-parameters' docs.
template <class R, class S, class C, class Want, class Checks>
struct lack_check : lack_verdict<R, S, C, Want, first_lack<C, Checks>> {};
template <class R, template <class> class S, class C, class Want>
struct part_check : verdict<R, slot<S>, S, Want> {};
template <class R, template <class> class S, class C, class Want>
  requires(R::template count<S> == 1 && !std::is_void_v<C> && !Complete<C>)
struct part_check<R, S, C, Want> : reported<void, in<R>, component<C>, whose_header_is_not_included> {};
template <class R, template <class> class S, class C, class Want>
  requires(R::template count<S> == 1 && Complete<C> && requires { typename Want::checks; })
struct part_check<R, S, C, Want> : first_wrong<lack_check<R, slot<S>, C, Want, asked_by_base<C>>,
                                               lack_check<R, slot<S>, C, Want, typename Want::checks>,
                                               lack_check<R, slot<S>, C, Want, docs_checks>> {};
template <class R, template <class> class S, class C, class Want>
  requires(R::template count<S> == 1 && Complete<C> && !requires { typename Want::checks; } && Want::template met<C>)
struct part_check<R, S, C, Want>
    : first_wrong<lack_check<R, slot<S>, C, Want, component_checks>, lack_check<R, slot<S>, C, Want, asked_by_base<C>>,
                  lack_check<R, slot<S>, C, Want, docs_checks>> {};
template <class R, template <class> class S, class C>
  requires ASlot<S<C>>
struct slot_check<R, S<C>> : first_wrong<wrapping_check<R, C>, part_check<R, S, C, typename S<C>::may_hold>> {
};
template <class R, template <class> class S, class Table, class Base, class Params>
  requires ASlot<S<Table>>
struct slot_check<R, S<hiding_settings<Table, Base, Params>>>
    : reported<void, in<R>, component<Table>, hides_the_settings_of<Base>, such_as_those_on<Params>,
               write_using_on_of_the_base> {
};
template <class R, class Filled>
struct needs_check : all_needs<R, component<typename Filled::type>, typename Filled::type::needs> {};

template <class R>
struct audit {
  template <class... Slots>
  struct of_slots
      : first_wrong<slot_check<R, Slots>..., needs_check<R, Slots>...,
                    verdict<R, every_learner, policy, want::a_policy>,
                    std::conditional_t<UntrainedPolicy<typename R::template get<policy>>, all_is_well,
                                       verdict<R, every_learner, actor, want::an_actor_objective>>,
                    form_check<R, Slots>..., learned_check<R, Slots>..., loss_check<R, Slots>...,
                    stages_check<R, Slots>..., columns_check<R, Slots>..., unread_check<R>, chunk_check<R, Slots>...> {
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
/// The same of what `train` asks of a recipe that composes: that a log is all it needs.
template <class R>
struct log_alone_report {
  static constexpr auto size =
      sizeof(typename detail::check<R, calling_train, need<data, want::batches_of_a_log_alone>>::loud);
};
namespace detail {
template <class R>
concept ARecipe = requires {
  typename R::completed;
};
/// Stands in for what a learner that does not compose would have, so that one mistake gives one error: it converts to
/// whatever is expected, takes any value, and has the names that most programs use.  A hyper-parameter of a part that
/// nothing is known of is a second error.
struct anything {
  anything() = default;
  anything(const anything&) = default;
  template <class T>
  anything& operator=(const T&) {
    return *this;
  }
  anything& operator=(const anything&) { return *this; }
  anything& operator=(std::initializer_list<double>) { return *this; }
  template <class T>
  operator T() const;  // NOLINT: converts to whatever the caller expected

  static anything net, adam, hidden, activation, init, layer_norm, learning_rate, weight_decay, discount, polyak,
      members, weight;
};
inline anything anything::net, anything::adam, anything::hidden, anything::activation, anything::init,
    anything::layer_norm, anything::learning_rate, anything::weight_decay, anything::discount, anything::polyak,
    anything::members, anything::weight;

// Whether the hyper-parameters of a filled slot can be had, whatever else is wrong with it.
template <class Filled>
concept Nameable = ASlot<Filled> && Complete<typename Filled::type> && requires {
  typename Filled::type::params;
} && std::is_default_constructible_v<typename Filled::type::params>;
template <class Filled>
struct named_or_not {};
template <Nameable Filled>
struct named_or_not<Filled> : Filled::named {};
// Under the names of the library's slots that the recipe does not have, anything.
#define TESSERA_UNFILLED(NAME)             \
  template <class Named>                   \
  struct unfilled_##NAME : Named {         \
    [[no_unique_address]] anything NAME;   \
  };                                       \
  template <class Named>                   \
    requires requires(Named p) { p.NAME; } \
  struct unfilled_##NAME<Named> : Named {};
TESSERA_UNFILLED(policy)
TESSERA_UNFILLED(critic)
TESSERA_UNFILLED(value)
TESSERA_UNFILLED(actor)
TESSERA_UNFILLED(constraint)
TESSERA_UNFILLED(behavior)
TESSERA_UNFILLED(dynamics)
TESSERA_UNFILLED(uncertainty)
TESSERA_UNFILLED(data)
TESSERA_UNFILLED(select)
TESSERA_UNFILLED(schedule)
#undef TESSERA_UNFILLED
template <class Named>
using unfilled = unfilled_policy<unfilled_critic<unfilled_value<unfilled_actor<unfilled_constraint<unfilled_behavior<
    unfilled_dynamics<unfilled_uncertainty<unfilled_data<unfilled_select<unfilled_schedule<Named>>>>>>>>>>>;
// Without repetitions, of which there would be two bases.
template <class List, class... Filled>
struct once {
  using type = List;
};
template <class... Seen, class F, class... Rest>
struct once<list_of<Seen...>, F, Rest...>
    : once<std::conditional_t<among<F, list_of<Seen...>>, list_of<Seen...>, list_of<Seen..., F>>, Rest...> {};
template <class... Filled>
using slots_once = once<list_of<>, Filled...>;
template <class List>
struct all_named;
template <class... Filled>
struct all_named<list_of<Filled...>> : named_or_not<Filled>... {};
// What can be said of the hyper-parameters of a recipe that does not compose.
template <class R>
struct some_params : unfilled<all_named<list_of<>>> {};
template <ARecipe R>
struct some_params<R> : unfilled<all_named<typename R::template apply<slots_once>::type>> {};

template <class R>
struct params_for {
  using type = some_params<R>;
};
template <Composable R>
struct params_for<R> {
  using type = typename R::completed::params_of_slots;
};
}  // namespace detail
/// The hyper-parameters of a recipe, neutral parts included, at the recipe's default values.
template <class R>
using params_of = typename detail::params_for<R>::type;
}  // namespace tessera
