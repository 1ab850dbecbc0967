#pragma once
#include <concepts>

#include <tessera/concepts/types.hpp>

namespace tessera {
/// What an update consists of, one after another; the schedule says in which order and how often.  A stage is a type
/// with a name, so that a program's own stage is one line like these.  A part takes part in a stage by what it
/// declares:
///   loss(h, step)          its term in the loss of its slot's home stage
///   adds(stage, h, step)   its term in the loss of another stage
///   run(stage, h, step)    anything that it does there: usually a gradient step on the sum of all terms,
///                          `step.descend(stage, network)`
///   move(stage, h, step)   the step itself, in place of the optimizer's, once the gradient is gathered
namespace stage {
struct dynamics {
  static constexpr const char* name = "dynamics";
};  ///< the dynamics model, where it learns on
struct behavior {
  static constexpr const char* name = "behavior";
};  ///< the model of the behavior
struct value {
  static constexpr const char* name = "value";
};
struct critic {
  static constexpr const char* name = "critic";
};
struct actor {
  static constexpr const char* name = "actor";
};
struct constraint {
  static constexpr const char* name = "constraint";
};  ///< what the constraint fits to the data
struct duals {
  static constexpr const char* name = "duals";
};  ///< temperatures and multipliers
struct targets {
  static constexpr const char* name = "targets";
};  ///< the target copies follow
/// Not part of an update: when training starts, or goes on, from a step whose batch are all logged transitions.  No
/// schedule has it.
struct start {
  static constexpr const char* name = "start";
};
}  // namespace stage

template <class S>
concept Stage = requires {
  { S::name } -> std::convertible_to<const char*>;
};

namespace lack {
/// template <class Step> static terms<typename Step::tensor> loss(const params& h, Step& step): each summand with its
/// name
struct loss_that_returns_terms {
  template <class C>
  static constexpr bool found = requires(const typename C::params& h, symbolic_step& step) {
    { C::loss(h, step) } -> std::same_as<terms<symbol>>;
  };
};
/// template <class Step> static void run(stage::..., const params& h, Step& step); adds and move alike
struct run_of_a_stage_h_and_step {};
struct adds_that_returns_terms {};
struct move_of_a_stage_h_and_step {};
}  // namespace lack

template <class C, class S, class Step = symbolic_step>
concept RunsIn = Stage<S> && requires(const typename C::params& h, Step& step) {
  C::run(S{}, h, step);
};
namespace lack {
/// static void run(S, const params& h, Step& step): where a base class has one, `using Base::run;` beside one's own
template <class S>
struct run_in {
  template <class C>
  static constexpr bool found = RunsIn<C, S>;
};
}  // namespace lack
template <class C, class S, class Step = symbolic_step>
concept AddsTo = Stage<S> && requires(const typename C::params& h, Step& step) {
  { C::adds(S{}, h, step) } -> std::same_as<terms<typename Step::tensor>>;
};
template <class C, class S, class Step = symbolic_step>
concept MovesIn = Stage<S> && requires(const typename C::params& h, Step& step) {
  C::move(S{}, h, step);
};

/// When a stage runs: in update k, counted from one, where k = offset modulo period.  With `together` its gradient is
/// taken at once and its step with the next stage that is not: the losses between see networks that have not moved.
struct phase {
  std::int64_t period = 1;
  std::int64_t offset = 0;
  bool together = false;

  constexpr bool runs_in(std::int64_t update) const { return (update - offset) % period == 0; }
};
}  // namespace tessera
