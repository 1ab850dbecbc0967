// Swapping a policy is one line; a policy that does not fit does not compile.
#include <cstdio>

#include <tessera/algorithms/iql.hpp>
#include <tessera/env/pendulum.hpp>
#include <tessera/policy/deterministic.hpp>
#include <tessera/policy/tanh_gaussian.hpp>
#include <tessera/sources/load.hpp>
#include <tessera/torch.hpp>

using namespace tessera;

struct SquashedIql : recipes::Iql::with<policy<TanhGaussianPolicy>> {};

// Advantage-weighted regression needs log pi(a|s), which a deterministic policy does not have.
// `learner<PointIql>` would be one error, whose first line says:
//   composition_error<in<PointIql>, component<AdvantageWeighted>, wants<want::policy_with_log_prob>,
//                     but_got<DeterministicPolicy>, try_<GaussianPolicy, TanhGaussianPolicy, CategoricalPolicy>>
struct PointIql : recipes::Iql::with<policy<DeterministicPolicy>> {};
static_assert(Composable<SquashedIql> && !Composable<PointIql>);

int main() {
  const auto data = load_dataset("builtin:pendulum-medium");
  learner<SquashedIql> agent(data);
  train(agent, data, {.updates = 300});  // a short run: 5000 updates reach about -164; the data have -563
  std::printf("return %.0f\n", evaluate<Pendulum>(agent, {.episodes = 20}).mean());
}
