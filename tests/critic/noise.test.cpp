#include <tessera/algorithms/dsrl.hpp>

#include <cmath>

#include "helpers/tensors.hpp"
#include "train/sound_updates.hpp"

using namespace tessera;
using namespace support;

// SAC in the noise of a flow, with networks that are lines, of one state and one action.

namespace {
template <class R>
params_of<R> lines() {
  auto p = laws::small<R>();
  for (auto* net : {&p.policy.net, &p.critic.net, &p.behavior.model.net}) net->hidden = {}, net->layer_norm = false;
  p.behavior.model.average = 0, p.behavior.model.steps = 10;
  p.policy.bound = 1.5, p.critic.discount = 0.9;
  return p;
}
/// Makes a network lines, and its slowly moving copy: member i is  factors[i] x + offsets[i],  x the input that is so
/// many places from the end.
template <class R>
void set_line(laws::workbench<R>& bench, const std::string& which, std::vector<float> factors,
              std::vector<float> offsets, std::int64_t from_last = 1) {
  bench.each_network([&](const std::string& name, auto& net) {
    if (name != which) return;
    at::NoGradGuard guard;
    const auto l = net.mlp().look(net.parameters()).layers.back();
    l.weight.zero_();
    for (std::size_t i = 0; i < factors.size(); ++i)
      l.weight[std::int64_t(i)][l.weight.size(1) - from_last][0] = factors[i],
                                                   l.bias[std::int64_t(i)][0][0] = offsets[i];
    net.assign(net.parameters().clone());
    if (name == "critic") net.follow(1);
  });
}
/// The flow dx/dt = x / 2: w becomes 1.05^10 w.
template <class R>
laws::workbench<R> steered(const params_of<R>& p) {
  laws::workbench<R> bench(p, {1, 1});
  set_line(bench, "behavior", {0.5}, {0}, 2);  // of [s, x, t]
  return bench;
}
const double factor = std::pow(1.05, 10);
template <class R>
batch<at::Tensor> one_row() {
  auto b = laws::some_batch<R>(1, 1, {1, 1});
  b.actions = at::full({1, 1}, 0.5), b.rewards = at::full({1}, 2.0), b.not_done = at::ones({1});
  return b;
}
double of(const terms<at::Tensor>& sum, const std::string& name) {
  for (const auto& t : sum.items)
    if (t.name == name) return number(t.value);
  return std::nan("");
}
}  // namespace

TEST_CASE("a critic of noise learns at the noise of the logged action", "[critic]") {
  using R = recipes::Dsrl;
  auto p = lines<R>();
  const auto b = one_row<R>();
  // Each of the ten steps undone is x (1 - .05 (1 - .05 (1 - .05))).
  const double w = 0.5 * std::pow(0.952375, 10);
  for (const bool entropy : {false, true}) {
    p.critic.entropy = entropy;
    auto bench = steered<R>(p);
    set_line(bench, "critic", {2, 3}, {1, 0});
    const auto seen = bench.with_step(b, [&](auto& s) {
      at::NoGradGuard guard;
      return s.pi(next).latent_with_log_prob();
    });
    const double next_w = number(seen.action), least = std::min(2 * next_w + 1, 3 * next_w);
    const double y = 2 + 0.9 * (entropy ? least - number(seen.log_prob) : least);  // the temperature begins at 1
    const double loss = std::pow(2 * w + 1 - y, 2) + std::pow(3 * w - y, 2);
    CHECK(bench.with_step(b, [&](auto& s) {
      CHECK(of(LatentSoftBackup::loss(p.critic, s), "critic/td") == Approx(loss).epsilon(1e-4));
      CHECK(number(s.q(now, b.actions, as::fixed)[0][0]) == Approx(2 * w + 1).epsilon(1e-5));
      const auto many = at::tensor({0.5f, 0.0f, -0.5f}).view({1, 3, 1});
      CHECK(close(s.q(now, many, as::target)[1][0], row({3 * w, 0, -3 * w}), 1e-5));
      return close(s.noise_q(next, at::full({1, 1}, 0.25), as::fixed).squeeze(1), row({1.5, 0.75}), 1e-6);
    }));
  }
}

TEST_CASE("a critic of actions learns at the logged action, and values what the flow makes of noise", "[critic]") {
  using R = recipes::DsrlNoiseAliased;
  auto p = lines<R>();
  p.critic.entropy = false;
  const auto b = one_row<R>();
  auto bench = steered<R>(p);
  set_line(bench, "critic", {2, 3}, {1, 0});
  set_line(bench, "noise_critic", {1, 0}, {0, 0.25});
  const auto w = bench.with_step(b, [&](auto& s) {
    at::NoGradGuard guard;
    return number(s.pi(next).latent_with_log_prob().action);
  });
  const double next_a = std::clamp(factor * w, -1.0, 1.0), y = 2 + 0.9 * std::min(2 * next_a + 1, 3 * next_a);
  const double td = std::pow(2 - y, 2) + std::pow(1.5 - y, 2);
  CHECK(bench.with_step(b, [&](auto& s) { return of(NoiseAliasedBackup::loss(p.critic, s), "critic/td"); }) ==
        Approx(td).epsilon(1e-4));
  // The critic of noise is to be the least critic at the action of standard normal noise, not that of the policy.
  const auto z = bench.with_step(b, [&](auto& s) { return number(s.draw(noise::normal, 1, b.observations)); });
  const double a = std::clamp(factor * z, -1.0, 1.0), q = std::min(2 * a + 1, 3 * a);
  const double distilled = std::pow(z - q, 2) + std::pow(0.25 - q, 2);
  const auto sum = bench.with_step(
      b, [&](auto& s) { return of(NoiseAliasedBackup::adds(stage::noise_critic{}, p.critic, s), "critic/noise"); });
  CHECK(sum == Approx(distilled).epsilon(1e-4));
}

TEST_CASE("the actor climbs the least critic of noise at its own noise", "[actor]") {
  using R = recipes::DsrlNoiseAliased;
  auto p = lines<R>();
  p.actor.initial_temperature = 0.25;
  const auto b = laws::some_batch<R>(4, 8, {1, 1});
  auto bench = steered<R>(p);
  set_line(bench, "noise_critic", {1, -2}, {0, 0.3});
  const auto seen = bench.with_step(b, [&](auto& s) { return s.pi(now).latent_with_log_prob(); });
  const auto w = seen.action.detach(), least = at::minimum(w, 0.3 - 2 * w);
  bench.with_step(b, [&](auto& s) {
    const auto sum = SoftMaximizeNoiseQ::loss(p.actor, s);
    CHECK(of(sum, "actor/q") == Approx(-number(least.mean())).epsilon(1e-5));
    CHECK(of(sum, "actor/entropy") == Approx(0.25 * number(seen.log_prob.mean())).epsilon(1e-5));
    // log alpha is log .25; the target entropy log 1.5 of one dimension.
    CHECK(of(SoftMaximizeNoiseQ::temperature_loss(p.actor, s), "actor/temperature") ==
          Approx(std::log(4.0) * (number(seen.log_prob.mean()) + std::log(1.5))).epsilon(1e-5));
  });
}

TEST_CASE("a critic of noise comes to what the critic of actions says of the flow's actions", "[critic][learning]") {
  using R = recipes::DsrlNoiseAliased;
  auto p = lines<R>();
  p.critic.adam.learning_rate = 0.05, p.critic.noise_steps = 200, p.behavior.keep_training = false;
  auto bench = steered<R>(p);
  set_line(bench, "behavior", {0.0}, {0}, 2);  // the flow stands: a = clip(w)
  set_line(bench, "critic", {0, 0}, {0.7f, 0.4f});
  const auto b = laws::some_batch<R>(2, 64, {1, 1});
  const auto before = bench.all();
  bench.with_step(b, [&](auto& s) { s.run(stage::noise_critic{}); });
  for (const auto& name : laws::different(before, bench.all())) CHECK(name.starts_with("noise_critic/"));
  bench.with_step(b, [&](auto& s) {
    CHECK(close(s.noise_q(now, b.actions, as::fixed), at::full({2, 64}, 0.4), 0.02));
  });
}

TEMPLATE_TEST_CASE("steered, a flow acts better than it was, stands still, and is asked inside of the box",
                   "[critic][learning]", recipes::Dsrl, recipes::DsrlNoiseAliased) {
  // A bandit whose log is spread over (-.8, .8), and whose best action is .5.
  using R = TestType;
  auto p = laws::small<R>();
  p.policy.net.hidden = p.critic.net.hidden = p.behavior.model.net.hidden = {32};
  p.policy.adam.learning_rate = p.critic.adam.learning_rate = p.behavior.model.adam.learning_rate = 3e-3;
  p.actor.adam.learning_rate = 3e-3;
  p.behavior.model.average = 0, p.behavior.pretrain_updates = 400, p.behavior.keep_training = false;
  auto agent = laws::fresh<R>(p, {1, 1});
  const auto g = nn::generator(at::kCPU, 5, 0, 0);
  const std::int64_t rows = 128;
  const auto some = [&] {
    const auto s = at::randn({rows, 1}, g, at::kFloat), a = 0.8 * (2 * at::rand({rows, 1}, g, at::kFloat) - 1);
    return batch<at::Tensor>{s, a, -(a - 0.5).square().squeeze(1), s, at::zeros({rows})};
  };
  for (int k = 0; k < 400; ++k) agent.update(some());
  const auto pretrained = laws::numbers_of(agent);
  for (int k = 0; k < 800; ++k) agent.update(some());
  const auto trained = laws::numbers_of(agent);
  for (const auto& [name, x] : pretrained) {
    INFO(name);
    if (name.starts_with("behavior/")) CHECK(at::equal(x, trained.at(name)));
  }
  const auto s = at::linspace(-1, 1, 50).unsqueeze(1);
  const double steered = number((agent.act(s) - 0.5).square().mean());
  laws::workbench<R> bench(p, {1, 1});
  bench.give(trained);
  bench.with_step({s, s, {}, s, {}}, [&](auto& step) {
    at::NoGradGuard guard;
    const auto of_flow = Generator<FlowPolicy>::samples(p.behavior, step, now, 200);
    const double flow = number((of_flow - 0.5).square().mean());
    INFO(steered << " of " << flow);
    CHECK(flow == Approx(0.25 + 0.64 / 3).epsilon(0.2));  // of the log itself
    CHECK(steered < 0.05 * flow);
    for (int k = 0; k < 20; ++k)
      CHECK(step.pi(now).latent_with_log_prob().action.abs().max().template item<double>() <= 1.5);
  });
}
