#include <tessera/algorithms/cal_ql.hpp>
#include <tessera/sources/builtin.hpp>
#include <tessera/torch.hpp>
#include <tessera/train/train.hpp>

#include <cmath>

#include "helpers/fixed_step.hpp"

using namespace tessera;
using namespace support;

namespace {
struct NoUpdate {
  using role = role::critic_update;
  using params = CriticParams;
  using needs = all_of<>;
  template <class Step, class Backend>
  struct lookups {};
  template <class Step>
  static terms<typename Step::tensor> loss(const params&, Step&) {
    return {};
  }
};
/// A policy of the same density everywhere.
struct Even : TanhGaussianPolicy {
  template <class T>
  static drawn<T> sample_with_log_prob(const params&, const head<T>& x, const T&) {
    return {at::zeros_like(x.out), at::full({x.out.size(0)}, -double(x.out.size(1)) * std::log(2.0), at::kDouble)};
  }
};
double lse(double a, double b, double c) { return std::log(std::exp(a) + std::exp(b) + std::exp(c)); }
}  // namespace

TEST_CASE("a calibrated gap, computed by hand", "[critic]") {
  // One state, one member; an action of each kind with values 1 (uniform), 2 (pi at s), 4 (pi at s'); the log's is 3.
  FixedStep<Even> step;
  step.heads[now] = step.heads[next] = {matrix(1, 1, {0}), {}};
  step.actions = matrix(1, 1, {0.5}), step.rewards = row({0});
  step.noise = {matrix(1, 1, {0.5}), matrix(1, 1, {0}), matrix(1, 1, {0})};
  const auto q = leaf(row({1, 2, 4}).view({1, 1, 3}));
  step.many_q = [q](place, const at::Tensor&) { return q; };
  step.trained_q = [](place, const at::Tensor&) { return matrix(1, 1, {3}); };
  Calibrated<NoUpdate>::params h;
  h.weight = 2, h.uniform_actions = h.policy_actions = h.next_policy_actions = 1;
  // All densities are 1/2, which adds log 2 to each value.
  const auto gap = [&](double a, double b, double c) {
    const double l = std::log(2.0);
    return 2 * (lse(a + l, b + l, c + l) - 3);
  };

  step.logged_returns = row({3});  // lifts the policy's 2, not its 4, nor the uniform action's 1
  auto loss = only(Calibrated<NoUpdate>::loss(h, step), "critic/conservative");
  CHECK(number(loss) == Approx(gap(1, 3, 4)));
  loss.backward();
  const double sum = std::exp(1) + std::exp(3) + std::exp(4);
  CHECK(close(q.grad().view({3}), row({2 * std::exp(1) / sum, 0, 2 * std::exp(4) / sum})));

  // Where Q is below the return everywhere, the policy's values are not pushed down at all.
  q.mutable_grad() = at::Tensor();
  step.draws = 0;
  step.logged_returns = row({10});
  loss = only(Calibrated<NoUpdate>::loss(h, step), "critic/conservative");
  CHECK(number(loss) == Approx(gap(1, 10, 10)));
  loss.backward();
  CHECK(q.grad().view({3}).slice(0, 1).abs().max().item<double>() == 0);

  // A return below all values changes nothing: it is Conservative.
  step.draws = 0;
  step.logged_returns = row({-100});
  CHECK(number(only(Calibrated<NoUpdate>::loss(h, step), "critic/conservative")) == Approx(gap(1, 2, 4)));
}

TEST_CASE("returns are the log's, and an episode that is cut off repeats its last reward", "[critic][train]") {
  auto data = builtin_dataset("pendulum-mixed");
  params_of<recipes::CalQl> p;
  p.critic.net.hidden = p.policy.net.hidden = {4};
  p.critic.discount = 0.9;
  for (const bool repeats : {true, false}) {
    p.critic.repeat_last_reward = repeats;
    CalQl agent(data, p);
    auto replay = replay_for(agent, data, agent.transitions(data));
    train(agent, replay, {.updates = 1, .batch = 8});
    const auto all = replay.all();
    const auto g = all.get<column::returns>(), r = all.rewards;
    REQUIRE(g.isfinite().all().item<bool>());
    const auto& first = data.episodes.front();
    REQUIRE(first.transitions > 2);
    double expected = repeats ? r[first.transitions - 1].item<double>() / (1 - 0.9) : 0;
    for (auto k = first.transitions; k-- > 0;) {
      expected = r[k].item<double>() + 0.9 * expected;
      if (k == first.transitions - 1 || k == first.transitions - 2 || k == 0)
        CHECK(g[k].item<double>() == Approx(expected).epsilon(1e-5));
    }
  }
}
