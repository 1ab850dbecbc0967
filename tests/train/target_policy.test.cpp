#include <tessera/train/target_policy.hpp>
//
#include <tessera/nn/torch.hpp>

#include <catch2/catch.hpp>
#include <cmath>
#include <tessera/algorithms/bc.hpp>
#include <tessera/algorithms/discrete_cql.hpp>
#include <tessera/algorithms/fql.hpp>
#include <tessera/algorithms/td3.hpp>
#include <tessera/policy/tanh_gaussian.hpp>
#include <tessera/torch.hpp>

#include "helpers/logs.hpp"

using namespace tessera;
using ope::acting;

namespace {
struct SquashedBc : recipes::Bc::with<policy<TanhGaussianPolicy>> {};
struct DrawnBc : recipes::Bc::with<tessera::select<Sample>> {};

// Actions from -2 to 6: half a range of 4.
Dataset shifted() {
  auto data = support::log_of({});
  for (auto& a : data.actions) a = 2 + 4 * a;
  data.action_low = {-2}, data.action_high = {6};
  return data;
}
const at::Tensor state = at::tensor({0.3f, -0.7f}).unsqueeze(0);
}  // namespace

TEST_CASE("a log-density is one in the task's own units", "[train][ope]") {
  learner<SquashedBc> agent(shifted());
  // It integrates to one over the actions of the task (midpoints, since it is unbounded toward the edges).
  constexpr std::int64_t count = 20'000;
  const double width = 8.0 / count;
  const auto a = (at::arange(count, at::kDouble) + 0.5) * width - 2;
  const auto l = agent.log_prob(state.expand({count, 2}), a.to(at::kFloat).unsqueeze(1));
  CHECK(l.to(at::kDouble).exp().sum().template item<double>() * width == Approx(1).margin(2e-3));
  // A density in units four times as large is a quarter of it.
  CHECK(agent.units().log_action_volume() == Approx(std::log(4.0)));
}

TEST_CASE("the density of a Gaussian policy that draws, by hand", "[train][ope]") {
  learner<recipes::Bc> agent(shifted());
  const auto policy = ope::target_policy(agent, acting::drawn);
  REQUIRE(ope::has_log_prob(policy));
  CHECK(policy.draws);
  // sigma is 1 in [-1, 1] before training, and so 4 in the task's units, where the mode is the mean.
  const double mean = agent.act(state).template item<double>(), z = (5.0 - mean) / 4;
  const auto l = ope::log_prob(policy, state, at::tensor({5.0f}).unsqueeze(1));
  CHECK(l.item<double>() == Approx(-0.5 * z * z - std::log(4.0) - 0.5 * std::log(2 * 3.14159265358979)).margin(1e-5));
  // Equal keys, equal actions; other keys, others.
  CHECK(at::equal(policy.act(state, 3), policy.act(state, 3)));
  CHECK_FALSE(at::equal(policy.act(state, 3), policy.act(state, 4)));
}

TEST_CASE("of discrete actions there are probabilities, also where the policy is greedy", "[train][ope]") {
  const auto data = support::log_of({.actions = 3});
  learner<recipes::DiscreteCql> greedy(data);
  const auto by_q = ope::target_policy(greedy);
  const auto chosen = greedy.act(state).item<std::int64_t>();
  const auto p = ope::probabilities(by_q, state);
  CHECK(p.sizes() == at::IntArrayRef({1, 3}));
  for (std::int64_t a = 0; a < 3; ++a) CHECK(p[0][a].item<double>() == (a == chosen ? 1 : 0));
  CHECK(ope::has_log_prob(by_q));
  CHECK(ope::log_prob(by_q, state, at::tensor({chosen}, at::kLong)).item<double>() == 0);
  CHECK(std::isinf(ope::log_prob(by_q, state, at::tensor({(chosen + 1) % 3}, at::kLong)).item<double>()));

  learner<recipes::DiscreteBc> cloned(data);
  const auto drawn = ope::target_policy(cloned, acting::drawn), selected = ope::target_policy(cloned);
  CHECK(drawn.draws);
  CHECK_FALSE(selected.draws);
  CHECK(ope::probabilities(drawn, state).sum().item<double>() == Approx(1));
  CHECK(ope::probabilities(drawn, state).max().item<double>() < 1);
  CHECK(ope::probabilities(selected, state).max().item<double>() == 1);
  CHECK(at::allclose(ope::log_prob(drawn, state, at::tensor({1}, at::kLong)).exp(),
                     ope::probabilities(drawn, state).select(1, 1)));
}

TEST_CASE("a policy without a density says why", "[train][ope]") {
  const auto data = support::log_of({});
  learner<recipes::Bc> mode(data);
  CHECK(ope::target_policy(mode).no_density ==
        "it acts by the mode of its policy (GaussianPolicy), which has no density; the policy that draws has one");
  CHECK_THROWS_WITH(ope::log_prob(ope::target_policy(mode), state, at::zeros({1, 1})),
                    Catch::Contains("acts by the mode"));
  learner<DrawnBc> sampler(data);
  CHECK(ope::target_policy(sampler).draws);
  CHECK(ope::has_log_prob(ope::target_policy(sampler)));
  learner<recipes::Td3> td3(data);
  const auto deterministic = ope::target_policy(td3, acting::drawn);
  CHECK(deterministic.no_density == "its policy is deterministic (DeterministicPolicy), and has no density");
  CHECK_FALSE(deterministic.draws);
  learner<recipes::Fql> fql(data);
  const auto generative = ope::target_policy(fql);
  CHECK(generative.draws);
  CHECK_FALSE(ope::has_log_prob(generative));
  CHECK(generative.no_density == "the density of what its policy draws (OneStepPolicy) is not known");
}
