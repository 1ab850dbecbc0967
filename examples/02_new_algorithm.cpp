// A new algorithm in ten lines: IQL's in-sample critic, with a policy that maximizes Q while staying near the data,
// instead of one that is fitted to weighted data.
#include <cstdio>

#include <tessera/actor/maximize_q.hpp>
#include <tessera/algorithms/iql.hpp>
#include <tessera/constraint/squared_error.hpp>
#include <tessera/env/pendulum.hpp>
#include <tessera/policy/deterministic.hpp>
#include <tessera/sources/load.hpp>
#include <tessera/torch.hpp>

using namespace tessera;

struct ClimbingDefaults : recipes::IqlDefaults {
  using recipes::IqlDefaults::on;
  static constexpr void on(MaximizeQ::params& h) { h = {.alpha = 2.5, .normalize = true}; }
};
struct ClimbingIql : recipes::Iql::with<policy<DeterministicPolicy>, actor<MaximizeQ>, constraint<SquaredError>,
                                        defaults<ClimbingDefaults>> {};
static_assert(Composable<ClimbingIql>);

int main() {
  const auto data = load_dataset("builtin:pendulum-medium");
  learner<ClimbingIql> agent(data);
  train(agent, data, {.updates = 300});  // a short run: 5000 updates reach about -205; the data have -563
  std::printf("return %.0f\n", evaluate<Pendulum>(agent, {.episodes = 20}).mean());
}
