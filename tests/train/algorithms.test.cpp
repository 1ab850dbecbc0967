#include <tessera/algorithms.hpp>

#include <cmath>
#include <set>
#include <tessera/constraint/forward_kl.hpp>
#include <tessera/data/builtin.hpp>
#include <tessera/policy/state_dependent_gaussian.hpp>
#include <tessera/torch.hpp>

#include "support/tensors.hpp"

using namespace tessera;
using namespace support;

namespace {
const Dataset& pendulum() {
  static const Dataset data = builtin_dataset("pendulum-mixed");
  return data;
}
const Dataset& cartpole() {
  static const Dataset data = builtin_dataset("cartpole-mixed");
  return data;
}

template <class R>
params_of<R> small() {
  params_of<R> p;
  if constexpr (requires { p.policy.net; }) p.policy.net.hidden = {24};
  if constexpr (requires { p.critic; }) p.critic.net.hidden = {24};
  if constexpr (requires { p.value.net; }) p.value.net.hidden = {24};
  if constexpr (requires { p.value.refresh; }) p.value.refresh = 3;
  if constexpr (requires { p.behavior; }) p.behavior.head_start = 2;
  if constexpr (requires { p.behavior.model; }) p.behavior.model.net.hidden = {24};
  if constexpr (requires { p.dynamics.members; }) {
    p.dynamics.net.hidden = {16}, p.dynamics.members = 3, p.dynamics.elites = 2;
    p.dynamics.batch = 64, p.dynamics.holdout = 0.9, p.dynamics.holdout_rows = 60'000, p.dynamics.max_epochs = 1;
  }
  if constexpr (requires { p.data.starts; }) p.data.starts = 64, p.data.horizon = 2, p.data.every = 2, p.data.keep = 2;
  if constexpr (requires { p.data.paths; }) p.data.paths = 8, p.data.horizon = 6;
  if constexpr (requires { p.actor.cloning_steps; }) p.actor.cloning_steps = 5;
  if constexpr (requires { p.uncertainty.samples; }) p.uncertainty.samples = 3;
  if constexpr (requires { p.critic.target; }) p.critic.target = 4;
  if constexpr (requires { p.constraint.target; }) p.constraint.target = 0.1;
  return p;
}

/// A few updates on data: all numbers finite, all networks moved, actions inside the task's box.
template <class R>
void updates_are_sound(const char* name, const Dataset& data) {
  INFO(name);
  learner<R> agent(data, small<R>());
  std::vector<at::Tensor> before;
  agent.each_buffer([&](const std::string& buffer, auto& x) {
    if constexpr (std::is_same_v<std::decay_t<decltype(x)>, at::Tensor>)
      if (buffer.ends_with("/parameters") || buffer.ends_with("/target") || buffer.ends_with("/value")) before.push_back(x.clone());
  });
  int reports = 0;
  train(agent, data, {.updates = 6, .batch = 32, .report_every = 3, .report = [&](const Report& r) {
                        ++reports;
                        for (const auto& [term, mean] : r.metrics) CHECK(std::isfinite(mean));
                      }});
  CHECK(reports == 2);
  std::size_t i = 0;
  agent.each_buffer([&](const std::string& buffer, auto& x) {
    if constexpr (std::is_same_v<std::decay_t<decltype(x)>, at::Tensor>)
      if (buffer.ends_with("/parameters") || buffer.ends_with("/target") || buffer.ends_with("/value")) {
        INFO(buffer);
        CHECK(x.isfinite().all().template item<bool>());
        CHECK_FALSE(at::equal(x, before[i++]));
      }
  });
  const auto x = at::randn({9, data.observation_size});
  const auto a = agent.act(x);
  CHECK_FALSE(a.requires_grad());
  CHECK(at::equal(agent.act(x), a));
  if (data.kind == action_kind::continuous) {
    CHECK(a.sizes() == at::IntArrayRef({9, data.action_size}));
    CHECK(a.abs().max().template item<float>() <= 2);  // the pendulum's torque
  } else {
    CHECK(a.sizes() == at::IntArrayRef({9}));
    CHECK(a.max().template item<std::int64_t>() < data.action_size);
  }
}

bool none(const at::Tensor& gradient) { return gradient.abs().max().item<float>() == 0; }
at::Tensor sum_of(const terms<at::Tensor>& sum) {
  auto all = sum.items[0].value;
  for (std::size_t i = 1; i < sum.items.size(); ++i) all = all + sum.items[i].value;
  return all;
}

/// The networks that a stage steps, by the names of what they keep.
const std::map<std::string, std::vector<std::string>> homes{
    {"actor", {"policy"}}, {"critic", {"critic"}}, {"value", {"value"}}, {"behavior", {"behavior", "encoder", "decoder"}}};

/// Each loss reaches the parameters of its own network, down to the first layer, and no others'.
template <class R>
void gradients_stay_home(const char* name) {
  INFO(name);
  constexpr bool discrete = std::is_same_v<typename R::template get<policy>::space, Discrete>;
  torch::manual_seed(5);
  const auto p = small<R>();
  const problem_spec<torch_backend> on{3, 2, 7, at::kCPU, discrete};
  tessera::detail::memory<R, torch_backend> m(p, on);
  const nn::Units units(nn::Units(Normalizer{{0, 0, 0}, {1, 1, 1}, 1, 0, {-1, -1}, {1, 1}}), on);
  const std::int64_t n = 16;
  const auto actions = [&] { return discrete ? at::randint(2, {n}, at::kLong) : at::rand({n, 2}) * 1.8 - 0.9; };
  batch<at::Tensor> b{at::randn({n, 3}), actions(), at::randn({n}), at::randn({n, 3}), at::ones({n})};
  b.set<column::next_action>(actions()), b.set<column::next_action_known>(at::ones({n})), b.set<column::returns>(at::randn({n}));
  std::size_t stages = 0;
  // In every order of stages: what one asks for first, the others find.
  const auto in_order = [&]<class... Stages>(list_of<Stages...>) {
    step<R, torch_backend> s(p, m, on, units, b, 1);
    ([&] {
      const auto sum = s.summands(Stages{});
      if (sum.empty()) return;
      ++stages;
      INFO("stage " << Stages::name);
      const auto loss = sum_of(sum);
      CHECK(loss.dim() == 0);
      loss.backward();
      m.each([&]<class N>(const std::string& owner, N& net) {
        if constexpr (requires { net.mlp(); }) {
          INFO(owner);
          const auto first_layer = net.gradient().sum(0).narrow(1, 0, net.mlp().inputs() * 24);
          const auto& own = homes.at(Stages::name);
          if (std::find(own.begin(), own.end(), owner) != own.end()) CHECK_FALSE(none(first_layer));
          else CHECK(none(net.gradient()));
          net.gradient().zero_();
        }
      });
    }(), ...);
  };
  in_order(list_of<stage::behavior, stage::critic, stage::value, stage::actor>{});
  in_order(list_of<stage::actor, stage::critic, stage::value, stage::behavior>{});
  in_order(list_of<stage::value, stage::actor, stage::behavior, stage::critic>{});
  CHECK(stages > 0);
}
}  // namespace

TEST_CASE("the first updates of every algorithm of continuous actions are sound", "[train][algorithms]") {
  updates_are_sound<recipes::Bc>("Bc", pendulum());
  updates_are_sound<recipes::PercentBc>("PercentBc", pendulum());
  updates_are_sound<recipes::Iql>("Iql", pendulum());
  updates_are_sound<recipes::Awac>("Awac", pendulum());
  updates_are_sound<recipes::Td3>("Td3", pendulum());
  updates_are_sound<recipes::Td3Bc>("Td3Bc", pendulum());
  updates_are_sound<recipes::Sac>("Sac", pendulum());
}

TEST_CASE("the first updates of every algorithm with a constraint are sound", "[train][algorithms]") {
  updates_are_sound<recipes::AcBc>("AcBc", pendulum());
  updates_are_sound<recipes::ReverseKlActorCritic>("ReverseKlActorCritic", pendulum());
  updates_are_sound<recipes::BracP>("BracP", pendulum());
  updates_are_sound<recipes::BracV>("BracV", pendulum());
  updates_are_sound<recipes::BracVDual>("BracVDual", pendulum());
  updates_are_sound<recipes::RewardKl>("RewardKl", pendulum());
  updates_are_sound<recipes::Bear>("Bear", pendulum());
  updates_are_sound<recipes::ReBrac>("ReBrac", pendulum());
}

TEST_CASE("the first updates of every algorithm with a model are sound", "[train][algorithms]") {
  updates_are_sound<recipes::Mopo>("Mopo", pendulum());
  updates_are_sound<recipes::MopoDisagreement>("MopoDisagreement", pendulum());
  updates_are_sound<recipes::Morel>("Morel", pendulum());
  updates_are_sound<recipes::Combo>("Combo", pendulum());
  updates_are_sound<recipes::Mobile>("Mobile", pendulum());
  updates_are_sound<recipes::Rambo>("Rambo", pendulum());
  updates_are_sound<recipes::MorelNpg>("MorelNpg", pendulum());
  // And some that have no name.
  updates_are_sound<recipes::MorelNpg::with<policy<StateDependentGaussianPolicy>, actor<AdvantageWeighted>>>("AWR on imagined paths", pendulum());
  updates_are_sound<recipes::MorelNpg::with<policy<CategoricalPolicy>, value<ReturnRegression>>>("natural gradient of discrete actions", cartpole());
  updates_are_sound<recipes::Combo::with<critic<Conservative<SoftBackup, LogSumExp, PushUp, ImaginedStates>>, uncertainty<SoftPenalty<Disagreement>>>>(
      "COMBO and MOPO", pendulum());
  updates_are_sound<recipes::Td3::with<dynamics<GaussianEnsemble>, uncertainty<HaltAbove<StdOfMeans>>, tessera::data<ModelAugmented>>>("TD3 in a model", pendulum());
  updates_are_sound<recipe<policy<CategoricalPolicy>, critic<Conservative<SoftBackup>>, actor<FixedTemperatureMaximiseQ>, dynamics<GaussianEnsemble>,
                           uncertainty<NextValueStd>, tessera::data<ModelAugmented>>>("discrete COMBO with MOBILE's penalty", cartpole());
}

TEST_CASE("the first updates of every algorithm of weighted imitation are sound", "[train][algorithms]") {
  updates_are_sound<recipes::Awr>("Awr", pendulum());
  updates_are_sound<recipes::AwacLearnedV>("AwacLearnedV", pendulum());
  updates_are_sound<recipes::Crr>("Crr", pendulum());
  updates_are_sound<recipes::CrrBinary>("CrrBinary", pendulum());
  updates_are_sound<recipes::IqlQuantile>("IqlQuantile", pendulum());
  updates_are_sound<recipes::Xql>("Xql", pendulum());
  updates_are_sound<recipes::Sql>("Sql", pendulum());
  updates_are_sound<recipes::Eql>("Eql", pendulum());
  updates_are_sound<recipes::Xql::with<actor<BoltzmannWeighted>>>("XQL with its own temperature's weights", pendulum());
  updates_are_sound<recipes::InAc>("InAc", pendulum());
}

TEST_CASE("the first updates of every algorithm with a pessimistic critic are sound", "[train][algorithms]") {
  updates_are_sound<recipes::Cql>("Cql", pendulum());
  updates_are_sound<recipes::CqlLagrange>("CqlLagrange", pendulum());
  updates_are_sound<recipes::CqlLowerBound>("CqlLowerBound", pendulum());
  updates_are_sound<recipes::SacN>("SacN", pendulum());
  updates_are_sound<recipes::Edac>("Edac", pendulum());
  updates_are_sound<recipes::DiscreteCql>("DiscreteCql", cartpole());
}

TEST_CASE("the first updates of compositions that have no name are sound", "[train][algorithms]") {
  updates_are_sound<recipes::Edac::with<critic<Lagrange<Conservative<Diversified<SoftBackup>>>>>>("CQL and EDAC", pendulum());
  updates_are_sound<recipes::Iql::with<critic<Conservative<ValueBackup, ThePolicy>>, constraint<Lagrange<ForwardKl>>>>("conservative IQL", pendulum());
  updates_are_sound<recipes::BracV::with<constraint<Lagrange<Mmd<GaussianKernel>>>, tessera::select<BestOf>>>("BRAC-v with MMD", pendulum());
  updates_are_sound<recipes::DiscreteCql::with<critic<Lagrange<Conservative<DoubleQBackup, Greatest>>>>>("DQN, pressed at its maximum", cartpole());
}

TEST_CASE("the first updates of every algorithm of discrete actions are sound", "[train][algorithms]") {
  updates_are_sound<recipes::DiscreteBc>("DiscreteBc", cartpole());
  updates_are_sound<recipes::DiscreteIql>("DiscreteIql", cartpole());
  updates_are_sound<recipes::DiscreteAwac>("DiscreteAwac", cartpole());
  updates_are_sound<recipes::DiscreteAwr>("DiscreteAwr", cartpole());
  updates_are_sound<recipes::DiscreteXql>("DiscreteXql", cartpole());
  updates_are_sound<recipes::DiscreteSql>("DiscreteSql", cartpole());
  updates_are_sound<recipes::DiscreteEql>("DiscreteEql", cartpole());
  updates_are_sound<recipes::DiscreteInAc>("DiscreteInAc", cartpole());
  updates_are_sound<recipes::DiscreteRewardKl>("DiscreteRewardKl", cartpole());
  updates_are_sound<recipes::DiscreteBcq>("DiscreteBcq", cartpole());
}

TEST_CASE("every loss trains its own network and no other", "[train][algorithms]") {
  gradients_stay_home<recipes::Bc>("Bc");
  gradients_stay_home<recipes::Iql>("Iql");
  gradients_stay_home<recipes::Awac>("Awac");
  gradients_stay_home<recipes::Td3>("Td3");
  gradients_stay_home<recipes::Td3Bc>("Td3Bc");
  gradients_stay_home<recipes::Sac>("Sac");
  gradients_stay_home<recipes::DiscreteBc>("DiscreteBc");
  gradients_stay_home<recipes::DiscreteIql>("DiscreteIql");
  gradients_stay_home<recipes::DiscreteAwac>("DiscreteAwac");
  gradients_stay_home<recipes::Awac::with<constraint<ForwardKl>>>("Awac with ForwardKl");
}

TEST_CASE("every loss of constraints and pessimism trains its own network and no other", "[train][algorithms]") {
  gradients_stay_home<recipes::BracV>("BracV");
  gradients_stay_home<recipes::BracVDual>("BracVDual");
  gradients_stay_home<recipes::RewardKl>("RewardKl");
  gradients_stay_home<recipes::Bear>("Bear");
  gradients_stay_home<recipes::ReBrac>("ReBrac");
  gradients_stay_home<recipes::Awr>("Awr");
  gradients_stay_home<recipes::AwacLearnedV>("AwacLearnedV");
  gradients_stay_home<recipes::CrrBinary>("CrrBinary");
  gradients_stay_home<recipes::Xql>("Xql");
  gradients_stay_home<recipes::Sql>("Sql");
  gradients_stay_home<recipes::Eql>("Eql");
  gradients_stay_home<recipes::InAc>("InAc");
  gradients_stay_home<recipes::Cql>("Cql");
  gradients_stay_home<recipes::CqlLowerBound>("CqlLowerBound");
  gradients_stay_home<recipes::DiscreteCql>("DiscreteCql");
  gradients_stay_home<recipes::DiscreteBcq>("DiscreteBcq");
  gradients_stay_home<recipes::Edac>("Edac");
  gradients_stay_home<recipes::MorelNpg>("MorelNpg");
}

TEST_CASE("percent BC learns from the best episodes alone", "[train][algorithms]") {
  const auto& data = pendulum();
  PercentBc agent(data, small<recipes::PercentBc>());
  // A tenth of 500 episodes of 200 steps; the worst of them is no worse than the best of the others.
  CHECK(agent.transitions().size() == 50 * 200);
  const std::set<std::int64_t> chosen(agent.transitions().begin(), agent.transitions().end());
  double least = 1e300, most = -1e300;
  for (const auto& e : data.episodes) {
    if (chosen.count(e.first) > 0) least = std::min(least, e.episode_return);
    else most = std::max(most, e.episode_return);
  }
  CHECK(least >= most);
}
