#include <tessera/algorithms/re_brac.hpp>

#include "parity/support.hpp"

using namespace tessera;
using parity::small;

namespace {
// The program moves the target policy toward the policy from before its step, and the target critics toward the critics
// that have just stepped: in our terms the targets move between the two.
struct AuthorsReBrac : recipes::ReBrac::with<schedule<Order<stage::critic, stage::targets, stage::actor>>> {};

void compare(const parity::Fixture& f) {
  parity::Twin<AuthorsReBrac>::params p;
  small(p.policy.net, p.policy.adam, f.hyper("actor_lr")), small(p.critic.net, p.critic.adam, f.hyper("critic_lr"));
  p.policy.net.layer_norm = f.hyper("actor_ln") == 1;
  CHECK(p.critic.net.layer_norm);
  CHECK(p.critic.net.norm_epsilon == f.hyper("layer_norm_eps"));
  p.critic.discount = f.hyper("gamma"), p.critic.polyak = f.hyper("tau");
  p.critic.cloning = f.hyper("critic_bc_coef"), p.constraint.weight = f.hyper("actor_bc_coef");
  p.critic.smoothing = f.hyper("policy_noise"), p.critic.smoothing_clip = f.hyper("noise_clip");
  p.schedule.actor = p.schedule.targets = std::int64_t(f.hyper("policy_freq"));
  parity::Twin<AuthorsReBrac> twin(f, p);
  twin.run({{"critic", {"critic/td"}}, {"actor", {"actor/q", "constraint/mse"}}},
           [](int) { return std::vector<std::string>{"next_action_noise"}; });
}
}  // namespace

TEST_CASE("ReBRAC makes the updates of its authors' program", "[parity]") {
  parity::in_both_precisions("rebrac", compare);
}

TEST_CASE("ReBRAC makes the updates of its authors' program with LayerNorm in the policy too", "[parity]") {
  parity::in_both_precisions("rebrac_actor_ln", compare);
}
