#include <tessera/algorithms/diffusion_bc.hpp>
#include <tessera/algorithms/flow_bc.hpp>
//
#include <catch2/catch.hpp>
#include <cmath>

#include <tessera/dataset/statistics.hpp>
#include <tessera/env/pendulum.hpp>
#include <tessera/sources/builtin.hpp>
#include <tessera/torch.hpp>

using namespace tessera;

namespace {
/// Trained on the pendulum's medium log, a clone comes near who logged it, and far from where it began.
template <class Agent>
void clones_the_log(typename Agent::params p, std::int64_t updates) {
  static const Dataset data = builtin_dataset("pendulum-medium");
  const double logged = summarize(data).episode_return.mean;
  Agent agent(data, p, {.seed = 1});
  const double untrained = evaluate<Pendulum>(agent, {.episodes = 30}).mean();
  double first = 0, last = 0;
  train(agent, data, {.updates = updates, .batch = 256, .report_every = updates / 10, .report = [&](const Report& r) {
                        last = r.metrics.front().second;
                        if (first == 0) first = last;
                      }});
  const auto result = evaluate<Pendulum>(agent, {.episodes = 30});
  INFO("logged " << logged << ", learned " << result.mean() << ", untrained " << untrained << "; loss " << first
                 << " to " << last);
  CHECK(last < 0.9 * first);
  CHECK(std::abs(result.mean() - logged) < 350);
  CHECK(result.mean() > untrained + 250);
}
}  // namespace

TEST_CASE("a flow clones the pendulum's log", "[train][learning]") {
  FlowBc::params p;
  p.policy.net.hidden = {128, 128}, p.policy.adam.learning_rate = 1e-3;
  clones_the_log<FlowBc>(p, 3000);
}

TEST_CASE("a diffusion clones the pendulum's log", "[train][learning]") {
  DiffusionBc::params p;
  p.policy.net.width = 64, p.policy.net.blocks = 2, p.policy.net.expansion = 2;
  p.policy.adam.learning_rate = 1e-3, p.policy.average = 0.01;
  clones_the_log<DiffusionBc>(p, 3000);
}
