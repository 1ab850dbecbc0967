#pragma once
#include <array>

#include <tessera/concepts/columns.hpp>
#include <tessera/concepts/data.hpp>
#include <tessera/critic/conservative.hpp>

namespace tessera {
/// As LogSumExp, but what is pushed down at the policy's actions is max(Q_i(s, a), G), with G the log's own return from
/// s on.  No gradient flows where G is the larger: Q is not pushed below what the log is known to reach.
/// Source: Nakamoto et al. 2023 (Cal-QL), equation 5.1 and appendix.
struct CalibratedLogSumExp {
  using needs = extended_needs<LogSumExp::needs, need<policy, want::continuous_policy>,
                               need<data, want::transitions_with_returns>>;

  template <class Step>
  static typename Step::tensor values(const ConservativeParams& h, Step& step) {
    using T = typename Step::tensor;
    const auto [a, log_density] = detail::proposed_actions(h, step);
    const T q = step.q(now, a), least = step.returns().unsqueeze(-1);  // (N, B, K), uniform actions first; (B, 1)
    const auto of_policy = h.policy_actions + h.next_policy_actions;
    const T calibrated = maximum(T(q.narrow(-1, h.uniform_actions, of_policy)), least);
    return Step::backend::cat(std::array<T, 2>{q.narrow(-1, 0, h.uniform_actions), calibrated}, -1) -
           h.temperature * log_density;
  }
  template <class T>
  static T gap(const ConservativeParams& h, const T& x, const T& q) {
    return LogSumExp::gap(h, x, q);
  }
};

/// Hyper-parameter that Calibrated adds to those of Conservative.
struct CalibratedParams {
  bool repeat_last_reward = true;

  static constexpr doc docs[] = {
      {"repeat_last_reward",
       "whether an episode that the log cuts off goes on with its last reward for ever, r / (1 - gamma); else with 0"},
  };
};

/// Conservative, calibrated by the log's own returns:
///   minimize  the wrapped update's loss + alpha sum_i E [T log sum_k exp(Qcal_i(s, a_k) / T) - Q_i(s, a_D)]
///   Qcal_i(s, a) = max(Q_i(s, a), G) at the policy's actions (at s and at s'), Q_i(s, a) at uniform ones
///   G = r + gamma m G'   along the logged episode, in the learner's units
/// so that Q begins fine-tuning at the scale of true returns, and need not be unlearned first.  Returns are computed
/// when training starts, and again whenever the replay has grown by an episode.
/// Source: Nakamoto et al. 2023 (Cal-QL), equation 5.1.
/// Differs from the authors' code: an episode that is cut off repeats its last reward in every task (theirs: in tasks
/// of sparse rewards alone, and where it has no success).
template <class Update>
struct Calibrated : Conservative<Update, CalibratedLogSumExp> {
  using base = Conservative<Update, CalibratedLogSumExp>;
  using params = joined<typename base::params, CalibratedParams>;
  using reads = columns<column::returns>;
  static constexpr const char* formula =
      "the wrapped update + alpha sum_i E [soft maximum of max(Q_i(s,a), G) - Q_i(s,a_D)]";
  static constexpr const char* source = "Nakamoto et al. 2023, eq. 5.1";

  static constexpr bool capturable = true;  // it refills once, before the first update
  template <class Replay, class At>
  static void refill(const params& h, Replay& replay, At& at) {
    if constexpr (requires { requires At::reads_logged_returns; }) {
      if (!at.just_started()) return;
      const double times = h.repeat_last_reward && h.discount < 1 ? 1 / (1 - h.discount) : 0;
      replay.set_returns(h.discount, 1, replay.of_all([&](const auto& b) { return b.rewards * times; }));
    }
  }
};
}  // namespace tessera
