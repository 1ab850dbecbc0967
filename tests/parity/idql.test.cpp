#include <tessera/algorithms/idql.hpp>

#include "parity/support.hpp"

using namespace tessera;
using parity::small;

namespace {
template <class R>
void compare(const parity::Fixture& f, const std::string& sampler) {
  typename parity::Twin<R>::params p;
  small(p.critic.net, p.critic.adam, f.hyper("critic_lr")), small(p.value.net, p.value.adam, f.hyper("value_lr"));
  auto& net = p.policy.net;
  net.width = 8, net.blocks = std::int64_t(f.hyper("actor_num_blocks"));
  net.frequencies = std::int64_t(f.hyper("time_dim")) / 2, net.time_hidden = {8, 8};
  CHECK((net.norm_epsilon == f.hyper("layer_norm_eps") && net.expansion == 4));
  CHECK((p.policy.adam.weight_decay == f.hyper("adamw_weight_decay") && p.policy.adam.decoupled && p.policy.clip));
  p.policy.adam.learning_rate = f.hyper("actor_lr");
  p.policy.adam.cosine_steps = std::int64_t(f.hyper("decay_steps"));
  p.policy.steps = std::int64_t(f.hyper("T")), p.policy.average = f.hyper("actor_tau");
  p.policy.temperature = f.hyper("ddpm_temperature"), p.policy.last_repeats = std::int64_t(f.hyper("M"));
  p.value.tau = f.hyper("critic_hyperparam"), p.select.samples = std::int64_t(f.hyper("N"));
  p.critic.discount = f.hyper("discount"), p.critic.polyak = f.hyper("tau");
  p.critic.adam.epsilon = 2 * f.hyper("adam_eps");  // its critic's loss is half of ours: Adam sees that in its epsilon
  const auto schedule = DiffusionPolicy::schedule(p.policy);
  CHECK(parity::deviation(at::tensor(at::ArrayRef<double>(schedule.alpha)), f("schedule/alphas")) < 1e-12);
  CHECK(parity::deviation(at::tensor(at::ArrayRef<double>(schedule.kept)), f("schedule/alpha_hats")) < 1e-12);

  parity::Twin<R> twin(f, p);
  twin.add("policy", "noise_net", "target_noise_net", {nn::Mlp(net, 6, 1, {2})});
  twin.noise_as("diffusion_step", [](const at::Tensor& t) { return (t.to(at::kDouble) + 0.5) / 5; });
  twin.run({{"diffusion", {"actor/noise"}}, {"value", {"value/expectile"}}, {"critic", {"critic/td"}, 0.5}}, [](int) {
    return std::vector<std::string>{"diffusion_step", "diffusion_noise"};
  });

  // Theirs draws noise for the last steps too, and takes it by 0.
  parity::Scripted::noise.clear();
  for (const auto* name : {"x_T", "z_t4", "z_t3", "z_t2", "z_t1"})
    parity::Scripted::noise.push_back(f(sampler + "/noise/" + name));
  at::Tensor wanted = f(sampler + "/action");
  if constexpr (std::is_same_v<typename R::template get<tessera::select>, ExpectileWeightedOf>) {
    // A draw that takes the fifth candidate, whatever its weight.
    auto u = at::full({1, 6}, 1e-3, at::kDouble);
    u[0][4] = 1 - 1e-6;
    parity::Scripted::noise.push_back(u);
    wanted = f(sampler + "/candidates")[4];
    const at::Tensor v = f(sampler + "/candidate_q") - f(sampler + "/candidate_advantage");
    const auto probability =
        ExpectileWeightedOf::probabilities(p.select, f(sampler + "/candidate_q").view({1, 6}), v[0].view({1}));
    CHECK(parity::deviation(probability, f(sampler + "/choice_probability")) < 1e-12);
  }
  const auto a = twin.learner().act(f(sampler + "/observation").view({1, 3}));
  CHECK(parity::Scripted::noise.empty());
  CHECK(parity::deviation(a, wanted) <= parity::tolerance());
}
}  // namespace

TEST_CASE("IDQL makes the updates of its authors' program, and acts as it does", "[parity]") {
  parity::in_both_precisions("idql", [](const parity::Fixture& f) {
    compare<recipes::Idql>(f, "stepgreedy");
    compare<recipes::IdqlImplicit>(f, "stepsampler");
  });
}
