#include <tessera/algorithms/rlpd.hpp>

#include "parity/support.hpp"

using namespace tessera;
using parity::small;

TEST_CASE("RLPD makes the updates of the authors' program", "[parity]") {
  parity::in_both_precisions("rlpd", [](const parity::Fixture& f) {
    parity::Twin<recipes::Rlpd>::params p;
    small(p.policy.net, p.policy.adam, f.hyper("actor_lr")), small(p.critic.net, p.critic.adam, f.hyper("critic_lr"));
    p.policy.log_std_min = f.hyper("log_std_min"), p.policy.log_std_max = f.hyper("log_std_max");
    p.critic.members = std::int64_t(f.hyper("num_qs")), p.critic.subset = std::int64_t(f.hyper("num_min_qs"));
    p.critic.discount = f.hyper("discount"), p.critic.polyak = f.hyper("tau");
    // Their loss is the mean over members, ours the sum: the same steps, if epsilon is scaled with it.
    p.critic.adam.epsilon *= double(p.critic.members);
    p.actor.adam.learning_rate = f.hyper("temp_lr");
    p.actor.initial_temperature = f.hyper("init_temperature");
    p.actor.target_entropy = f.hyper("target_entropy") / 2;  // ours is that of each of 2 dimensions
    p.schedule.actor = std::int64_t(f.hyper("utd_ratio"));
    parity::Twin<recipes::Rlpd> twin(f, p);
    twin.number("log_alpha", "log_alpha/value");
    // Uniform numbers of which those of the members are the smallest.
    const auto members = [&](const at::Tensor& chosen) {
      auto u = at::full({1, p.critic.members}, 0.9, at::kDouble);
      for (std::int64_t k = 0; k < chosen.numel(); ++k) u[0][chosen[k].item<std::int64_t>()] = 0.1 + 0.1 * double(k);
      return u;
    };
    twin.noise_as("update0/target_members", members), twin.noise_as("update1/target_members", members);
    twin.run(
        {{"critic/update1", {"critic/td"}, 1 / double(p.critic.members)},
         {"actor", {"actor/entropy", "actor/q"}},
         {"alpha", {"actor/temperature"}}},
        [](int) {
          return std::vector<std::string>{"update0/next_action_noise", "update0/target_members",
                                          "update1/next_action_noise", "update1/target_members", "pi_action_noise"};
        },
        -1, 2);
  });
}
