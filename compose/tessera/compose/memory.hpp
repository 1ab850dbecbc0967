#pragma once
#include <cstdint>
#include <type_traits>

#include <tessera/compose/recipe.hpp>

namespace tessera {
/// Sizes of a problem, and where its tensors live.
template <class B>
struct problem_spec {
  std::int64_t observation_size = 0;
  std::int64_t action_size = 0;
  std::uint64_t seed = 0;
  typename B::device device = B::cpu();
  bool discrete = false;  ///< whether actions are indices; the learner's policy says so
};

/// What a part's state may ask of the recipe that it is made for.
template <class R>
struct in_recipe {
  template <template <class> class S>
  using part = typename R::template get<S>;
  /// Whether any part meets a want.
  template <class Want>
  static constexpr bool any = R::template any<Want>;
  static constexpr bool discrete = std::is_same_v<space_of<part<policy>>, Discrete>;
};

namespace detail {
/// How many actions a decision of a recipe is: h of a chunk, else 1.
template <class R>
std::int64_t actions_at_once([[maybe_unused]] const params_of<R>& p) {
  using Source = typename R::template get<data>;
  if constexpr (DecidesChunks<Source>) return Source::actions_at_once(p.data);
  else return 1;
}
/// A problem as a recipe's parts see it: an action is all that is decided at once.
template <class R, class B>
problem_spec<B> seen_by_parts(problem_spec<B> on, const params_of<R>& p) {
  on.action_size *= actions_at_once<R>(p);
  return on;
}

template <class C, class B>
concept HasState = requires {
  typename C::template state<B>;
};

// The state of a slot's part, made of the slot's hyper-parameters; nothing, where it has none.
template <class Slot, class R, class B>
struct owned {
  owned(const auto&, const auto&) {}
  void each(auto&&) {}
};
template <class Slot, class R, class B>
  requires HasState<typename Slot::type, B>
struct owned<Slot, R, B> : Slot::type::template state<B> {
  using state = typename Slot::type::template state<B>;
  owned(const auto& p, const problem_spec<B>& on) requires std::is_constructible_v < state,
      const typename Slot::type::params&, const problem_spec<B>
  &, in_recipe < R >> : state(p.*Slot::member, on, in_recipe<R>{}) {}
  owned(const auto& p, const problem_spec<B>& on) requires(
      !std::is_constructible_v<state, const typename Slot::type::params&, const problem_spec<B>&, in_recipe<R>>)
      : state(p.*Slot::member, on) {}
};

template <class R, class B>
struct memory_in {
  template <class... Slots>
  struct of : owned<Slots, R, B>... {
    of(const params_of<R>& p, const problem_spec<B>& on) : owned<Slots, R, B>(p, on)... {}
    void each_state(auto&& f) { (static_cast<owned<Slots, R, B>&>(*this).each(f), ...); }
  };
};

/// What a recipe's learner owns: the states of its parts, networks and all.
template <class R, class B>
struct memory : R::completed::template apply<memory_in<R, B>::template of> {
  using base = typename R::completed::template apply<memory_in<R, B>::template of>;
  using base::base;

  /// The state of the part in slot S.
  template <template <class> class S>
    requires(!std::is_void_v<typename R::completed::template get<S>>)
  auto& of() { return static_cast<owned<S<typename R::completed::template get<S>>, R, B>&>(*this); }
  /// Calls f(name, object) for everything that a checkpoint holds.
  void each(auto&& f) { this->each_state(f); }
};
}  // namespace detail
}  // namespace tessera
