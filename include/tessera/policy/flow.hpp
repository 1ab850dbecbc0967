#pragma once
#include <array>
#include <cstdint>

#include <tessera/math/flow.hpp>
#include <tessera/options/network.hpp>
#include <tessera/policy/generative_policy.hpp>

namespace tessera {
enum class integrator { euler, midpoint };
constexpr std::array<const char*, 2> enumerators(integrator) { return {"euler", "midpoint"}; }

/// Hyper-parameters of FlowPolicy.
struct FlowParams {
  MlpOptions net{};
  AdamOptions adam{};
  std::int64_t steps = 10;
  tessera::integrator integrator = tessera::integrator::euler;
  double average = 0;

  static constexpr doc docs[] = {
      {"net", "the velocity's network, on [s, x, t]"},
      {"adam", "its optimizer"},
      {"steps", "K, steps from noise to an action (FQL: 10)", 1, 10000},
      {"integrator", "euler: one pass a step; midpoint: two"},
      {"average", "rate of the moving average of the parameters that acts; 0: the parameters themselves (FQL)", 0, 1},
  };
};

namespace detail {
/// Where the flow with velocities f takes x: the passes in one call, where f is a network that has it and nothing wants
/// a gradient.
template <class F, class T>
T flown(const F& f, const T& x, std::int64_t steps, bool midpoint) {
  if constexpr (requires { f.net->flow(f.states, x, steps, midpoint, true); })
    if (f.by != passes::trained) return f.net->flow(f.states, x, steps, midpoint, f.by == passes::averaged);
  return midpoint ? T(math::midpoint(x, steps, f)) : T(math::euler(x, steps, f));
}
}  // namespace detail

/// Flow-matching policy:  dx/dt = v(s, x, t) from x = z ~ N(0, I) at t = 0 to the action at t = 1, clipped to [-1, 1]
/// at the end alone.  v is fitted by  |v(s, (1-t) z + t a, t) - (a - z)|^2,  t ~ U(0, 1), in the mean over dimensions.
/// It has no density, and no cheap gradient: `BackpropThroughSteps<FlowPolicy>` has one through all steps.
/// Source: Lipman et al. 2023; Park, Li, Levine 2025 (FQL), algorithm 1 and authors' code.
struct FlowPolicy : GenerativePolicy {
  using params = FlowParams;
  static constexpr const char* formula = "dx/dt = v(s,x,t), x_0 ~ N(0,1), a = clip(x_1, -1, 1)";
  static constexpr const char* source = "Lipman et al. 2023; Park, Li, Levine 2025, algorithm 1";
  static constexpr bool flows = true, of_noise_alone = true;

  template <class F, class T>
  static T generate(const params& h, const F& f, const T& noise, const auto& /*redraw*/) {
    return detail::flown(f, noise, h.steps, h.integrator == integrator::midpoint).clamp(-1, 1);
  }
  /// The noise that an action comes of: `generate` undone.  All noise that is clipped to one action on the box's edge
  /// is taken for that which ends there without a clip.
  template <class F, class T>
  static T noise_of(const params& h, const F& f, const T& action) {
    constexpr std::int64_t passes = 3;  // to solve a step: each leaves of the error the slope of v, over K
    return h.integrator == integrator::euler ? math::euler_undone(action, h.steps, passes, f)
                                             : math::midpoint_undone(action, h.steps, passes, f);
  }
  template <class F, class Step, class T = typename Step::tensor>
  static T matching_error(const params& h, const F& f, const T& action, Step& step) {
    return squared_errors(h, f, action, step).mean(-1);
  }
  /// The squares that `matching_error` is the mean of, (B, d).
  template <class F, class Step, class T = typename Step::tensor>
  static T squared_errors(const params&, const F& f, const T& action, Step& step) {
    const T z = step.normal_like(action), t = step.draw(noise::uniform, 1, action);
    return (f(math::between(z, action, t), t) - (action - z)).square();
  }
};
static_assert(FlowsToAction<FlowPolicy> && LatentConditioned<FlowPolicy>);
static_assert(!LogDensityPolicy<FlowPolicy> && !ReparameterizedPolicy<FlowPolicy> && !ModePolicy<FlowPolicy>);
static_assert(ReparameterizedPolicy<BackpropThroughSteps<FlowPolicy>> &&
              FlowsToAction<BackpropThroughSteps<FlowPolicy>>);
}  // namespace tessera
