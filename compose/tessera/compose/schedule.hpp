#pragma once
#include <array>
#include <cstdint>

#include <type_traits>

#include <tessera/concepts/data.hpp>
#include <tessera/concepts/wants.hpp>

namespace tessera {
/// What a step consists of.  A stage whose slot is absent does nothing.
enum class stage { dynamics, behavior, value, critic, actor, duals, targets };

/// One line of the update order: the stage runs on every `period`-th update, counted from one.
struct phase {
  stage what;
  std::int64_t period = 1;
};

constexpr const char* name_of(stage s) {
  constexpr const char* names[] = {"dynamics", "behavior", "value", "critic", "actor", "duals", "targets"};
  return names[int(s)];
}

/// Periods of the stages that some algorithms delay.
struct Periods {
  std::int64_t actor = 1;
  std::int64_t targets = 1;

  static constexpr doc docs[] = {
      {"actor", "the policy (and its multipliers) is updated on every k-th update (TD3: 2)", 1, 1000000},
      {"targets", "target networks move on every k-th update (TD3: 2)", 1, 1000000},
  };
};

/// The dynamics model (where it learns on), the behaviour's models, critic, value, actor, multipliers, targets.  Each sees what came before it in the same step.
struct CriticFirst {
  using role = role::update_schedule;
  using params = Periods;
  using needs_ = needs<>;
  static constexpr const char* formula = "dynamics, behavior, critic, value, actor, duals, targets";
  static constexpr const char* source = "Fujimoto et al. 2018; Haarnoja et al. 2018";

  static constexpr std::array<phase, 7> stages(const params& h) {
    return {{{stage::dynamics}, {stage::behavior}, {stage::critic}, {stage::value}, {stage::actor, h.actor}, {stage::duals, h.actor}, {stage::targets, h.targets}}};
  }
};
static_assert(UpdateSchedule<CriticFirst>);

/// The dynamics model, the behaviour's models, value, actor, critic, multipliers, targets: the actor's advantage and the critic's target use the new V.
struct ValueFirst {
  using role = role::update_schedule;
  using params = Periods;
  using needs_ = needs<>;
  static constexpr const char* formula = "dynamics, behavior, value, actor, critic, duals, targets";
  static constexpr const char* source = "Kostrikov et al. 2021, authors' code";

  static constexpr std::array<phase, 7> stages(const params& h) {
    return {{{stage::dynamics}, {stage::behavior}, {stage::value}, {stage::actor, h.actor}, {stage::critic}, {stage::duals, h.actor}, {stage::targets, h.targets}}};
  }
};
static_assert(UpdateSchedule<ValueFirst>);

/// The dynamics model, the behaviour's models, actor, value, critic, multipliers, targets: the actor's advantage is that of the V which the
/// batch's returns were computed with, before V is fitted to them.
struct ActorFirst {
  using role = role::update_schedule;
  using params = Periods;
  using needs_ = needs<>;
  static constexpr const char* formula = "dynamics, behavior, actor, value, critic, duals, targets";
  static constexpr const char* source = "Rajeswaran et al. 2017, authors' code";

  static constexpr std::array<phase, 7> stages(const params& h) {
    return {{{stage::dynamics}, {stage::behavior}, {stage::actor, h.actor}, {stage::value}, {stage::critic}, {stage::duals, h.actor}, {stage::targets, h.targets}}};
  }
};
static_assert(UpdateSchedule<ActorFirst>);

namespace detail {
/// Whether a recipe has anything to do in a stage.
template <class R>
constexpr bool runs(stage what) {
  using C = typename R::template get<critic>;
  switch (what) {
    case stage::value: return FittedValue<typename R::template get<value>>;
    case stage::dynamics: return FitsData<typename R::template get<dynamics>>;
    case stage::behavior: return FitsData<typename R::template get<behavior>> || FitsData<typename R::template get<constraint>>;
    case stage::duals: return HasDuals<typename R::template get<actor>> || HasDuals<C> || HasDuals<typename R::template get<constraint>>;
    case stage::critic:
    case stage::targets: return !std::is_void_v<C>;
    case stage::actor: return !std::is_void_v<typename R::template get<actor>>;
  }
  return false;
}
}  // namespace detail
}  // namespace tessera
