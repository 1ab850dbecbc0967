#pragma once
#include <tessera/concepts/dynamics.hpp>
#include <tessera/concepts/environment.hpp>

#include <cmath>

#include "laws/probe.hpp"

/// What dynamics models promise.  Each law is of a recipe, whose dynamics is the model; `set` sets hyper-parameters.
namespace laws {
/// Asks the model, from the actor, what happens after states and actions that the law hands over.
template <class D>
struct look_at_dynamics {
  static inline at::Tensor s, a;
  static inline bool of_members = false;  ///< whether it is drawn from what the members said
  static inline imagined<at::Tensor> x;
  static inline Prediction<at::Tensor> said;

  template <class A>
  static void look(const auto&, auto& step) {
    at::NoGradGuard guard;
    const auto& h = params_in<dynamics>(step);
    if constexpr (EnsembleDynamics<D>) {
      said = D::members(h, step, s, a);
      x = of_members ? D::imagine(h, step, s, a, said) : D::imagine(h, step, s, a);
    } else {
      x = D::imagine(h, step, s, a);
    }
  }
};

inline bool equal(const imagined<at::Tensor>& x, const imagined<at::Tensor>& y) {
  return at::equal(x.next, y.next) && at::equal(x.reward, y.reward) && at::equal(x.not_done, y.not_done);
}
/// The largest distance of the share of numbers below x from P(x), of a mixture of normals in equal parts: means and
/// stds (N).
inline double distance_from_mixture(const at::Tensor& drawn, const at::Tensor& means, const at::Tensor& stds) {
  const auto x = std::get<0>(drawn.to(at::kDouble).sort()),
             count = at::arange(1, x.size(0) + 1, at::kDouble) / double(x.size(0));
  const auto z = (x.unsqueeze(0) - means.to(at::kDouble).unsqueeze(1)) / stds.to(at::kDouble).unsqueeze(1);
  const auto p = (0.5 * (1 + (z / std::sqrt(2.0)).erf())).mean(0);
  return (p - count).abs().max().item<double>();
}

/// Law of `DynamicsModel`: equal noise gives equal transitions; row b depends on row b of the states and actions alone,
/// and on the noise.  Of `EnsembleDynamics`: a transition is drawn from one of the elites' normals.  `states(B)` are
/// ones that the model can be asked about.
template <class Recipe>
verdict dynamics_laws(const auto& set, sizes of, const std::function<at::Tensor(std::int64_t)>& states) {
  using D = typename Recipe::template get<dynamics>;
  using Look = look_at_dynamics<D>;
  using R = probed<Recipe, actor, Look>;
  static_assert(DynamicsModel<D>);
  auto p = small<R>();
  set(p);
  torch::manual_seed(21);
  const auto actions = [&](std::int64_t rows) -> at::Tensor {
    if (discrete<R>) return at::one_hot(at::randint(of.d, {rows}, at::kLong), of.d).to(at::kFloat);
    return at::rand({rows, of.d}) * 2 - 1;
  };
  // The first that the model is asked in the second update of a learner that is always the same.
  const auto ask = [&](const at::Tensor& s, const at::Tensor& a, std::uint64_t seed = 7) {
    Look::s = s, Look::a = a;
    auto agent = fresh<R>(p, of, seed);
    for (std::uint64_t k = 1; k <= 2; ++k) agent.update(some_batch<R>(k, 32, of));
    return Look::x;
  };
  Look::s = states(4), Look::a = actions(4);
  verdict v = holds_no_state<R>(p, of);
  for (const bool of_members : {false, true}) {
    if (of_members && !EnsembleDynamics<D>) continue;
    Look::of_members = of_members;
    const std::int64_t rows = 24, row = 5;
    const auto s = states(rows), a = actions(rows);
    const auto x = ask(s, a);
    v.expect(x.next.sizes() == s.sizes() && x.reward.sizes() == at::IntArrayRef({rows}) &&
                 x.not_done.sizes() == at::IntArrayRef({rows}),
             "a transition is (B, n), (B) and (B)");
    v.expect(at::logical_or(x.not_done == 0, x.not_done == 1).all().template item<bool>(), "not_done is 0 or 1");
    v.expect(equal(x, ask(s, a)), "equal noise gives equal transitions");
    const auto mine = at::arange(rows).eq(row).to(at::kFloat).unsqueeze(1);
    const auto y = ask(mine * s + (1 - mine) * states(rows), mine * a + (1 - mine) * actions(rows));
    const auto same = [&](const at::Tensor& one, const at::Tensor& other) {
      return at::allclose(one[row], other[row], 1e-5, 1e-6);
    };
    v.expect(same(x.next, y.next) && same(x.reward, y.reward) && same(x.not_done, y.not_done),
             "a row depends on its own state and action alone");
    const auto z = ask((1 - mine) * s + mine * states(rows), a);
    v.expect(!at::equal(x.next[row], z.next[row]), "a row depends on its own state");

    if constexpr (EnsembleDynamics<D>) {
      v.expect(!equal(x, ask(s, a, 8)), "a transition depends on the noise");
      const std::int64_t draws = 20000;
      const auto many = ask(s.narrow(0, 0, 1).expand({draws, of.n}).contiguous(),
                            a.narrow(0, 0, 1).expand({draws, of.d}).contiguous());
      const auto elites = std::min<std::int64_t>(p.dynamics.elites, Look::said.means.size(0));
      const auto of_elites = [&](const at::Tensor& t) { return t.narrow(0, 0, elites).select(1, 0); };  // (N, n + 1)
      const auto mu = of_elites(Look::said.means), sigma = of_elites(Look::said.stds);
      const auto drawn = at::cat({many.next, many.reward.unsqueeze(1)}, 1);
      double farthest = 0;
      for (std::int64_t j = 0; j <= of.n; ++j)
        farthest = std::max(farthest, distance_from_mixture(drawn.select(1, j), mu.select(1, j), sigma.select(1, j)));
      v.expect(farthest < 0.016, "a number is drawn from one of the elites' normals",
               std::to_string(farthest));  // 1.95 / sqrt(20000) is .0138
      // All its numbers from the same one: E x y is the mean over elites of the products of their means.
      const auto product = (mu.unsqueeze(2) * mu.unsqueeze(1)).mean(0),
                 moment = at::matmul(drawn.t(), drawn) / double(draws);
      const auto deviation = ((drawn.unsqueeze(2) * drawn.unsqueeze(1)).std(0) / std::sqrt(double(draws)));
      const auto off = ((moment - product).abs() / deviation) * (1 - at::eye(of.n + 1));
      v.expect(off.max().template item<double>() < 5, "all numbers are drawn from the same elite's",
               std::to_string(off.max().template item<double>()));
    }
  }
  return v;
}

/// Law of an environment that can be shown an observation: a copy that was shown its own goes on as it would have, to
/// the observation's precision.
template <class E>
verdict showable_laws(const std::function<typename E::action_type(int)>& action) {
  E own(1, E::default_horizon, 4), shown(1, E::default_horizon, 5);
  double farthest = 0;
  for (int t = 0; t < 20; ++t) {
    std::vector<typename E::action_type> a(std::size_t(std::same_as<typename E::space, Discrete> ? 1 : E::action_size),
                                           action(t));
    float r[2];
    std::uint8_t over[2];
    shown.show(0, own.observations());
    own.step(a.data(), &r[0], &over[0]), shown.step(a.data(), &r[1], &over[1]);
    farthest = std::max({farthest, std::abs(double(r[0] - r[1])), std::abs(double(over[0]) - double(over[1]))});
    for (std::int64_t j = 0; j < E::observation_size; ++j)
      farthest = std::max(farthest, std::abs(double(own.observations()[j] - shown.observations()[j])));
    if (over[0]) break;
  }
  return verdict().expect(farthest < 1e-3, "a copy that was shown its observation goes on", std::to_string(farthest));
}
}  // namespace laws
