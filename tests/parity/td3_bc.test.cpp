#include <tessera/algorithms/td3_bc.hpp>

#include "parity/support.hpp"

using namespace tessera;
using parity::small;

TEST_CASE("TD3+BC makes the updates of the reference program", "[parity]") {
  parity::in_both_precisions("td3_bc", [](const parity::Fixture& f) {
    Td3Bc::params p;
    small(p.policy.net, p.policy.adam, f.hyper("actor_lr")), small(p.critic.net, p.critic.adam, f.hyper("critic_lr"));
    p.critic.discount = f.hyper("discount"), p.critic.polyak = f.hyper("tau");
    p.critic.smoothing = f.hyper("policy_noise"), p.critic.smoothing_clip = f.hyper("noise_clip");
    p.actor.alpha = f.hyper("alpha");
    p.schedule.actor = p.schedule.targets = std::int64_t(f.hyper("policy_freq"));
    parity::Twin<recipes::Td3Bc> twin(f, p);
    twin.run({{"critic", {"critic/td"}}, {"actor", {"actor/q", "constraint/mse"}}},
             [](int) { return std::vector<std::string>{"next_action_noise"}; });
  });
}
