#include "laws/constraint_laws.hpp"

#include <tessera/algorithms.hpp>
#include <tessera/constraint/matching_error.hpp>

using namespace tessera;
using laws::constraint_laws;
using laws::multiplier_laws;
using laws::reproduction;

namespace {
constexpr auto plain = [](auto&) {};
constexpr reproduction of_modes{.margin = 0.05, .distributions = false},
    loosely{.margin = 0.12, .distributions = false};
template <class C, class P = TanhGaussianPolicy>
using Host = recipe<policy<P>, actor<laws::idle_actor>, constraint<C>>;
template <class C, class M = Density<TanhGaussianPolicy>>
using WithModel = recipe<policy<TanhGaussianPolicy>, behavior<M>, actor<laws::idle_actor>, constraint<C>>;
template <class C, class P>
using Generative = recipe<policy<P>, actor<laws::idle_actor>, constraint<C>, tessera::select<Sample>>;
template <class C, class P, class M>
using OfGenerator = recipe<policy<P>, behavior<M>, actor<laws::idle_actor>, constraint<C>, tessera::select<Sample>>;
template <class C>
using OfIndices = recipe<policy<CategoricalPolicy>, behavior<Density<CategoricalPolicy>>,
                         actor<laws::idle_discrete_actor>, constraint<C>>;
}  // namespace

TEST_CASE("a constraint is least where the policy reproduces the logged actions", "[constraint][laws]") {
  CHECK(constraint_laws<Host<SquaredError, DeterministicPolicy>>(plain, of_modes));
  CHECK(constraint_laws<Host<SummedSquaredError, DeterministicPolicy>>(plain, of_modes));
  CHECK(constraint_laws<Host<ForwardKl>>(plain));
  CHECK(constraint_laws<Host<DualKl>>(plain, {.margin = 0.15, .distributions = false, .updates = 2500}));
  CHECK(constraint_laws<WithModel<ReverseKl>>(plain, {.margin = 0.08}));
  CHECK(constraint_laws<WithModel<Mmd<LaplacianKernel>>>([](auto& p) { p.constraint.bandwidth = 0.5; }, loosely));
  CHECK(constraint_laws<WithModel<Mmd<GaussianKernel>>>([](auto& p) { p.constraint.bandwidth = 0.1; }, loosely));
}

TEST_CASE("a constraint of generative policies is least where they reproduce the logged actions",
          "[constraint][laws]") {
  CHECK(constraint_laws<Generative<MatchingError, FlowPolicy>>(plain, {.margin = 0.1}));
  CHECK(constraint_laws<OfGenerator<Distillation, OneStepPolicy, Generator<FlowPolicy>>>(plain, {.margin = 0.1}));
}

TEST_CASE("a constraint of discrete actions is least where the policy reproduces the logged ones",
          "[constraint][laws]") {
  CHECK(constraint_laws<OfIndices<ForwardKl>>(plain));
  CHECK(constraint_laws<OfIndices<ReverseKl>>(plain));
}

TEST_CASE("a multiplier moves against the excess over its target", "[constraint][laws]") {
  CHECK(constraint_laws<Host<Lagrange<SquaredError>, DeterministicPolicy>>(plain, of_modes));
  CHECK(constraint_laws<WithModel<Lagrange<Mmd<LaplacianKernel>>>>(plain, {.updates = 0}));
  CHECK(multiplier_laws<Host<Lagrange<SquaredError>, DeterministicPolicy>, constraint>(plain));
  CHECK(multiplier_laws<Host<Lagrange<DualKl>>, constraint>(plain));
  CHECK(multiplier_laws<WithModel<Lagrange<ReverseKl>>, constraint>(plain));
  CHECK(multiplier_laws<recipes::CqlLagrange, critic>(plain));
}

namespace {
/// Least at half of the logged action.
struct Halfway : WeightedDivergence<Halfway, SquaredErrorParams> {
  using needs = SquaredError::needs;
  static constexpr const char* term = "constraint/mse";
  template <class Step>
  static typename Step::tensor at(const params&, Step& step, place where) {
    return (step.pi(where).mode() - 0.5 * step.action()).square().sum(-1);
  }
};
/// Adds up where it should take the mean.
struct Summed : SquaredError {
  template <class Step>
  static terms<typename Step::tensor> loss(const params& h, Step& step) {
    return {"constraint/mse", h.weight * at(h, step, now).sum()};
  }
};
/// Weighs by a value that it moves.
struct Meddling : WeightedDivergence<Meddling, SquaredErrorParams> {
  using needs = SquaredError::needs;
  static constexpr const char* term = "constraint/mse";
  template <class Step>
  static typename Step::tensor at(const params&, Step& step, place where) {
    return (step.pi(where).mode() - step.action()).square().sum(-1) * step.q(now, logged_action).mean(0).exp();
  }
};
struct Contrary : Lagrange<SquaredError> {
  template <class Step>
  static typename Step::tensor coefficient(const params& h, Step& step) {
    return 1 / Lagrange<SquaredError>::coefficient(h, step);
  }
};
}  // namespace

TEST_CASE("the laws of constraints find out who breaks them", "[constraint][laws]") {
  CHECK(constraint_laws<Host<Halfway, DeterministicPolicy>>(plain, of_modes)
            .breaks("the policy reproduces the logged actions"));
  CHECK(constraint_laws<Host<Summed, DeterministicPolicy>>(plain, {.updates = 0})
            .breaks("the loss is the coefficient times the mean"));
  CHECK(constraint_laws<recipes::Td3Bc::with<constraint<Meddling>>>(plain, {.updates = 0})
            .breaks("the gradient reaches its network alone"));
  CHECK(multiplier_laws<Host<Contrary, DeterministicPolicy>, constraint>(plain).breaks("the multiplier rises"));
}
