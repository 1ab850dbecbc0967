#pragma once
#include <map>
#include <string>
#include <type_traits>

#include <tessera/compose/learner.hpp>
#include <tessera/torch.hpp>

#include "helpers/device.hpp"

namespace support {
template <class R>
tessera::params_of<R> small_networks() {
  tessera::params_of<R> p;
  const auto small = [](tessera::MlpOptions& net) { net.hidden = {16, 16}; };
  if constexpr (requires { p.policy.net; }) small(p.policy.net);
  if constexpr (requires { p.critic.net; }) small(p.critic.net);
  if constexpr (requires { p.value.net; }) small(p.value.net);
  if constexpr (requires { p.behavior.model; }) small(p.behavior.model.net);
  if constexpr (requires { p.behavior.encoder; }) small(p.behavior.encoder), small(p.behavior.decoder);
  if constexpr (requires { p.behavior.pretrain_updates; }) p.behavior.pretrain_updates = 1;
  if constexpr (requires { p.constraint.net; }) small(p.constraint.net);
  if constexpr (requires { p.dynamics.members; }) small(p.dynamics.net), p.dynamics.members = 3, p.dynamics.elites = 2;
  if constexpr (requires { p.actor.cloning_steps; }) p.actor.cloning_steps = 0;
  // Of the natural gradient: each iteration multiplies what rounding did to the one before, the less the more damping.
  if constexpr (requires { p.actor.damping; }) p.actor.iterations = 5, p.actor.damping = 0.1;
  return p;
}

/// Four updates by a learner on another device and by its twin on the CPU, from the same numbers: all losses agree, and
/// all networks after them.
template <class R>
void same_updates(const char* name) {
  using namespace tessera;
  INFO(name);
  constexpr bool discrete = std::is_same_v<typename R::template get<policy>::space, Discrete>;
  const auto device = other_device();
  INFO("the CPU and " << device.str());
  using Agent = learner<R, same_noise>;
  const Normalizer units{{0.1f, 0, -0.2f},
                         {1, 2, 0.5f},
                         0.5f,
                         0.1f,
                         discrete ? std::vector<float>{} : std::vector<float>{-1, -2},
                         discrete ? std::vector<float>{} : std::vector<float>{1, 3}};
  Agent here(problem_spec<same_noise>{3, 2, 7, at::kCPU}, nn::Units(units), small_networks<R>());
  Agent there(problem_spec<same_noise>{3, 2, 7, device}, nn::Units(units), small_networks<R>());
  const std::int64_t n = 32;
  torch::manual_seed(11);
  const auto actions = [&] { return discrete ? at::randint(2, {n}, at::kLong) : at::rand({n, 2}) * 1.8 - 0.9; };
  const auto flags = [&] { return (at::rand({n}) < 0.8).to(at::kFloat); };
  for (int k = 0; k < 4; ++k) {
    batch<at::Tensor> b{at::randn({n, 3}), actions(), at::randn({n}), at::randn({n, 3}), flags()};
    b.set<column::next_action>(actions()), b.set<column::next_action_known>(flags()),
        b.set<column::returns>(at::randn({n}));
    if constexpr (Agent::imagines) b.logged = n / 2;
    batch<at::Tensor> c = b;
    for (auto* x : {&c.observations, &c.actions, &c.rewards, &c.next_observations, &c.not_done}) *x = x->to(device);
    for (auto& [column, numbers] : c.more) numbers = numbers.to(device);
    here.update(b);
    there.update(c);
    REQUIRE(here.metrics().size() == there.metrics().size());
    for (std::size_t i = 0; i < here.metrics().size(); ++i) {
      INFO("update " << k + 1 << ", " << here.metrics()[i].name);
      CHECK(same_numbers(there.metrics()[i].value, here.metrics()[i].value, 1e-3));
    }
  }
  std::map<std::string, at::Tensor> buffers;
  here.each_buffer([&](const std::string& buffer, auto& x) {
    if constexpr (std::is_same_v<std::decay_t<decltype(x)>, at::Tensor>) buffers[buffer] = x;
  });
  there.each_buffer([&](const std::string& buffer, auto& x) {
    if constexpr (std::is_same_v<std::decay_t<decltype(x)>, at::Tensor>) {
      INFO(buffer);
      CHECK(x.device() == device);
      // Adam moves a number whose slope is all rounding by a step either way; the others' must agree.
      if (buffer.ends_with("/parameters") || buffer.ends_with("/target")) {
        const auto apart = (x.to(at::kCPU) - buffers.at(buffer)).abs();
        CHECK(apart.mean().template item<double>() < 1e-5);
        CHECK(apart.max().template item<double>() < 1e-2);
      } else {
        CHECK(x.sizes() == buffers.at(buffer).sizes());
      }
    }
  });
  const auto s = at::randn({9, 3});
  const auto a = there.act(s.to(device));
  CHECK(same_numbers(a, here.act(s), 1e-3));
}
}  // namespace support
