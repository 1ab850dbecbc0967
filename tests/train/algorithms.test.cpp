#include <tessera/algorithms.hpp>

#include <set>
#include <tessera/constraint/forward_kl.hpp>
#include <tessera/policy/state_dependent_gaussian.hpp>

#include "train/every_recipe.hpp"

using namespace tessera;
using namespace support;

// Compositions that have no name; those that have are in tests/train/every_recipe_*.test.cpp.

TEST_CASE("the first updates of every algorithm with a model are sound", "[train][algorithms]") {
  updates_are_sound<recipes::MorelNpg::with<policy<StateDependentGaussianPolicy>, actor<AdvantageWeighted>>>(
      "AWR on imagined paths", data_for<recipes::Bc>());
  updates_are_sound<recipes::MorelNpg::with<policy<CategoricalPolicy>, value<ReturnRegression>>>(
      "natural gradient of discrete actions", data_for<recipes::DiscreteBc>());
  updates_are_sound<recipes::Combo::with<critic<Conservative<SoftBackup, LogSumExp, PushUp, ImaginedStates>>,
                                         uncertainty<SoftPenalty<Disagreement>>>>("COMBO and MOPO",
                                                                                  data_for<recipes::Bc>());
  updates_are_sound<recipes::Td3::with<dynamics<GaussianEnsemble>, uncertainty<HaltAbove<EnsembleStd>>,
                                       tessera::data<ModelAugmented>>>("TD3 in a model", data_for<recipes::Bc>());
  updates_are_sound<
      recipe<policy<CategoricalPolicy>, critic<Conservative<SoftBackup>>, actor<FixedTemperatureMaximizeQ>,
             dynamics<GaussianEnsemble>, uncertainty<NextValueStd>, tessera::data<ModelAugmented>>>(
      "discrete COMBO with MOBILE's penalty", data_for<recipes::DiscreteBc>());
}

TEST_CASE("the first updates of every algorithm of weighted imitation are sound", "[train][algorithms]") {
  updates_are_sound<recipes::Xql::with<actor<BoltzmannWeighted>>>("XQL with its own temperature's weights",
                                                                  data_for<recipes::Bc>());
}

TEST_CASE("the first updates of compositions that have no name are sound", "[train][algorithms]") {
  updates_are_sound<recipes::Edac::with<critic<Lagrange<Conservative<Diversified<SoftBackup>>>>>>(
      "CQL and EDAC", data_for<recipes::Bc>());
  updates_are_sound<
      recipes::Iql::with<critic<Conservative<ValueBackup, CurrentPolicy>>, constraint<Lagrange<ForwardKl>>>>(
      "conservative IQL", data_for<recipes::Bc>());
  updates_are_sound<recipes::BracV::with<constraint<Lagrange<Mmd<GaussianKernel>>>, tessera::select<BestOf>>>(
      "BRAC-v with MMD", data_for<recipes::Bc>());
  updates_are_sound<recipes::DiscreteCql::with<critic<Lagrange<Conservative<DoubleQBackup, MaxAction>>>>>(
      "DQN, pressed at its maximum", data_for<recipes::DiscreteBc>());
}

TEST_CASE("every loss of a composition without a name trains its own network and no other", "[train][algorithms]") {
  gradients_stay_home<recipes::Awac::with<constraint<ForwardKl>>>("Awac with ForwardKl");
}

TEST_CASE("percent BC learns from the best episodes alone", "[train][algorithms]") {
  const auto& data = data_for<recipes::Bc>();
  PercentBc agent(data, quick<recipes::PercentBc>());
  // A tenth of 500 episodes of 200 steps; the worst of them is no worse than the best of the others.
  CHECK(agent.transitions().size() == 50 * 200);
  const std::set<std::int64_t> chosen(agent.transitions().begin(), agent.transitions().end());
  double min = 1e300, max = -1e300;
  for (const auto& e : data.episodes) {
    if (chosen.count(e.first) > 0) min = std::min(min, e.episode_return);
    else max = std::max(max, e.episode_return);
  }
  CHECK(min >= max);
}
