#include <tessera/dynamics/adversarial.hpp>

#include <tessera/algorithms/rambo.hpp>
#include <tessera/data/builtin.hpp>
#include <tessera/torch.hpp>

#include "support/tensors.hpp"

using namespace tessera;
using namespace support;

namespace {
/// A task of one number whose model knows nothing, and a critic that thinks Q = s.
struct Arena {
  params_of<recipes::Rambo> p;
  std::optional<Rambo> agent;
  Arena(double adversary) {
    p.policy.net.hidden = {}, p.critic.net.hidden = {}, p.critic.members = 1, p.critic.adam.learning_rate = 0, p.critic.polyak = 0;
    p.policy.adam.learning_rate = 0;
    p.dynamics.net.hidden = {}, p.dynamics.members = 2, p.dynamics.elites = 2, p.dynamics.adversary = adversary, p.dynamics.weight_decay = 0;
    p.dynamics.adam.learning_rate = 1e-2;
    p.data.starts = 4, p.data.horizon = 1, p.data.keep = 1;
    agent.emplace(problem_spec<torch_backend>{1, 1, 0, at::kCPU}, nn::Units(Normalizer{{0}, {1}, 1, 0, {-1}, {1}}), p);
    agent->each_buffer([&](const std::string& name, auto& x) {
      if constexpr (std::is_same_v<std::decay_t<decltype(x)>, at::Tensor>) {
        at::NoGradGuard guard;
        if (name == "critic/parameters" || name == "critic/target") {
          x.zero_();
          x.view(-1)[0] = 1.0f;  // the weight of s
        }
        if (name == "dynamics/parameters") x.zero_();
      }
    });
  }
  /// The elites' mean change of the state at s = 0.
  double drift() {
    at::NoGradGuard guard;
    return number(GaussianEnsemble::say(agent->dynamics(), at::zeros({1, 1}), at::zeros({1, 1})).means.select(-1, 0).mean());
  }
  void update(int times, std::int64_t logged) {
    const auto zeros = at::zeros({64}), s = at::zeros({64, 1});
    batch<at::Tensor> b{s, at::zeros({64, 1}), zeros, s, at::ones({64})};
    b.logged = logged;
    for (int k = 0; k < times; ++k) agent->update(b);
  }
};
}  // namespace

TEST_CASE("an adversary moves what is imagined to where the policy is worse off", "[dynamics]") {
  Arena against(1), with(-0.0);
  CHECK(against.drift() == 0);
  against.update(30, 0);  // imagined transitions alone: nothing but the adversary
  CHECK(against.drift() < -0.05);
  with.update(30, 0);
  CHECK(std::abs(with.drift()) < 0.01);
}

TEST_CASE("logged transitions hold an adversary back", "[dynamics]") {
  Arena free(0.05), held(0.05);
  free.update(60, 0);
  held.update(60, 32);  // half the batch says that nothing moves
  CHECK(free.drift() < -0.05);
  CHECK(std::abs(held.drift()) < 0.5 * std::abs(free.drift()));
}
