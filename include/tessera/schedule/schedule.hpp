#pragma once
#include <array>
#include <cstdint>
#include <type_traits>

#include <tessera/concepts/data.hpp>
#include <tessera/concepts/wants.hpp>

namespace tessera {
/// Periods of the stages that some algorithms delay.
struct Periods {
  std::int64_t actor = 1;
  std::int64_t targets = 1;

  static constexpr doc docs[] = {
      {"actor", "the policy (and its multipliers) is updated on every k-th update (TD3: 2)", 1, 1000000},
      {"targets", "target networks move on every k-th update (TD3: 2)", 1, 1000000},
  };
};

namespace detail {
/// "critic, actor, targets"
template <class... Stages>
struct stage_names {
  static constexpr std::size_t length(const char* s) {
    std::size_t n = 0;
    while (s[n] != 0) ++n;
    return n;
  }
  static constexpr auto text = [] {
    std::array<char, (0 + ... + (length(Stages::name) + 2))> out{};
    std::size_t at = 0;
    const auto put = [&](const char* s) {
      if (at > 0) out[at++] = ',', out[at++] = ' ';
      for (; *s != 0; ++s) out[at++] = *s;
    };
    (put(Stages::name), ...);
    return out;
  }();
};
}  // namespace detail

/// The stages in the order of its arguments; each sees what came before it in the same step.  A stage in which a part
/// has something to do must be among them.
template <class... Stages>
struct Order {
  using role = role::update_schedule;
  using params = Periods;
  using needs = all_of<>;
  using order = list_of<Stages...>;
  static constexpr const char* formula = detail::stage_names<Stages...>::text.data();
  static constexpr const char* source = "an order of one's own";

  template <class S>
  static constexpr phase when(S, const params& h) {
    if constexpr (std::is_same_v<S, stage::actor> || std::is_same_v<S, stage::duals>) return {h.actor};
    else if constexpr (std::is_same_v<S, stage::targets>) return {h.targets};
    else return {};
  }
};

/// Critic, value, actor, multipliers, targets.
struct CriticFirst : Order<stage::dynamics, stage::behavior, stage::critic, stage::value, stage::actor,
                           stage::constraint, stage::duals, stage::targets> {
  static constexpr const char* source = "Fujimoto et al. 2018; Haarnoja et al. 2018";
};
static_assert(UpdateSchedule<CriticFirst>);

/// Value, actor, critic, multipliers, targets: the actor's advantage and the critic's target use the new V.
struct ValueFirst : Order<stage::dynamics, stage::behavior, stage::value, stage::actor, stage::critic,
                          stage::constraint, stage::duals, stage::targets> {
  static constexpr const char* source = "Kostrikov et al. 2021, authors' code";
};
static_assert(UpdateSchedule<ValueFirst>);

/// As CriticFirst, but that the behavior's model moves after the networks that look at it: a critic's target and the
/// actor see it as it was before this update.
struct BehaviorLast : Order<stage::dynamics, stage::critic, stage::value, stage::actor, stage::behavior,
                            stage::constraint, stage::duals, stage::targets> {
  static constexpr const char* source = "Fujimoto et al. 2019b, authors' code";
};
static_assert(UpdateSchedule<BehaviorLast>);

/// Value, critic, actor, multipliers, targets: the critic's target uses the new V, the actor's advantage that and the
/// new Q.
struct ActorLast : Order<stage::dynamics, stage::behavior, stage::value, stage::critic, stage::actor, stage::constraint,
                         stage::duals, stage::targets> {
  static constexpr const char* source = "Xiao et al. 2023, authors' code";
};
static_assert(UpdateSchedule<ActorLast>);

/// Actor, value, critic, multipliers, targets: the actor's advantage is that of the V which the batch's returns were
/// computed with, before V is fitted to them.
struct ActorFirst : Order<stage::dynamics, stage::behavior, stage::actor, stage::value, stage::critic,
                          stage::constraint, stage::duals, stage::targets> {
  static constexpr const char* source = "Rajeswaran et al. 2017, authors' code";
};
static_assert(UpdateSchedule<ActorFirst>);

/// Actor, multipliers, critic, targets: the actor climbs the critic from before this update, whose target is that of
/// the new policy and the new temperature.
struct ActorThenTemperature : Order<stage::dynamics, stage::behavior, stage::actor, stage::duals, stage::value,
                                    stage::critic, stage::constraint, stage::targets> {
  static constexpr const char* source = "Yu et al. 2021, as in OfflineRL-Kit";
};
static_assert(UpdateSchedule<ActorThenTemperature>);

/// Multipliers, actor, critic, targets: the temperature moves first, by a sample of its own.
struct TemperatureFirst : Order<stage::dynamics, stage::behavior, stage::duals, stage::actor, stage::value,
                                stage::critic, stage::constraint, stage::targets> {
  static constexpr const char* source = "An et al. 2021, authors' code";
};
static_assert(UpdateSchedule<TemperatureFirst>);

/// All losses of value, actor and critic are taken with the networks as they were before the update, and only then all
/// steps; then multipliers, by the same samples, and targets.
struct AllAtOnce : Order<stage::dynamics, stage::behavior, stage::value, stage::actor, stage::critic, stage::constraint,
                         stage::duals, stage::targets> {
  static constexpr const char* formula =
      "dynamics, behavior, (value, actor, critic) at once, constraint, duals, targets";
  static constexpr const char* source = "Kumar et al. 2020, authors' code";

  template <class S>
  static constexpr phase when(S at, const params& h) {
    auto it = Order::when(at, h);
    it.together =
        std::is_same_v<S, stage::value> || std::is_same_v<S, stage::actor> || std::is_same_v<S, stage::critic>;
    return it;
  }
};
static_assert(UpdateSchedule<AllAtOnce>);
}  // namespace tessera
