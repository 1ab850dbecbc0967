#include <tessera/algorithms/fql.hpp>

#include <tessera/critic/policy_backup.hpp>

#include "parity/support.hpp"

using namespace tessera;
using parity::small;

namespace {
template <class R>
void compare(const parity::Fixture& f) {
  typename parity::Twin<R>::params p;
  const double rate = f.hyper("lr");
  small(p.policy.net, p.policy.adam, rate), small(p.critic.net, p.critic.adam, rate),
      small(p.behavior.model.net, p.behavior.model.adam, rate);
  CHECK((p.critic.net.layer_norm && p.critic.net.norm_last && p.critic.net.activation == activation::gelu));
  CHECK(p.critic.net.norm_epsilon == f.hyper("layer_norm_eps"));
  CHECK((p.policy.net.activation == activation::gelu && !p.policy.net.layer_norm));
  CHECK((p.behavior.model.net.activation == activation::gelu && !p.behavior.model.net.layer_norm));
  CHECK(p.actor.normalize == (f.hyper("normalize_q_loss") == 1));
  p.behavior.model.steps = std::int64_t(f.hyper("flow_steps"));
  p.critic.discount = f.hyper("discount"), p.critic.polyak = f.hyper("tau"), p.constraint.weight = f.hyper("alpha");
  p.critic.adam.epsilon = 2 * f.hyper("adam_eps");  // its critic's loss is half of ours: Adam sees that in its epsilon
  parity::Twin<R> twin(f, p);
  twin.add("policy", "one_step", "", {nn::Mlp(p.policy.net, 5, 1, {2})});
  twin.add("behavior", "flow", "", {nn::Mlp(p.behavior.model.net, 6, 1, {2})});
  twin.run({{"critic", {"critic/td"}, 0.5},
            {"bc_flow", {"behavior/matching"}},
            {"distill", {"constraint/distillation"}, 1 / f.hyper("alpha")},
            {"q", {"actor/q"}}},
           [](int) {
             return std::vector<std::string>{"flow_x0", "flow_t", "next_action_noise", "distill_noise"};
           });
}
// Its targets take the least of two critics, and the actor their mean.
struct OfTheLeast : recipes::FqlNormalized::with<critic<PolicyBackup>> {};
}  // namespace

TEST_CASE("FQL makes the updates of its authors' program", "[parity]") {
  parity::in_both_precisions("fql", compare<recipes::Fql>);
}

TEST_CASE("FQL makes the updates of its authors' program with Q normalized", "[parity]") {
  parity::in_both_precisions("fql_normalised", compare<OfTheLeast>);
}
