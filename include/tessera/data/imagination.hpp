#pragma once
#include <algorithm>
#include <array>
#include <cstdint>
#include <utility>

#include <tessera/concepts/dynamics.hpp>
#include <tessera/concepts/wants.hpp>
#include <tessera/support/error.hpp>

namespace tessera {
/// One imagined step from B states, in the learner's units.
template <class T>
struct imagined_step {
  T next;         ///< (B, n) numbers, also where the task is over
  T reward;       ///< (B), less the penalty for uncertainty
  T not_done;     ///< (B)
  T task_reward;  ///< (B) the reward in the task's units
  T uncertainty;  ///< (B); undefined without an uncertainty part that penalizes transitions
  /// (B) whether it is kept: all its numbers are finite, and s' is in the range of the log, or the task has ended
  T valid;
};

/// The base of data sources that imagine transitions: the range in which the model is trusted, and one step of it.
struct Imagination {
  /// Lives between updates: the range of logged states, widened.
  template <class B>
  struct state {
    using backend = B;
    buffer<typename B::tensor> low, high;  ///< (n)
    buffer<std::int64_t> begun{0};         ///< whether `begin` was called

    template <class Problem>
    explicit state(const Problem& on)
        : low{B::filled(std::array<std::int64_t, 1>{on.observation_size}, 0, on.device)},
          high{B::filled(std::array<std::int64_t, 1>{on.observation_size}, 0, on.device)} {}
    void each(auto&& f) { f("imagined/low", low), f("imagined/high", high), f("imagined/begun", begun); }
  };

  /// Prepares imagining, in a step whose batch is all logged transitions: their range, to which `range` widths are
  /// added on either side, and what the uncertainty part asks for.  A number that the log never varies, but for
  /// rounding, has no width to judge by, and may be any.
  template <class State, class Step>
  static void begin(double range, State& own, Step& step) {
    using U = typename Step::template part<uncertainty>;
    using T = typename Step::tensor;
    if (std::exchange(own.begun.value, 1)) return;
    const T &s = step.state(now), &after = step.state(next);
    const T min = minimum(T(s.amin(0)), T(after.amin(0))), max = maximum(T(s.amax(0)), T(after.amax(0))),
            margin = range * (max - min);
    const T below = step.task_states(min), above = step.task_states(max);
    const T any = ((above - below).abs() <= 5e-7 * maximum(T(below.abs()), T(above.abs()))) * 3e38;
    own.low.value.copy_(min - margin - any), own.high.value.copy_(max + margin + any);
    if constexpr (CalibratedPenalty<U>) {
      constexpr std::int64_t piece = 8192;
      for (std::int64_t from = 0; from < s.size(0); from += piece) {
        const auto rows = std::min(piece, s.size(0) - from);
        const auto prediction = step.members(step.task_states(s.narrow(0, from, rows)),
                                             step.task_actions(step.action().narrow(0, from, rows)));
        U::calibrate(step.template params_of_slot<uncertainty>(), step, prediction,
                     T(step.task_rewards(step.reward().narrow(0, from, rows))));
      }
    }
  }

  /// The model's transitions from states (B, n) and actions (B, d) in the learner's units, with the penalty for its
  /// uncertainty.
  template <class State, class Step, class T>
  static imagined_step<T> model_step(const State& own, Step& step, const T& s, const T& a) {
    auto [x, u] = transition(step, s, a);
    T after = step.learner_states(x.next);
    const T r = step.learner_rewards(x.reward);
    const T over = x.not_done == 0.0,
            inside = (after >= own.low.value).all(-1) * (after <= own.high.value).all(-1);  // false for NaN
    // The state after an end is never used, but must be finite.
    after = where(inside.unsqueeze(-1), after, s);
    return {after, r, x.not_done, x.reward, u, isfinite(r) * isfinite(x.not_done) * (inside + over)};
  }

  /// What came of imagined branches: transitions, branches that were cut and that ended, sums of rewards (task's units)
  /// and of uncertainty.
  template <class T>
  struct outcome {
    std::int64_t transitions = 0, diverged = 0, ended = 0;
    T reward, uncertainty;
    bool any_uncertainty = false;

    /// Reports means over the transitions.
    template <class At>
    void report(At& at) const {
      at.log("data/imagined_reward", T(reward * (1.0 / double(transitions))));
      if (any_uncertainty) at.log("data/uncertainty", T(uncertainty * (1.0 / double(transitions))));
    }
    /// Reports parts of so many branches or transitions.
    template <class At>
    void report(At& at, const char* name, double part) const {
      at.log(name, At::backend::filled(std::array<std::int64_t, 0>{}, part, reward.device()));
    }
  };

  /// Branches of `horizon` steps at most from states (B, n): each goes on while its transitions are sound and the task
  /// does.  `act(step, s)` gives an action and what the model meets of it; `keep(s, a, x, index, alive)` is told which
  /// rows of (s, a, x) are sound, and which of them go on.
  template <class At, class State, class T, class Act, class Keep>
  static outcome<T> branches(At& at, const State& own, T s, std::int64_t horizon, Act act, Keep keep) {
    outcome<T> sum;
    sum.reward = sum.uncertainty = State::backend::filled(std::array<std::int64_t, 0>{}, 0, s.device());
    for (std::int64_t t = 0; t < horizon && s.size(0) > 0; ++t) {
      const batch<T> here{s, {}, {}, s, {}};
      at.with_step(here, at.updates() * horizon + t, [&](auto& step) {
        const auto [a, met] = act(step, s);
        const auto x = model_step(own, step, s, met);
        const T index = x.valid.nonzero().squeeze(-1);
        const auto count = index.size(0);
        sum.diverged += s.size(0) - count;
        if (count == 0) {
          s = s.narrow(0, 0, 0);
          return;
        }
        const T alive = (x.valid * (x.not_done != 0.0)).nonzero().squeeze(-1);
        keep(s, a, x, index, alive);
        sum.transitions += count;
        sum.reward = sum.reward + x.task_reward.index_select(0, index).sum();
        sum.any_uncertainty = x.uncertainty.defined();
        if (sum.any_uncertainty) sum.uncertainty = sum.uncertainty + x.uncertainty.index_select(0, index).sum();
        sum.ended += count - alive.size(0);
        s = x.next.index_select(0, alive);
      });
    }
    if (sum.transitions == 0) throw diverged();
    return sum;
  }

  /// The error of a model none of whose transitions was valid.
  static Diverged diverged() {
    return Diverged(
        "the dynamics model diverged: every imagined transition left the range of the logged states or the numbers; "
        "train the "
        "model longer or on more data, or widen data.cut_range");
  }

 private:
  // One imagined step in the task's units, with its penalty; and the uncertainty, where there is a part for it.
  template <class Step, class T>
  static std::pair<imagined<T>, T> transition(Step& step, const T& s, const T& a) {
    using U = typename Step::template part<uncertainty>;
    using D = typename Step::template part<dynamics>;
    const auto& h = step.template params_of_slot<dynamics>();
    const T from = step.task_states(s), by = step.task_actions(a);
    if constexpr (PenalizesTransitions<U>) {
      const auto prediction = step.members(from, by);
      auto x = D::imagine(h, step, from, by, prediction);
      const T u = U::penalize(step.template params_of_slot<uncertainty>(), step, prediction, x);
      return {x, u};
    } else {
      return {D::imagine(h, step, from, by), T()};
    }
  }
};
}  // namespace tessera
