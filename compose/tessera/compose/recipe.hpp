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

template <class... Slots>
struct recipe;

namespace detail {
template <template <class> class S, class Filled>
inline constexpr bool fills = false;
template <template <class> class S, class C>
inline constexpr bool fills<S, S<C>> = true;

template <template <class> class S, class... Slots>
struct pick {
  using type = typename neutral<S>::type;
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

// One specialisation per way to be wrong; each has an undefined base, whose name is the message.
template <class R, class By, template <class> class S, class Want, answer = ask<R, S, Want>(), bool = HasRemedy<Want>>
struct verdict {
  static constexpr bool ok = true;
  struct loud {};
};
struct wrong {
  static constexpr bool ok = false;
};
// clang-format off
template <class R, class By, template <class> class S, class Want>
struct verdict<R, By, S, Want, answer::no, false> : wrong {
  struct loud : composition_error<in<R>, By, wants<Want>, but_got<typename R::template get<S>>> {}; };
template <class R, class By, template <class> class S, class Want>
struct verdict<R, By, S, Want, answer::no, true> : wrong {
  struct loud : composition_error<in<R>, By, wants<Want>, but_got<typename R::template get<S>>, typename Want::remedy> {}; };
template <class R, class By, template <class> class S, class Want>
struct verdict<R, By, S, Want, answer::empty, false> : wrong {
  struct loud : composition_error<in<R>, By, wants<slot<S>>, which_is_empty> {}; };
template <class R, class By, template <class> class S, class Want>
struct verdict<R, By, S, Want, answer::empty, true> : wrong {
  struct loud : composition_error<in<R>, By, wants<slot<S>>, which_is_empty, typename Want::remedy> {}; };
template <class R, class By, template <class> class S, class Want, bool remedy>
struct verdict<R, By, S, Want, answer::twice, remedy> : wrong {
  struct loud : composition_error<in<R>, By, wants<slot<S>>, which_is_filled_twice> {}; };
template <class R, class By, class Want, class A, class B, bool ok>
struct pair_verdict : verdict<R, By, policy, want::a_policy, answer::yes, false> {};
template <class R, class By, class Want, class A, class B>
struct pair_verdict<R, By, Want, A, B, false> : wrong {
  struct loud : composition_error<in<R>, By, wants<Want>, but_got<A, B>> {}; };
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
    : pair_verdict<R, By, Want, typename R::template get<A>, typename R::template get<B>,
                   fit<Want, typename R::template get<A>, typename R::template get<B>>()> {};

// Checks one after another, so that one mistake gives one error: the first wrong one is the report.
struct all_is_well {
  static constexpr bool ok = true;
  struct loud {};
};
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

// A slot holds one part, of the slot's kind; only then are the part's own needs asked for.  A learner must have a
// policy and something to train it by, whatever the parts ask for.
template <class R, class Filled>
struct slot_check : wrong {
  struct loud : composition_error<in<R>, but_got<Filled>, which_is_not_a_slot> {};
};
template <class R, template <class> class S, class C>
struct slot_check<R, S<C>> : verdict<R, slot<S>, S, typename may_hold<S>::type> {};
template <class R, class Filled>
struct needs_check : all_needs<R, component<typename Filled::type>, typename Filled::type::needs_> {};

template <class R>
struct audit {
  template <class... Slots>
  struct of_slots : first_wrong<slot_check<R, Slots>..., needs_check<R, Slots>...,
                                verdict<R, every_learner, policy, want::a_policy>,
                                std::conditional_t<ActsByCritic<typename R::template get<policy>>, all_is_well,
                                                   verdict<R, every_learner, actor, want::an_actor_objective>>> {};
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
