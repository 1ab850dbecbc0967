#include <tessera/actor/advantage_weighted.hpp>
#include <tessera/algorithms/awac.hpp>

#include "helpers/fixed_step.hpp"
#include "parity/support.hpp"

using namespace tessera;
using parity::small;

namespace {
// CORL's policy has a mean without bounds; its samples are clipped as ours.
struct UnboundedMean : GaussianPolicy {
  template <class T>
  static T mode(const params&, const head<T>& x) {
    return x.out;
  }
  template <class T>
  static T sample(const params& h, const head<T>& x, const T& eps) {
    return (mode(h, x) + log_std(h, x).exp() * eps).clamp(-1, 1);
  }
  template <class T>
  static T log_prob(const params& h, const head<T>& x, const T& action) {
    return math::normal_log_prob(action, mode(h, x), log_std(h, x));
  }
};
// Its weights are min(exp(A / lambda), 100), not a softmax over the batch.
struct CorlAwac : recipes::Awac::with<policy<UnboundedMean>, actor<AdvantageWeighted>> {};
// A policy whose network computes the logged action's log-density itself.
struct GivenDensity : GaussianPolicy {
  template <class T>
  static T log_prob(const params&, const head<T>& x, const T&) {
    return x.out.squeeze(-1);
  }
};
}  // namespace

TEST_CASE("AWAC makes the updates of CORL's program with its weights and policy", "[parity]") {
  parity::in_both_precisions("awac", [](const parity::Fixture& f) {
    parity::Twin<CorlAwac>::params p;
    small(p.policy.net, p.policy.adam, f.hyper("actor_lr")), small(p.critic.net, p.critic.adam, f.hyper("critic_lr"));
    p.policy.log_std_min = f.hyper("min_log_std"), p.policy.log_std_max = f.hyper("max_log_std");
    p.critic.discount = f.hyper("gamma"), p.critic.polyak = f.hyper("tau");
    p.actor.beta = 1 / f.hyper("awac_lambda"), p.actor.max_weight = f.hyper("exp_adv_max");
    parity::Twin<CorlAwac> twin(f, p);
    twin.free("policy", {"actor/log_std"});
    twin.run({{"critic", {"critic/td"}}, {"actor", {"actor/awr"}}}, [](int) {
      return std::vector<std::string>{"next_action_noise", "pi_action_noise"};
    });
  });
}

TEST_CASE("AWAC's own weights sum to one over a batch, and weigh as CORL's do against each other", "[parity]") {
  const parity::Fixture f("awac");
  const double beta = 1 / f.hyper("awac_lambda");
  for (int t = 0; t < 3; ++t) {
    const auto advantage = f(t, "mid/advantage"), log_prob = f(t, "mid/log_prob"), theirs = (beta * advantage).exp();
    REQUIRE(theirs.max().item<double>() < f.hyper("exp_adv_max"));  // none is clipped
    const auto logged = support::leaf(log_prob.reshape({-1, 1}));
    support::FixedStep<GivenDensity> step;
    step.heads[now] = {logged, {}};
    step.actions = at::zeros_like(logged);
    step.logged_advantage = support::always(advantage);
    const auto loss = support::only(SoftmaxAdvantageWeighted::loss({.beta = beta}, step), "actor/awr");
    CHECK(loss.item<double>() == Approx(-((theirs * log_prob).sum() / theirs.sum()).item<double>()).epsilon(1e-12));
    loss.backward();
    CHECK(support::close(logged.grad().squeeze(1), -theirs / theirs.sum(), 1e-12));
  }
}
