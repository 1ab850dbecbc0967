#include <tessera/algorithms/iql.hpp>

#include "parity/support.hpp"

using namespace tessera;
using parity::small;

namespace {
Iql::params settings(const parity::Fixture& f) {
  Iql::params p;
  small(p.policy.net, p.policy.adam, f.hyper("actor_lr")),
      small(p.critic.net, p.critic.adam, f.has("hyper/critic_lr") ? f.hyper("critic_lr") : f.hyper("qf_lr"));
  small(p.value.net, p.value.adam, f.has("hyper/value_lr") ? f.hyper("value_lr") : f.hyper("vf_lr"));
  p.policy.adam.cosine_steps = std::int64_t(f.hyper("max_steps"));
  p.critic.discount = f.hyper("discount"), p.critic.polyak = f.hyper("tau");
  return p;
}
}  // namespace

TEST_CASE("IQL makes the updates of its authors' program", "[parity]") {
  parity::in_both_precisions("iql_author", [](const parity::Fixture& f) {
    auto p = settings(f);
    p.value.tau = f.hyper("expectile"), p.actor.beta = f.hyper("temperature"),
    p.actor.max_weight = f.hyper("weight_clip");
    parity::Twin<recipes::Iql> twin(f, p);
    twin.free("policy", {"actor/log_std"});
    twin.run({{"value", {"value/expectile"}}, {"actor", {"actor/awr"}}, {"critic", {"critic/td"}}});
  });
}

namespace {
// CORL takes all three losses with the networks as they were before the update, and moves the targets last.
struct CorlIql : recipes::Iql::with<schedule<AllAtOnce>> {};
}  // namespace

TEST_CASE("IQL makes the updates of CORL's program in its order", "[parity]") {
  parity::in_both_precisions("iql_corl", [](const parity::Fixture& f) {
    auto q = settings(f);
    q.value.tau = f.hyper("iql_tau"), q.actor.beta = f.hyper("beta"), q.actor.max_weight = f.hyper("exp_adv_max");
    q.policy.log_std_min = f.hyper("log_std_min");
    q.critic.adam.epsilon =
        2 * f.hyper("adam_eps");  // its critic's loss is half of ours: Adam sees that in its epsilon alone
    parity::Twin<CorlIql>::params p;
    p.policy = q.policy, p.critic = q.critic, p.value = q.value, p.actor = q.actor;
    parity::Twin<CorlIql> twin(f, p);
    twin.free("policy", {"actor/log_std"});
    twin.run({{"value", {"value/expectile"}}, {"critic", {"critic/td"}, 0.5}, {"actor", {"actor/awr"}}});
  });
}
