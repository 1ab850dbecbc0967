#pragma once
#include <array>
#include <cstdint>

#include <tessera/concepts/wants.hpp>
#include <tessera/uncertainty/measures.hpp>

namespace tessera {
/// Hyper-parameters of HaltAbove.
struct HaltAboveParams {
  double pessimism = 1.0;
  double penalty = 0.0;

  static constexpr doc docs[] = {
      {"pessimism",
       "the threshold is the largest uncertainty about logged transitions, divided by this (MOReL: 0.5 to 5)", 1e-9},
      {"penalty", "kappa, in the task's units: the reward of a step in HALT is the smallest logged reward minus this",
       0},
  };
};

/// Where the uncertainty is too large the task goes to HALT, an absorbing state, in which every step has the worst
/// logged reward:
///   u(s,a) > T:  R <- R + gamma v_halt,  m <- 0,  v_halt = R(min_D r - kappa) / (1 - gamma),  T = max_D u / pessimism
/// which is the value of going to HALT and staying there forever.  R(r) is a reward as the learner sees it, scaled
/// and shifted: a shift is paid at each of HALT's steps too.  Where the log has ends, the reward after an end, R = 0,
/// counts in the minimum too: otherwise HALT would be better than an end wherever all rewards are above 0.
/// Source: Kidambi et al. 2020 (MOReL), definition 1 and section 4.2; threshold as in the authors' code.
/// Differs from the paper: the penalty is measured from the smallest reward, so that HALT is worse than any known state
/// whatever the task's rewards; the authors' code truncates the rollout instead, with no penalty, and its baseline
/// continues from there.
template <class Measure>
struct HaltAbove {
  using role = role::uncertainty_penalty;
  using params = HaltAboveParams;
  using needs = all_of<need<dynamics, want::ensemble_of_dynamics>, need<data, want::data_with_imagined_transitions>>;
  static constexpr const char* formula =
      "u(s,a) > max_D u / pessimism: R + gamma R(min_D r - kappa) / (1 - gamma), and the end;  R(r): scaled and "
      "shifted";
  static constexpr const char* source = "Kidambi et al. 2020, def. 1";

  static constexpr bool sized_state = true;
  /// Measured on the data: the largest uncertainty; the smallest reward, an end's included, in the task's units.
  template <class B>
  struct state {
    buffer<typename B::tensor> max_uncertainty, min_reward;

    template <class Problem>
    state(const params&, const Problem& on)
        : max_uncertainty{B::filled(std::array<std::int64_t, 0>{}, 0, on.device)},
          min_reward{B::filled(std::array<std::int64_t, 0>{}, 1e30, on.device)} {}
    void each(auto&& f) { f("uncertainty/max_uncertainty", max_uncertainty), f("uncertainty/min_reward", min_reward); }
  };

  template <class Step>
  static void calibrate(const params&, Step& step, const Prediction<typename Step::tensor>& prediction,
                        const typename Step::tensor& reward) {
    using T = typename Step::tensor;
    auto& found = step.template state_of<uncertainty>();
    const T u = Measure::measure(prediction).amax(0), r = reward.amin(0);
    found.max_uncertainty.value = maximum(found.max_uncertainty.value, u);
    const T end = step.task_rewards(r * 0.0) + 1e30 * step.not_done().amin(0);  // of no account where nothing ended
    found.min_reward.value = minimum(found.min_reward.value, minimum(r, end));
  }
  template <class Step>
  static typename Step::tensor penalize(const params& h, Step& step,
                                        const Prediction<typename Step::tensor>& prediction,
                                        imagined<typename Step::tensor>& x) {
    using T = typename Step::tensor;
    const auto& found = step.template state_of<uncertainty>();
    const T u = Measure::measure(prediction);
    const T known = (0.5 - 0.5 * (u - found.max_uncertainty.value * (1 / h.pessimism)).sign())
                        .ceil();  // 1 up to the threshold, 0 beyond
    const double discount = step.discount();
    const T v_halt = step.learner_rewards(found.min_reward.value - h.penalty) * (1 / (1 - discount));
    // A sum of rewards has no shift: what is added to R, in the task's units.
    const T price = step.task_rewards(discount * v_halt) - step.task_rewards(v_halt * 0.0);
    // Where the task ends at once, nothing comes after, known or not.
    x.reward = x.reward + (1.0 - known) * x.not_done * price;
    x.not_done = x.not_done * known;
    return u;
  }
};
static_assert(CalibratedPenalty<HaltAbove<Disagreement>>);
}  // namespace tessera
