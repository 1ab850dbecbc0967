#include <tessera/algorithms/cal_ql.hpp>
#include <tessera/algorithms/cql.hpp>
#include <tessera/policy/scaled_tanh_gaussian.hpp>

#include <cmath>

#include "parity/support.hpp"

using namespace tessera;
using parity::small;

namespace {
using Names = std::vector<std::string>;

// CORL's CQL has the policy of the code it goes back to: log-stds scaled and shifted by numbers that are
// trained too.
struct CorlCql : recipes::Cql::with<policy<ScaledTanhGaussianPolicy>> {};
struct CorlCqlLagrange : recipes::CqlLagrange::with<policy<ScaledTanhGaussianPolicy>> {};

/// The soft maximum as it is written there (and in the authors' own code):  T log sum_k exp((Q_k - log
/// density_k) / T)  divides the log-density by T too, which is right for T = 1 alone.  Ours divides Q.
struct DividedDensity : LogSumExp {
  template <class Step>
  static typename Step::tensor values(const ConservativeParams& h, Step& step) {
    const auto [a, log_density] = tessera::detail::proposed_actions(h, step);
    return step.q(now, a) - log_density;
  }
};
struct DividedCql : CorlCql::with<critic<Conservative<SoftBackup, DividedDensity>>> {};

template <class R>
parity::Twin<R> twin_of(const parity::Fixture& f) {
  typename parity::Twin<R>::params p;
  small(p.policy.net, p.policy.adam, f.hyper("policy_lr")), small(p.critic.net, p.critic.adam, f.hyper("qf_lr"));
  p.policy.log_std_min = f.hyper("log_std_min"), p.policy.log_std_max = f.hyper("log_std_max");
  p.critic.discount = f.hyper("discount"), p.critic.polyak = f.hyper("soft_target_update_rate");
  p.critic.weight = f.hyper("cql_alpha"), p.critic.temperature = f.hyper("cql_temp");
  p.critic.uniform_actions = p.critic.policy_actions = p.critic.next_policy_actions =
      std::int64_t(f.hyper("cql_n_actions"));
  p.actor.adam.learning_rate = f.hyper("policy_lr"),
  p.actor.target_entropy = f.hyper("target_entropy") / 2;  // ours is that of each of 2 dimensions
  if constexpr (requires { p.critic.target; }) {
    p.critic.target = f.hyper("cql_target_action_gap"), p.critic.multiplier_adam.learning_rate = f.hyper("qf_lr");
  }
  parity::Twin<R> twin(f, p);
  twin.number("log_alpha", "log_alpha/value");
  twin.free("policy", {"actor_log_std_multiplier/value", "actor_log_std_offset/value"}, {-1, 1});
  twin.noise_as("cql_uniform_actions", [](const at::Tensor& a) { return 0.5 * (a + 1); });  // ours is in [0, 1)
  return twin;
}
Names drawn_noise(int) {
  return {"pi_action_noise", "next_action_noise", "cql_uniform_actions", "cql_current_noise", "cql_next_noise"};
}
const parity::Loss improvement{"actor", {"actor/entropy", "actor/q"}}, temperature{"alpha", {"actor/temperature"}},
    td{"td_0+td_1", {"critic/td"}};
const std::vector<parity::Loss> without_multiplier{improvement,
                                                   temperature,
                                                   td,
                                                   {"conservative_0+conservative_1", {"critic/conservative"}},
                                                   {"critic", {"critic/td", "critic/conservative"}}};
}  // namespace

TEST_CASE("CQL makes the updates of CORL's program", "[parity]") {
  parity::in_both_precisions("cql", [](const parity::Fixture& f) {
    auto twin = twin_of<CorlCql>(f);
    twin.run(without_multiplier, drawn_noise);
  });
}

TEST_CASE("CQL of another temperature makes the updates of CORL's program where densities are divided by it",
          "[parity]") {
  parity::in_both_precisions("cql_temp", [](const parity::Fixture& f) {
    auto twin = twin_of<DividedCql>(f);
    twin.run(without_multiplier, drawn_noise);
  });
}

TEST_CASE("CQL with a multiplier makes the updates of CORL's program", "[parity]") {
  parity::in_both_precisions("cql_lagrange", [](const parity::Fixture& f) {
    auto twin = twin_of<CorlCqlLagrange>(f);
    // Their weight is alpha exp(x), ours exp(x).  Their conservative terms are less the target, which no
    // gradient sees: together twice what the multiplier climbs.
    twin.number("critic_multiplier", "log_alpha_prime/value", std::log(f.hyper("cql_alpha")));
    twin.run({improvement,
              temperature,
              td,
              {"alpha_prime", {"critic/multiplier"}},
              {"conservative_0+conservative_1", {"critic/multiplier"}, -2}},
             drawn_noise);
  });
}

namespace {
struct CorlCalQl : recipes::CalQl::with<policy<ScaledTanhGaussianPolicy>> {};
}  // namespace
TEST_CASE("Cal-QL makes the updates of CORL's program", "[parity]") {
  parity::in_both_precisions("cal_ql", [](const parity::Fixture& f) {
    auto twin = twin_of<CorlCalQl>(f);
    twin.run(without_multiplier, drawn_noise);
  });
}
