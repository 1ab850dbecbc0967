#pragma once
#include <tessera/concepts/data.hpp>
#include <tessera/math/over_batch.hpp>
#include <tessera/options/network.hpp>
#include <tessera/value/network_value.hpp>

namespace tessera {
/// V as a regression to the log's own returns; there is no critic:
///   minimize 1/2 E (V(s) - G)^2,   G = r + gamma m ((1 - lambda) Vbar(s') + lambda G')
///   A(s, a_D) = (G - V(s)),  standardized over the batch if asked
/// G' is the return of the episode's next transition, or Vbar(s') where the log was cut.  lambda = 1 is Monte Carlo.
/// Vbar is a copy of V, taken every `refresh` updates, when the returns of all transitions are recomputed.
/// Source: Peng et al. 2019 (AWR), section 3.3 and the authors' code.
/// Differs from the authors' code: the data are fixed; theirs standardize advantages over all data, and V counts in
/// rewards a step, G (1 - gamma).
struct ReturnRegression : NetworkValue {
  struct params {
    MlpOptions net{};
    AdamOptions adam{};
    double discount = 0.99;
    double lambda = 0.95;
    std::int64_t refresh = 500;
    bool standardize = true;

    static constexpr doc docs[] = {
        {"net", "the value's network"},
        {"adam", "the value's optimizer"},
        {"discount", "gamma, per step, in [0, 1]", 0, 1},
        {"lambda", "weight of the longer return: 1 is Monte Carlo, 0 one step (AWR: 0.95)", 0, 1},
        {"refresh", "updates between two computations of the returns", 1, 1000000000},
        {"standardize",
         "whether advantages are standardized to mean 0 and std 1 over the batch, which makes beta free of the task "
         "(AWR: over "
         "all data)"},
    };
  };
  using needs = all_of<need<data, want::transitions_with_returns>>;
  static constexpr const char* formula =
      "1/2 E (V(s) - G)^2, G = r + gamma m ((1-lambda) V(s') + lambda G');  A = G - V(s)";
  static constexpr const char* source = "Peng et al. 2019, section 3.3";
  static constexpr bool uses_target_value = true;
  using reads = columns<column::returns>;

  /// The copy follows once V has moved.
  template <class Step>
  static void run(stage::value, const params& h, Step& step) {
    auto& net = step.template state_of<value>().net;
    step.descend_by(stage::value{}, [&net, follows = step.update() % h.refresh == 0] {
      net.apply();
      if (follows) net.follow(1);
    });
  }
  /// Recomputes the returns of all logged transitions when training starts and when the copy has been updated.  The
  /// returns of on-policy rollouts come from the data source.
  template <class Replay, class At>
  static void refill(const params& h, Replay& replay, At& at) {
    if constexpr (requires { requires At::reads_logged_returns; }) {
      const bool moved = at.updates() > at.alone() && at.updates() % h.refresh == 0;
      if (!at.just_started() && !moved) return;
      const auto values = replay.of_all([&](const auto& b) {
        return at.with_step(b, at.updates(), [](auto& step) { return step.v(next, as::target); });
      });
      replay.set_returns(h.discount, h.lambda, values);
    }
  }
  template <class Step>
  static terms<typename Step::tensor> loss(const params&, Step& step) {
    return {"value/mse", 0.5 * (step.v(now) - step.returns()).square().mean()};
  }
  template <class Step>
  static typename Step::tensor advantage(const params& h, Step& step) {
    const typename Step::tensor a = step.returns() - step.v(now, as::fixed);
    return h.standardize ? math::standardized(a, 1e-5) : a;
  }
};
static_assert(RegressesToReturns<ReturnRegression> && UsesTargetValue<ReturnRegression> && Refills<ReturnRegression>);
}  // namespace tessera
