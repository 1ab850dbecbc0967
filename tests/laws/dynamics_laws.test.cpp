#include "laws/dynamics_laws.hpp"

#include <tessera/algorithms.hpp>
#include <tessera/dynamics/true_dynamics.hpp>
#include <tessera/env/cartpole.hpp>
#include <tessera/env/pendulum.hpp>

using namespace tessera;
using laws::dynamics_laws;
using laws::showable_laws;

namespace {
template <class D>
using Host = recipes::Sac::with<dynamics<D>, data<ModelAugmented>>;
template <class D, class P, class A>
using OfTask = recipe<policy<P>, dynamics<D>, data<ModelAugmented>, actor<A>>;

at::Tensor anywhere(std::int64_t rows) { return at::randn({rows, 3}); }
at::Tensor of_pendulum(std::int64_t rows) {
  const auto angle = at::rand({rows, 1}) * 6 - 3;
  return at::cat({angle.cos(), angle.sin(), at::randn({rows, 1})}, 1);
}
at::Tensor of_cartpole(std::int64_t rows) { return 0.1 * at::randn({rows, 4}); }
// Members that do not agree, and whose noise is small.
constexpr auto apart = [](auto& p) {
  p.dynamics.net.last_gain = 3;
  p.dynamics.members = 5, p.dynamics.elites = 3;
};
}  // namespace

TEST_CASE("a model's transition depends on its own state, action and noise, and is one of an elite's",
          "[dynamics][laws]") {
  CHECK(dynamics_laws<Host<GaussianEnsemble>>(apart, {}, anywhere));
  CHECK(dynamics_laws<Host<Adversarial<GaussianEnsemble>>>(apart, {}, anywhere));
}

TEST_CASE("an environment as a model keeps the laws of one", "[dynamics][laws]") {
  const auto plain = [](auto&) {};
  CHECK(
      dynamics_laws<OfTask<TrueDynamics<Pendulum>, DeterministicPolicy, laws::idle_actor>>(plain, {3, 1}, of_pendulum));
  CHECK(dynamics_laws<OfTask<TrueDynamics<CartPole>, CategoricalPolicy, laws::idle_discrete_actor>>(plain, {4, 2},
                                                                                                    of_cartpole));
  CHECK(showable_laws<Pendulum>([](int t) { return 0.4f * float(t % 5 - 2); }));
  CHECK(showable_laws<CartPole>([](int t) { return std::int64_t(t % 2); }));
}

namespace {
struct Mixing : GaussianEnsemble {
  template <class Step, class T = typename Step::tensor>
  static imagined<T> imagine(const params& h, Step& step, const T& s, const T& a, const Prediction<T>& said) {
    return GaussianEnsemble::imagine(h, step, s, a, said);
  }
  template <class Step, class T = typename Step::tensor>
  static imagined<T> imagine(const params& h, Step& step, const T& s, const T& a) {
    return GaussianEnsemble::imagine(h, step, T(s - s.mean(0)), a);
  }
};
struct Everyone : GaussianEnsemble {  // not the elites alone
  template <class Step, class T = typename Step::tensor>
  static imagined<T> imagine(params h, Step& step, const T& s, const T& a, const Prediction<T>& said) {
    h.elites = h.members;
    return GaussianEnsemble::imagine(h, step, s, a, said);
  }
  template <class Step, class T = typename Step::tensor>
  static imagined<T> imagine(params h, Step& step, const T& s, const T& a) {
    return imagine(h, step, s, a, members(h, step, s, a));
  }
};
struct Apart : GaussianEnsemble {  // the reward from another elite than the state
  template <class Step, class T = typename Step::tensor>
  static imagined<T> imagine(const params& h, Step& step, const T& s, const T& a, const Prediction<T>& said) {
    auto x = GaussianEnsemble::imagine(h, step, s, a, said);
    x.reward = GaussianEnsemble::imagine(h, step, s, a, said).reward;
    return x;
  }
  template <class Step, class T = typename Step::tensor>
  static imagined<T> imagine(const params& h, Step& step, const T& s, const T& a) {
    return imagine(h, step, s, a, members(h, step, s, a));
  }
};
struct Unkeyed : GaussianEnsemble {  // noise that is nobody's
  template <class Step, class T = typename Step::tensor>
  static imagined<T> imagine(const params& h, Step& step, const T& s, const T& a, const Prediction<T>& said) {
    auto x = GaussianEnsemble::imagine(h, step, s, a, said);
    x.next = x.next + randn_like(x.next);
    return x;
  }
  template <class Step, class T = typename Step::tensor>
  static imagined<T> imagine(const params& h, Step& step, const T& s, const T& a) {
    return imagine(h, step, s, a, members(h, step, s, a));
  }
};
struct Shifted : Pendulum {
  using Pendulum::Pendulum;
  void show(std::size_t i, const float* observation) {
    const float other[] = {observation[0], observation[1], observation[2] + 0.1f};
    Pendulum::show(i, other);
  }
};
}  // namespace

TEST_CASE("the laws of dynamics find out who breaks them", "[dynamics][laws]") {
  CHECK(dynamics_laws<Host<Mixing>>(apart, {}, anywhere).breaks("a row depends on its own state and action alone"));
  CHECK(dynamics_laws<Host<Everyone>>(apart, {}, anywhere).breaks("a number is drawn from one of the elites' normals"));
  CHECK(dynamics_laws<Host<Apart>>(apart, {}, anywhere).breaks("all numbers are drawn from the same elite's"));
  CHECK(dynamics_laws<Host<Unkeyed>>(apart, {}, anywhere).breaks("equal noise gives equal transitions"));
  CHECK(showable_laws<Shifted>([](int) { return 0.5f; }).breaks("a copy that was shown its observation goes on"));
}
