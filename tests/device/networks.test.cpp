#include <tessera/compose/step.hpp>
#include <tessera/math/bounded_normal.hpp>
#include <tessera/math/ensemble.hpp>
#include <tessera/math/expectile.hpp>
#include <tessera/math/normal.hpp>
#include <tessera/math/target.hpp>
#include <tessera/nn/network.hpp>
#include <tessera/train/replay.hpp>

#include "helpers/device.hpp"
#include "helpers/emulated_cuda.hpp"

using namespace tessera;
using namespace support;
using at::Tensor;

namespace {
Tensor normal(at::IntArrayRef sizes) {
  static auto g = at::detail::createCPUGenerator(5);
  return at::empty(sizes, at::kFloat).normal_(0, 1, g);
}
nn::Network network(const at::Device& device, const MlpOptions& h, std::int64_t members, head_layout top) {
  return nn::Network(h, {.learning_rate = 0.01, .weight_decay = 0.1, .max_gradient_norm = 1}, 5, members, top, true,
                     device, nn::generator(at::kCPU, 3, 0, 0));
}

/// Every kind of pass, and of step, of two equal networks, one of them on the device.
void same_passes(const at::Device& device, const MlpOptions& h, std::int64_t members, head_layout top) {
  auto here = network(at::kCPU, h, members, top), there = network(device, h, members, top);
  const auto s = normal({7, 3}), other = normal({7, 3}), a = normal({7, 2}), many = normal({7, 4, 2}),
             sa = at::cat({s, a}, 1);
  const auto apart = normal({std::max<std::int64_t>(members, 1), 7, 5});
  const auto both = [&](auto pass) {  // value, gradients of the inputs and of the parameters
    const auto run = [&](nn::Network& net, const at::Device& where) {
      std::vector<Tensor> in, out;
      for (const auto& x : {s, a, many, sa, apart}) in.push_back(x.to(where).detach().requires_grad_());
      const Tensor y = pass(net, in);
      out.push_back(y.detach());
      if (y.requires_grad()) {
        y.square().sum().backward();
        for (const auto& x : in) out.push_back(x.grad().defined() ? x.grad() : at::zeros({}, x.options()));
      }
      out.push_back(net.gathered_gradient());
      net.move(at::zeros({1, net.parameters().size(1)}, net.parameters().options()));  // forgets the gradient
      return out;
    };
    const auto x = run(there, device), y = run(here, at::kCPU);
    REQUIRE(x.size() == y.size());
    for (std::size_t i = 0; i < x.size(); ++i) {
      CAPTURE(i);
      CHECK(x[i].device() == device);
      CHECK(same_numbers(x[i], y[i], 1e-4));
    }
  };
  both([](auto& net, auto& x) { return net.trained(x[3]).out; });
  both([](auto& net, auto& x) { return net.trained(x[0], x[1]).out; });
  both([](auto& net, auto& x) { return net.frozen(x[0], x[1]).out; });
  both([](auto& net, auto& x) { return net.frozen(x[0], x[1], 1).out; });
  both([](auto& net, auto& x) { return net.trained_many(x[0], x[2]).out; });
  both([](auto& net, auto& x) { return net.frozen_many(x[0], x[2]).out; });
  both([](auto& net, auto& x) { return net.trained_apart(x[4]).out; });
  both([](auto& net, auto& x) { return at::NoGradGuard(), net.fixed(x[0], x[1]).out; });
  both([](auto& net, auto& x) { return at::NoGradGuard(), net.target_many(x[0], x[2]).out; });
  both([](auto& net, auto& x) { return at::NoGradGuard(), net.fixed_apart(x[4]).out; });
  both([](auto& net, auto& x) {
    auto two = net.trained_and_fixed(x[3], x[3].detach() * 0.5);
    return two[0].out + two[1].out;
  });
  both([](auto& net, auto& x) {
    at::NoGradGuard guard;
    auto two = net.both_fixed(x[3], x[3] * 0.5);
    return two[0].out + two[1].out;
  });
  if (top.outputs == 1) both([](auto& net, auto& x) { return net.action_gradient(x[0], x[1]); });
  if (top.state_independent > 0)
    both([](auto& net, auto& x) { return net.trained(x[3]).state_independent + 0 * x[3].sum(); });

  for (int k = 0; k < 3; ++k)
    for (auto* net : {&here, &there}) {
      const auto where = net == &here ? at::Device(at::kCPU) : device;
      net->trained(sa.to(where)).out.square().sum().backward();
      net->decay({0.1, 0.2});
      if (k == 1) net->apply_and_follow(0.3);
      else net->apply();
      if (k == 2) net->follow(0.2);
    }
  CHECK(same_numbers(there.parameters(), here.parameters(), 1e-4));
  CHECK(same_numbers(there.target_parameters(), here.target_parameters(), 1e-4));
}

/// Value and gradients of a function of float32 tensors, on the device and on the CPU, where it may be one node.
void same(const at::Device& device, const std::function<Tensor(const std::vector<Tensor>&)>& f,
          const std::vector<Tensor>& inputs) {
  const auto run = [&](const at::Device& where) {
    std::vector<Tensor> x;
    for (const auto& one : inputs) x.push_back(one.to(where).detach().requires_grad_());
    const auto y = f(x);
    std::vector<Tensor> out{y.detach()};
    for (const auto& g : torch::autograd::grad({y.sum()}, x, {}, false, false, true))
      out.push_back(g.defined() ? g : at::zeros({}, y.options()));
    return out;
  };
  const auto x = run(device), y = run(at::kCPU);
  for (std::size_t i = 0; i < x.size(); ++i) {
    CAPTURE(i);
    CHECK(same_numbers(x[i], y[i], 1e-4));
  }
}
}  // namespace

TEST_CASE("networks and their optimizer are the CPU's on another device", "[device][nn]") {
  const auto device = other_device();
  const emulated::OnPretendedDevice kernels(GENERATE(false, true));
  for (auto act : {activation::relu, activation::gelu, activation::tanh, activation::silu})
    for (bool norm : {false, true})
      for (std::int64_t members : {0, 1, 3}) {
        CAPTURE(int(act), norm, members);
        MlpOptions h;
        h.hidden = {8, 6}, h.activation = act, h.layer_norm = norm;
        same_passes(device, h, members, {2, 2});
        same_passes(device, h, members, head_layout::value());
      }
  MlpOptions h;
  h.hidden = {}, h.init = initialization::orthogonal;
  same_passes(device, h, 2, {3});
}

TEST_CASE("a network's slope in its parameters is the CPU's on another device", "[device][nn]") {
  const auto device = other_device();
  MlpOptions h;
  h.hidden = {8};
  auto here = network(at::kCPU, h, 0, {2, 2}), there = network(device, h, 0, {2, 2});
  const auto x = normal({7, 5}), v = normal({1, here.parameters().size(1)}), u = normal({7, 2}), w = normal({2});
  const auto a = here.jacobian(x), b = there.jacobian(x.to(device));
  CHECK(same_numbers(b.times(v.to(device)).out, a.times(v).out, 1e-4));
  CHECK(same_numbers(b.transposed_times({u.to(device), w.to(device)}), a.transposed_times({u, w}), 1e-4));
}

TEST_CASE("losses, densities and samples are the CPU's on another device", "[device][math]") {
  const auto device = other_device();
  const emulated::OnPretendedDevice kernels(GENERATE(false, true));
  const auto check = [&](auto f, const std::vector<Tensor>& x) { same(device, f, x); };
  check([](auto& x) { return math::squared_td(x[0], x[1]); }, {normal({3, 9}), normal({9})});
  check([](auto& x) { return math::min(x[0]); }, {normal({3, 9})});
  check([](auto& x) { return math::likeness(x[0]); }, {normal({3, 9, 2})});
  check([](auto& x) { return math::log_sum_exp_gap(x[0], x[1], 0.7); }, {normal({3, 9, 5}), normal({3, 9})});
  check([](auto& x) { return math::expectile_loss(x[0], x[1], 0.7); }, {normal({9}), normal({9})});
  check([](auto& x) { return math::quantile_loss(x[0], x[1], 0.7); }, {normal({9}), normal({9})});
  check([](auto& x) { return math::gumbel_loss(x[0], x[1], 0.7); }, {normal({9}), normal({9})});
  check([](auto& x) { return math::weighted_nll(x[0], x[1]); }, {normal({9}).exp(), normal({9})});
  check([](auto& x) { return math::weighted_nll_sum(x[0], x[1]); }, {normal({9}).exp(), normal({9})});
  check([](auto& x) { return math::td_target(x[0], 0.9, x[1], x[2]); }, {normal({9}), normal({9}), normal({9})});
  check([](auto& x) { return math::exp_weight(x[0], 3, 10); }, {normal({9})});
  check([](auto& x) { return math::normal_log_prob(x[0], x[1], x[2]); },
        {normal({9, 2}), normal({9, 2}), 0.5 * normal({2})});
  check([](auto& x) { return math::tanh_mean_normal_log_prob(x[0], x[1], x[2], -0.3, 0.4); },
        {normal({9, 2}), normal({9, 2}), 0.5 * normal({2})});
  check([](auto& x) { return math::tanh_normal_sample(x[0], x[1], -5, 0.5).action; }, {normal({9, 4}), normal({9, 2})});
  check([](auto& x) { return math::tanh_normal_sample(x[0], x[1], -5, 0.5).log_prob; },
        {normal({9, 4}), normal({9, 2})});
  check([](auto& x) { return math::bounded_normal_nll(x[0], x[1], x[2], x[3], 0.5); },
        {normal({3, 9, 4}), normal({2}) - 2, normal({2}), normal({3, 9, 2})});
}

TEST_CASE("units are the CPU's on another device", "[device][nn]") {
  const auto device = other_device();
  const Normalizer units{{0.1f, -2}, {3, 0.5f}, 2, 0.3f, {-1}, {4}};
  const nn::Units here(nn::Units(units), problem_spec<same_noise>{2, 1, 0, at::kCPU}),
      there(nn::Units(units), problem_spec<same_noise>{2, 1, 0, device});
  const auto s = normal({5, 2}), a = normal({5, 1}).tanh(), r = normal({5});
  CHECK(same_numbers(there.observations(s.to(device)), here.observations(s)));
  CHECK(same_numbers(there.task_observations(s.to(device)), here.task_observations(s)));
  CHECK(same_numbers(there.actions(a.to(device)), here.actions(a)));
  CHECK(same_numbers(there.learner_actions(a.to(device)), here.learner_actions(a)));
  CHECK(same_numbers(there.rewards(r.to(device)), here.rewards(r)));
  CHECK(same_numbers(there.task_rewards(r.to(device)), here.task_rewards(r)));
}

TEST_CASE("the draws of a device are a function of their key, and of the kind asked for", "[device][nn]") {
  const auto device = other_device();
  const emulated::OnPretendedDevice kernels(GENERATE(false, true));
  const auto like = at::empty({4000, 1}, at::TensorOptions(at::kFloat).device(device));
  const auto draw = [&](noise kind, std::int64_t update) { return torch_backend::draw(kind, 1, update, 0, 2, like); };
  const auto z = draw(noise::normal, 1), u = draw(noise::uniform, 1);
  CHECK(z.device() == device);
  CHECK(at::equal(z, draw(noise::normal, 1)));
  CHECK_FALSE(at::equal(z, draw(noise::normal, 2)));
  CHECK(number(z.mean()) == Approx(0).margin(0.06));
  CHECK(number(z.std()) == Approx(1).margin(0.06));
  CHECK(number(u.min()) >= 0);
  CHECK(number(u.max()) <= 1);
  CHECK(number(u.mean()) == Approx(0.5).margin(0.03));
}

TEST_CASE("a device's batches are the log's transitions", "[device][train]") {
  const auto device = other_device();
  Dataset d;
  d.name = "line", d.observation_size = 1, d.action_size = 1;
  for (int i = 0; i <= 10; ++i) d.observations.push_back(float(i));
  for (std::int64_t i = 0; i < 10; ++i) {
    d.observation_row.push_back(i), d.next_observation_row.push_back(i + 1);
    d.actions.push_back(0.1f * float(i)), d.rewards.push_back(float(-i)), d.terminals.push_back(i == 9),
        d.timeouts.push_back(0);
  }
  d.episodes = {{0, 10, 10, 0, 0, true}};
  std::vector<std::int64_t> rows(10);
  for (std::int64_t i = 0; i < 10; ++i) rows[std::size_t(i)] = i;
  const nn::Units units(nn::Units(Normalizer{{0}, {1}, 1, 0, {-1}, {1}}), problem_spec<same_noise>{1, 1, 0, device});
  Replay replay(d, rows, units, device,
                replay_columns(columns<column::next_action, column::next_action_known, column::returns>{}));
  replay.set_returns(0.5, 1, at::zeros({10}, at::TensorOptions(at::kFloat).device(device)));
  for (const auto& b : {replay.sample(0, 1, 64), replay.sample_starts(0, 1, 64)}) {
    const auto i = b.observations.squeeze(1);
    CHECK(i.device() == device);
    CHECK(at::allclose(b.next_observations.squeeze(1), i + 1));
    CHECK(at::allclose(b.actions.squeeze(1), 0.1 * i));
    CHECK(at::allclose(b.rewards, -i));
    CHECK(at::equal(b.not_done, (i < 9).to(at::kFloat)));
    CHECK(at::equal(b.get<column::next_action_known>(), (i < 9).to(at::kFloat)));
    CHECK(at::allclose(b.get<column::next_action>().squeeze(1), b.get<column::next_action_known>() * 0.1 * (i + 1)));
    CHECK(b.get<column::returns>().isfinite().all().item<bool>());
  }
  CHECK(at::equal(replay.sample(0, 1, 64).observations, replay.sample(0, 1, 64).observations));
  CHECK(number(replay.sample_starts(0, 1, 64).observations.abs().max()) == 0);
}
