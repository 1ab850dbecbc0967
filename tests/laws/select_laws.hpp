#pragma once
#include <tessera/concepts/actor.hpp>

#include "laws/probe.hpp"

/// What selections, and schedules, promise.  Each law is of a recipe.
namespace laws {
/// Asks the selection, from the critic, for actions at a batch's states.
template <class S>
struct look_at_selection {
  static inline at::Tensor actions;
  template <class C>
  static void look(const auto&, auto& step) {
    at::NoGradGuard guard;
    actions = S::act(params_in<tessera::select>(step), step);
  }
};
/// Whether these are B actions: in [-1, 1]^d, or indices of `count`.
template <class R>
bool are_actions(const at::Tensor& a, std::int64_t rows, std::int64_t count) {
  if constexpr (discrete<R>)
    return a.dim() == 1 && a.size(0) == rows && a.scalar_type() == at::kLong && (a >= 0).all().template item<bool>() &&
           (a < count).all().template item<bool>();
  else return a.sizes() == at::IntArrayRef({rows, count}) && (a.abs() <= 1).all().template item<bool>();
}

/// Law of `ActionSelection`: the action is inside the action space; where the policy is unbounded, once it has left the
/// learner.  Of equal noise, it is the same.
template <class Recipe>
verdict selection_laws(const auto& set) {
  using S = typename Recipe::completed::template get<tessera::select>;
  using Look = look_at_selection<S>;
  using R = probed<Recipe, critic, Look>;
  static_assert(ActionSelection<S>);
  constexpr sizes of{3, 4};
  auto p = small<R>();
  if constexpr (requires { p.policy.net; }) p.policy.net.last_gain = 10;  // far out
  set(p);
  auto agent = fresh<R>(p, of);
  verdict v;
  const std::int64_t rows = 500;
  for (std::uint64_t k = 1; k <= 3; ++k) {
    auto b = some_batch<R>(k, rows, of);
    b.observations = b.observations * 10;
    agent.update(b);
    if constexpr (!UnboundedPolicy<typename R::template get<policy>>)
      v.expect(are_actions<R>(Look::actions, rows, of.d), "the action is inside the action space");
    const auto a = agent.act(b.observations, 5);
    v.expect(are_actions<R>(a, rows, of.d), "the action that leaves the learner is inside the action space");
    v.expect(at::equal(a, agent.act(b.observations, 5)), "equal keys give equal actions");
  }
  return v;
}
template <class Recipe>
verdict selection_laws() {
  return selection_laws<Recipe>([](auto&) {});
}

/// What `ActsByCritic` and `FixedPolicy` say: such a policy has no network, and nothing to train.
template <class R>
verdict untrained_policy_laws() {
  static_assert(UntrainedPolicy<typename R::template get<policy>>);
  auto agent = fresh<R>(small<R>());
  verdict v;
  for (const auto& [name, x] : numbers_of(agent))
    v.expect(!name.starts_with("policy"), "a policy that is not trained has no network", name);
  return v;
}

/// Law of `UpdateSchedule`: a period of k runs a stage on every k-th update, counted from one; without a period it runs
/// in each.  The recipe has a policy with a temperature, whose names begin with "policy/" and "log_alpha/", and a
/// critic with targets.
template <class R>
verdict schedule_laws() {
  static_assert(UpdateSchedule<typename R::template get<schedule>>);
  auto p = small<R>();
  p.schedule.actor = 2, p.schedule.targets = 3;
  auto agent = fresh<R>(p);
  verdict v = holds_no_state<R>(p);
  auto before = numbers_of(agent);
  for (std::uint64_t k = 1; k <= 12; ++k) {
    agent.update(some_batch<R>(k));
    const auto after = numbers_of(agent);
    const auto moved = different(before, after);
    const auto expect = [&](const std::string& name, std::uint64_t period, const std::string& what) {
      v.expect(bool(moved.count(name)) == (k % period == 0), what, name + " in update " + std::to_string(k));
    };
    expect("policy/parameters", 2, "the actor runs on every k-th update");
    expect("log_alpha/value", 2, "multipliers run on every k-th update");
    expect("critic/target", 3, "targets follow on every k-th update");
    expect("critic/parameters", 1, "what has no period runs in every update");
    before = after;
  }
  return v;
}
}  // namespace laws
