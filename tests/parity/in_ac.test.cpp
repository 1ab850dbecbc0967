#include <tessera/algorithms/in_ac.hpp>

#include "parity/support.hpp"

using namespace tessera;
using parity::small;

TEST_CASE("InAC makes the updates of its authors' program", "[parity]") {
  parity::in_both_precisions("in_ac", [](const parity::Fixture& f) {
    InAc::params p;
    const double rate = f.hyper("learning_rate");
    small(p.policy.net, p.policy.adam, rate), small(p.critic.net, p.critic.adam, rate),
        small(p.value.net, p.value.adam, rate);
    small(p.behavior.model.net, p.behavior.model.adam, rate);
    p.critic.discount = f.hyper("gamma"), p.critic.polyak = 1 - f.hyper("polyak");
    p.actor.temperature = f.hyper("tau");
    p.critic.adam.epsilon =
        4 * f.hyper("adam_eps");  // its critics' loss is a quarter of ours: Adam sees that in its epsilon alone
    parity::Twin<recipes::InAc> twin(f, p);
    twin.free("policy", {"actor/log_std_logits"});
    twin.add("behavior", "behaviour", "",
             {nn::Mlp(p.behavior.model.net, 3, 1, SigmoidStdGaussianPolicy::layout(p.behavior.model, 2))});
    twin.free("behavior", {"behaviour/log_std_logits"});
    twin.run({{"behaviour", {"behavior/nll"}},
              {"value", {"value/mse"}},
              {"critic", {"critic/td"}, 0.25},
              {"actor", {"actor/in_sample"}}},
             [](int) {
               return std::vector<std::string>{"pi_action_noise", "next_action_noise"};
             });
  });
}
