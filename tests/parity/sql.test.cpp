#include <tessera/algorithms/sql.hpp>

#include "parity/support.hpp"

using namespace tessera;
using parity::small;

TEST_CASE("SQL makes the updates of its authors' program", "[parity]") {
  parity::in_both_precisions("sql", [](const parity::Fixture& f) {
    Sql::params p;
    small(p.policy.net, p.policy.adam, f.hyper("actor_lr")), small(p.value.net, p.value.adam, f.hyper("value_lr"));
    small(p.critic.net, p.critic.adam, f.hyper("critic_lr"));
    p.policy.adam.cosine_steps = std::int64_t(f.hyper("max_steps"));
    p.critic.discount = f.hyper("discount"), p.critic.polyak = f.hyper("tau");
    p.value.alpha = f.hyper("alpha");
    parity::Twin<recipes::Sql> twin(f, p);
    twin.free("policy", {"actor/log_std"});
    twin.run({{"value", {"value/sparse"}}, {"actor", {"actor/sparse"}}, {"critic", {"critic/td"}}});
  });
}
