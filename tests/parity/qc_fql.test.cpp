#include <tessera/algorithms/qc_fql.hpp>

#include "parity/support.hpp"

using namespace tessera;
using parity::small;

namespace {
void compare(const parity::Fixture& f) {
  using R = recipes::QcFql;
  typename parity::Twin<R>::params p;
  const double rate = f.hyper("lr");
  small(p.policy.net, p.policy.adam, rate), small(p.critic.net, p.critic.adam, rate),
      small(p.behavior.model.net, p.behavior.model.adam, rate);
  CHECK(p.critic.net.norm_epsilon == f.hyper("layer_norm_eps"));
  p.behavior.model.steps = std::int64_t(f.hyper("flow_steps")), p.data.steps = std::int64_t(f.hyper("chunk"));
  p.critic.discount = f.hyper("discount"), p.critic.polyak = f.hyper("tau"), p.constraint.weight = f.hyper("alpha");
  p.critic.adam.epsilon =
      2 * f.hyper("adam_eps");  // their critic's loss is half of ours: Adam sees that in its epsilon
  parity::Twin<R> twin(f, p);
  twin.add("policy", "one_step", "", {nn::Mlp(p.policy.net, 9, 1, {6})});
  twin.add("behavior", "flow", "", {nn::Mlp(p.behavior.model.net, 10, 1, {6})});
  twin.run({{"critic", {"critic/td"}, 0.5},
            {"bc_flow", {"behavior/matching"}},
            {"distill", {"constraint/distillation"}, 1 / f.hyper("alpha")},
            {"q", {"actor/q"}}},
           [](int) {
             return std::vector<std::string>{"flow_x0", "flow_t", "next_action_noise", "distill_noise"};
           });
}
}  // namespace

TEST_CASE("QC-FQL makes the updates of its formulas, in another program", "[parity]") {
  parity::in_both_precisions("qc_fql", compare);
}
