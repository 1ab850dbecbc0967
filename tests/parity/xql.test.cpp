#include <tessera/algorithms/xql.hpp>

#include "parity/support.hpp"

using namespace tessera;
using parity::small;

TEST_CASE("XQL makes the updates of its authors' program", "[parity]") {
  parity::in_both_precisions("xql", [](const parity::Fixture& f) {
    Xql::params p;
    small(p.policy.net, p.policy.adam, f.hyper("actor_lr")), small(p.value.net, p.value.adam, f.hyper("value_lr"));
    small(p.critic.net, p.critic.adam, f.hyper("critic_lr"));
    p.policy.adam.cosine_steps = std::int64_t(f.hyper("max_steps"));
    p.critic.discount = f.hyper("discount"), p.critic.polyak = f.hyper("tau");
    CHECK(p.critic.huber == f.hyper("huber_delta"));
    p.value.beta = f.hyper("loss_temp"), p.value.max_z = f.hyper("max_clip");
    p.actor.beta = f.hyper("temperature");
    parity::Twin<recipes::Xql> twin(f, p);
    twin.free("policy", {"actor/log_std"});
    twin.run({{"value", {"value/gumbel"}}, {"actor", {"actor/awr"}}, {"critic", {"critic/td"}}});
  });
}
