#pragma once
#include <algorithm>
#include <cstdint>

#include <tessera/concepts/value.hpp>
#include <tessera/concepts/wants.hpp>
#include <tessera/math/over_batch.hpp>
#include <tessera/options/network.hpp>
#include <tessera/value/network_value.hpp>

namespace tessera {
/// V as a regression to the returns of the policy's own rollouts, in several passes over them per update; there is no
/// critic:
///   minimize 1/2 E (f(s) - (1 - gamma) G)^2,   V(s) = f(s) / (1 - gamma)
///   A(s, a) = G - V(s),  standardized over the batch if asked
/// G is the TD(lambda) return that comes with the batch.  The network's f counts in rewards per step, so that what it
/// has to learn does not grow with the horizon.
/// Source: Rajeswaran et al. 2017, section 3 and the authors' code; Schulman et al. 2016.
/// Differs from the authors' code: the time step is not an input of the network, and there is no weight decay; G is
/// TD(lambda), not Monte Carlo; f is scaled; minibatches are drawn with replacement.
struct RolloutBaseline : NetworkValue {
  struct params {
    MlpOptions net{.hidden = {128, 128}};
    AdamOptions adam{.learning_rate = 1e-3};
    double discount = 0.99;
    double lambda = 0.97;
    double passes = 4;
    std::int64_t minibatch = 256;
    bool standardize = true;

    static constexpr doc docs[] = {
        {"net", "the value's network (MOReL: 2x128)"},
        {"adam", "the value's optimizer (MOReL: 1e-3)"},
        {"discount", "gamma, per step, in [0, 1)", 0, 0.999999},
        {"lambda", "weight of the longer return: 1 is Monte Carlo, 0 one step (MOReL: 0.97)", 0, 1},
        {"passes", "passes over the rollouts per update (MOReL: 1, over 4 times as many)", 0, 10000},
        {"minibatch", "states per optimizer step (MOReL: 256)", 1, 1000000},
        {"standardize", "whether advantages are standardized to mean 0 and std 1 over the batch"},
    };
  };
  using needs = all_of<need<data, want::paths_of_the_policy>>;
  static constexpr const char* formula = "1/2 E (V(s) - G)^2 (1-gamma)^2, in several passes;  A = G - V(s)";
  static constexpr const char* source = "Rajeswaran et al. 2017, section 3; Schulman et al. 2016";
  using reads = columns<column::returns>;

  template <class Step>
  static void run(stage::value at, const params& h, Step& step) {
    step.repeat(steps(h, step), [&](Step& s) { NetworkValue::run(at, h, s); });
  }
  /// Steps of the optimizer in an update.
  template <class Step>
  static std::int64_t steps(const params& h, Step& step) {
    return std::max<std::int64_t>(1, std::int64_t(h.passes * double(step.state(now).size(0)) / double(h.minibatch)));
  }
  template <class Step>
  static terms<typename Step::tensor> loss(const params& h, Step& step) {
    using T = typename Step::tensor;
    T s = step.state(now), g = step.returns();
    if (const auto rows = s.size(0); rows > h.minibatch) {
      const T u = step.draw(noise::uniform, 1, T(s.narrow(0, 0, h.minibatch))).squeeze(-1);
      const T i = Step::backend::whole((u * double(rows)).floor().clamp(0, double(rows - 1)));
      s = s.index_select(0, i), g = g.index_select(0, i);
    }
    return {"value/mse", 0.5 * (step.v(s) - (1 - h.discount) * g).square().mean()};
  }
  template <class Step>
  static typename Step::tensor estimate(const params& h, Step& step, place where) {
    return step.v(where, as::fixed) * (1 / (1 - h.discount));
  }
  template <class Step>
  static typename Step::tensor advantage(const params& h, Step& step) {
    const typename Step::tensor a = step.returns() - estimate(h, step, now);
    return h.standardize ? math::standardized(a, 1e-6) : a;
  }
};
static_assert(RegressesToReturns<RolloutBaseline> && !UsesTargetValue<RolloutBaseline>);
}  // namespace tessera
