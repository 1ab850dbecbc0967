#pragma once
#include <tessera/concepts/dynamics.hpp>

#include "laws/probe.hpp"

/// What it promises that uncertainty about a model costs.  Each law is of an uncertainty part.
namespace laws {
/// An ensemble of three, each of which says s + a, and member i `apart` times i more; without noise.
struct told_ensemble {
  using role = role::dynamics_model;
  struct params {
    std::int64_t elites = 3;
    double apart = 0;
    static constexpr doc docs[] = {{"elites", "", 1, 3}, {"apart", ""}};
  };
  using needs = all_of<>;
  static constexpr const char* formula = "s + a + apart i";
  static constexpr const char* source = "a test";

  template <class Step, class T = typename Step::tensor>
  static Prediction<T> members(const params& h, Step&, const T& s, const T& a) {
    const T mean = at::cat({s + a.sum(1, true), s.narrow(1, 0, 1)}, 1);
    return {at::stack({mean, mean + h.apart, mean + 2 * h.apart}), at::zeros({3, mean.size(0), mean.size(1)}),
            at::zeros({3, mean.size(0)}) - 1};
  }
  template <class Step, class T = typename Step::tensor>
  static imagined<T> imagine(const params&, Step&, const T& s, const T&, const Prediction<T>& said) {
    return {said.means[0].narrow(1, 0, s.size(1)), said.means[0].select(1, s.size(1)), at::ones({s.size(0)})};
  }
  template <class Step, class T = typename Step::tensor>
  static imagined<T> imagine(const params& h, Step& step, const T& s, const T& a) {
    return imagine(h, step, s, a, members(h, step, s, a));
  }
};

/// Charges transitions of which the members agree, and ones of which they do not, from within a step.
template <class U>
struct look_at_uncertainty {
  static inline verdict v;
  static inline double apart = 0;

  template <class A>
  static void look(const auto&, auto& step) {
    using T = at::Tensor;
    at::NoGradGuard guard;
    const auto& h = params_in<uncertainty>(step);
    if constexpr (PenalizesTransitions<U>) {
      const std::int64_t rows = 6, n = 3;
      const auto said = [&](double by, double noise) {
        const T mean = at::arange(rows * (n + 1)).to(at::kFloat).view({rows, n + 1});
        return Prediction<T>{at::stack({mean, mean + by, mean - 2 * by}), at::full({3, rows, n + 1}, noise),
                             at::full({3, rows}, -1.0)};
      };
      if constexpr (CalibratedPenalty<U>) U::calibrate(h, step, said(0.1, 0.1), at::arange(rows).to(at::kFloat) - 3);
      const T s = at::randn({rows, n}), r = at::randn({rows}), m = at::arange(rows).lt(4).to(at::kFloat);
      imagined<T> known{s.clone(), r.clone(), m.clone()}, doubted{s.clone(), r.clone(), m.clone()};
      const T none = U::penalize(h, step, said(0, 0), known), much = U::penalize(h, step, said(5, 5), doubted);
      v.expect(none.sizes() == at::IntArrayRef({rows}), "how much uncertainty there was is (B)");
      v.expect(none.abs().max().template item<double>() == 0,
               "there is no uncertainty where the members agree without noise");
      v.expect(at::equal(known.next, s) && at::equal(known.reward, r) && at::equal(known.not_done, m),
               "nothing is changed where the members agree without noise");
      v.expect((much > 0).all().template item<bool>(), "there is uncertainty where they do not");
      v.expect(at::equal(doubted.next, s) && (doubted.reward <= r).all().template item<bool>() &&
                   (doubted.not_done <= m).all().template item<bool>() &&
                   (doubted.reward < r).any().template item<bool>(),
               "uncertainty costs");
    }
    if constexpr (PenalizesTargets<U>) {
      const T u = U::penalty(h, step);
      v.expect(u.sizes() == step.not_done().sizes() && !u.requires_grad(), "the penalty is (B), without gradient");
      v.expect(step.logged(u).abs().max().template item<double>() == 0, "nothing is taken off at logged transitions");
      if (apart > 0) v.expect((step.imagined(u) > 0).all().template item<bool>(), "uncertainty costs");
      else
        v.expect(step.imagined(u).abs().max().template item<double>() < 1e-5,
                 "nothing is taken off where the members agree without noise");
    }
  }
};

/// Laws of `PenalizesTransitions` and `PenalizesTargets`: where the members agree without noise, nothing is changed;
/// nor where a transition is logged.
template <class U>
verdict uncertainty_laws() {
  using Look = look_at_uncertainty<U>;
  using Recipe = recipe<policy<DeterministicPolicy>, critic<PolicyBackup>, actor<MaximizeQ>, dynamics<told_ensemble>,
                        uncertainty<U>, data<ModelAugmented>>;
  using R = probed<Recipe, actor, Look>;
  static_assert(UncertaintyPenalty<U>);
  Look::v = {};
  for (const double apart : {0.0, 2.0}) {
    auto p = small<R>();
    p.dynamics.elites = 3;
    p.dynamics.apart = Look::apart = apart;
    auto agent = fresh<R>(p);
    agent.update(some_batch<R>(1));
    Look::v += holds_no_state<R>(p);
  }
  return Look::v;
}
}  // namespace laws
