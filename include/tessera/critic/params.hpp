#pragma once
#include <tessera/concepts/critic.hpp>
#include <tessera/concepts/wants.hpp>
#include <tessera/critic/ensemble_critic.hpp>
#include <tessera/math/ensemble.hpp>
#include <tessera/math/target.hpp>
#include <tessera/options/network.hpp>

namespace tessera {
/// Hyper-parameters that every critic update has.
struct CriticParams {
  MlpOptions net{};
  AdamOptions adam{};
  std::int64_t members = 2;
  double discount = 0.99;
  double polyak = 0.005;
  double huber = 0.0;

  static constexpr doc docs[] = {
      {"net", "each member's network"},
      {"adam", "the critic's optimizer"},
      {"members", "N, critics in the ensemble; targets use their minimum", 1, 1000},
      {"discount", "gamma, per step, in [0, 1]", 0, 1},
      {"polyak", "rate of the target networks' Polyak averaging: target <- rate * online + (1 - rate) * target", 0, 1},
      {"huber",
       "delta > 0: errors e cost 1/2 e^2 up to delta, and delta (|e| - delta/2) beyond (DQN: 1; XQL: 20); 0: they cost "
       "e^2",
       0},
  };
};

/// The loss of a one-step backup:
///   sum_i E (Q_i(s,a) - y)^2,  y = reward + gamma m next_value;  with huber delta > 0 a Huber loss in place of the
///       square
/// y has no gradient.
template <class Backup, class Step>
terms<typename Step::tensor> td_loss(const typename Backup::params& h, Step& step) {
  const auto y = math::td_target(Backup::reward(h, step), h.discount, step.not_done(), Backup::next_value(h, step));
  return {"critic/td", h.huber > 0 ? math::huber_td(step.q(now, logged_action), y, h.huber)
                                   : math::squared_td(step.q(now, logged_action), y)};
}

/// What one-step backups of class B have in common.
template <class B, class P = CriticParams>
struct OneStep : EnsembleCritic {
  using params = P;

  template <class Step>
  static typename Step::tensor reward(const params&, Step& step) {
    return step.reward();
  }
  template <class Step>
  static terms<typename Step::tensor> loss(const params& h, Step& step) {
    return td_loss<B>(h, step);
  }
};

/// The same, of those whose target values one action a', which B chooses:
///   next_value = min_i Qbar_i(s', a'),   a' = next_action
template <class B, class P = CriticParams>
struct OneAction : OneStep<B, P> {
  template <class Step>
  static typename Step::tensor next_value(const P&, Step& step, const typename Step::tensor& a) {
    return B::of_members(step.q(next, a, as::target));
  }
  template <class Step>
  static typename Step::tensor next_value(const P& h, Step& step) {
    return next_value(h, step, B::next_action(h, step));
  }
  template <class T>
  static T of_members(const T& q) {
    return math::min(q);
  }
};

/// The same by the mean of the critics, and not their least:
///   next_value = mean_i Qbar_i(s', a'),   a' = next_action
template <class B, class P = CriticParams>
struct OneActionOnAverage : OneAction<B, P> {
  template <class T>
  static T of_members(const T& q) {
    return math::average(q);
  }
};
}  // namespace tessera
