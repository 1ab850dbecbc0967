#pragma once
#include <catch2/catch.hpp>
#include <cmath>
#include <map>
#include <set>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include <tessera/checkpoint.hpp>
#include <tessera/compose/ranges.hpp>
#include <tessera/env/pendulum.hpp>
#include <tessera/reflect/explain.hpp>
#include <tessera/sources/builtin.hpp>
#include <tessera/torch.hpp>
#include <tessera/train/train_online.hpp>

#include "helpers/files.hpp"
#include "train/sound_updates.hpp"

/// What is tested of every recipe.
namespace support {
using namespace tessera;

template <class R>
const Dataset& data_for() {
  static const Dataset data = builtin_dataset(laws::discrete<R> ? "cartpole-mixed" : "pendulum-mixed");
  return data;
}
/// Hyper-parameters of a run of a few updates, in which everything happens that happens in a long one.
template <class R>
params_of<R> quick() {
  auto p = laws::small<R>();
  if constexpr (requires { p.value.refresh; }) p.value.refresh = 3;
  if constexpr (requires { p.behavior.pretrain_updates; }) p.behavior.pretrain_updates = 2;
  if constexpr (requires { p.dynamics.members; }) {
    p.dynamics.members = 3;
    p.dynamics.batch = 64, p.dynamics.holdout = 0.9, p.dynamics.holdout_rows = 60'000;
  }
  if constexpr (requires { p.data.rollout_batch; })
    p.data.rollout_batch = 64, p.data.horizon = 2, p.data.rollout_every = 2;
  if constexpr (requires { p.data.rollouts; }) p.data.rollouts = 8, p.data.horizon = 6;
  if constexpr (requires { p.actor.cloning_steps; }) p.actor.cloning_steps = 5;
  if constexpr (requires { p.uncertainty.samples; }) p.uncertainty.samples = 3;
  if constexpr (requires { p.critic.target; }) p.critic.target = 4;
  p.schedule.actor = std::min<std::int64_t>(p.schedule.actor, 2);
  return p;
}

/// A few updates on data: all numbers finite, all networks moved, actions inside the task's box.
template <class R>
void updates_are_sound(const std::string& name, const Dataset& data) {
  INFO(name);
  learner<R> agent(data, quick<R>());
  std::vector<at::Tensor> before;
  agent.each_buffer([&](const std::string& buffer, auto& x) {
    if constexpr (std::is_same_v<std::decay_t<decltype(x)>, at::Tensor>)
      if (buffer.ends_with("/parameters") || buffer.ends_with("/target") || buffer.ends_with("/value"))
        before.push_back(x.clone());
  });
  int reports = 0;
  const TrainOptions training{.updates = 6, .batch = 32, .report_every = 3, .report = [&](const Report& r) {
                                ++reports;
                                for (const auto& [term, mean] : r.metrics) CHECK(std::isfinite(mean));
                              }};
  if constexpr (TrainsOnline<typename R::template get<tessera::data>>)
    train_online<Pendulum>(agent, data, {.steps = 6, .training = training});
  else train(agent, data, training);
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

inline bool none(const at::Tensor& gradient) { return gradient.abs().max().item<float>() == 0; }
/// Each loss reaches the parameters of its own network, down to the first layer, and no others'.
template <class R>
void gradients_stay_home(const std::string& name) {
  INFO(name);
  const auto p = quick<R>();
  const auto on =
      tessera::detail::seen_by_parts<R>(problem_spec<torch_backend>{3, 2, 7, at::kCPU, laws::discrete<R>}, p);
  tessera::detail::memory<R, torch_backend> m(p, on);
  const nn::Units units(nn::Units(Normalizer{{0, 0, 0}, {1, 1, 1}, 1, 0, {-1, -1}, {1, 1}}), on);
  const auto b = laws::some_batch<R>(5, 16);
  std::size_t stages = 0;
  // In every order of stages: what one asks for first, the others find.
  const auto in_order = [&]<class... Stages>(list_of<Stages...>) {
    step<R, torch_backend> s(p, m, on, units, b, 1);
    (
        [&] {
          const auto sum = s.summands(Stages{});
          if (sum.empty()) return;
          ++stages;
          INFO("stage " << Stages::name);
          const auto loss = laws::total(sum);
          CHECK(loss.dim() == 0);
          loss.backward();
          m.each([&]<class N>(const std::string& owner, N& net) {
            if constexpr (requires { net.mlp(); }) {
              INFO(owner);
              const auto first_layer = net.gradient().sum(0).narrow(1, 0, net.mlp().inputs() * 16);
              if (laws::is_home<Stages>(owner)) CHECK_FALSE(none(first_layer));
              else CHECK(none(net.gradient()));
              net.gradient().zero_();
            }
          });
        }(),
        ...);
  };
  in_order(list_of<stage::behavior, stage::critic, stage::value, stage::actor>{});
  in_order(list_of<stage::actor, stage::critic, stage::value, stage::behavior>{});
  in_order(list_of<stage::value, stage::actor, stage::behavior, stage::critic>{});
  CHECK(stages > 0);
}

/// A learner that was saved and is read again is the same, and goes on as the other does.
template <class R>
void resumes(const std::string& name) {
  INFO(name);
  const Folder folder;
  const auto p = quick<R>();
  auto agent = laws::fresh<R>(p);
  for (std::uint64_t k = 1; k <= 4; ++k) agent.update(laws::some_batch<R>(k));
  save_checkpoint(agent, folder / "a.safetensors");
  auto again = load_checkpoint<learner<R>>(folder / "a.safetensors");
  CHECK(checkpoint_algorithm(folder / "a.safetensors") == kebab_case(type_name<R>()));
  CHECK(laws::listed(laws::different(laws::numbers_of(agent), laws::numbers_of(again))) == "");
  for (std::uint64_t k = 5; k <= 7; ++k) agent.update(laws::some_batch<R>(k)), again.update(laws::some_batch<R>(k));
  CHECK(laws::listed(laws::different(laws::numbers_of(agent), laws::numbers_of(again))) == "");
}

/// Its own settings are inside the ranges that they state, and what explains it leaves nothing out.
template <class R>
void explains(const std::string& name) {
  INFO(name);
  params_of<R> p;
  CHECK_NOTHROW(require_ranges<R>(p));
  std::ostringstream out;
  explain<R>(out, p);
  const auto text = out.str();
  CHECK(text.find(std::string(type_name<R>()) + "\n") == 0);
  for (const auto& slot : slot_texts<R>()) {
    INFO(slot.slot << "<" << slot.part << ">");
    CHECK(text.find(slot.slot + "<" + slot.part + ">") != std::string::npos);
    CHECK_FALSE(std::string(slot.formula).empty());
    CHECK_FALSE(std::string(slot.source).empty());
  }
  for (const auto& parameter : tessera::parameters<R>(p)) {
    INFO(parameter.key);
    CHECK(text.find("  " + parameter.key + " ") != std::string::npos);
    CHECK_FALSE(std::string(parameter.about->text).empty());
  }
}

template <class R>
void is_sound() {
  const std::string name(type_name<R>());
  updates_are_sound<R>(name, data_for<R>());
  gradients_stay_home<R>(name);
  resumes<R>(name);
  explains<R>(name);
  INFO(name);
  CHECK(laws::update_laws<R>());
}
/// All recipes are tested in so many files, since each takes seconds to compile.
inline constexpr std::size_t parts = 12;
/// Recipes number part, part + parts, ... of the list.
template <std::size_t part, class... Recipes>
void every_recipe(list_of<Recipes...>) {
  static_assert(part < parts);
  [&]<std::size_t... i>(std::index_sequence<i...>) {
    (
        [&] {
          if constexpr (i % parts == part) is_sound<Recipes>();
        }(),
        ...);
  }
  (std::index_sequence_for<Recipes...>{});
}
}  // namespace support
