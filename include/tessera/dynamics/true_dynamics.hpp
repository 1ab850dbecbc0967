#pragma once
#include <algorithm>
#include <cstdint>
#include <type_traits>
#include <vector>

#include <tessera/concepts/dynamics.hpp>
#include <tessera/concepts/environment.hpp>
#include <tessera/concepts/wants.hpp>

namespace tessera {
/// An environment that can be put into the state that an observation shows:  `show(i, observation)` for copy i.
/// Law: a copy that was shown its own observation goes on as it would have, to the observation's precision.
template <class E>
concept ShowableEnvironment = Environment<E> && requires(E& e, std::size_t i, const float* observation) {
  e.show(i, observation);
};

/// An environment as the model of itself: the result of a perfect model, and a way to plan with known dynamics.  It is
/// a single model, without a measure of uncertainty.  It steps on the CPU, wherever the learner is.
template <ShowableEnvironment E>
struct TrueDynamics {
  using role = role::dynamics_model;
  using space = typename E::space;
  struct params {};
  using needs =
      all_of<need<data, want::data_with_imagined_transitions>, agree<policy, dynamics, want::same_action_space>>;
  static constexpr const char* formula = "s', r, end = the environment's step(s, a)";
  static constexpr const char* source = "the task itself";

  template <class Step>
  static imagined<typename Step::tensor> imagine(const params&, Step&, const typename Step::tensor& s,
                                                 const typename Step::tensor& a) {
    if constexpr (requires { s.device(); }) return stepped(s, a);
    else return {};  // a tensor of no numbers
  }

 private:
  template <class T>
  static imagined<T> stepped(const T& s, const T& a) {
    const auto count = s.size(0);
    E environment(count, E::default_horizon, 0);
    const T states = s.cpu().contiguous();
    for (std::int64_t i = 0; i < count; ++i)
      environment.show(std::size_t(i), states.template data_ptr<float>() + i * E::observation_size);
    std::vector<float> rewards(std::size_t(count), 0.0f);
    std::vector<std::uint8_t> over(std::size_t(count), 0);
    if constexpr (std::is_same_v<space, Discrete>) {
      const T actions = a.argmax(-1).cpu().contiguous();  // one-hot
      environment.step(actions.template data_ptr<std::int64_t>(), rewards.data(), over.data());
    } else {
      const T actions = a.cpu().contiguous();
      environment.step(actions.template data_ptr<float>(), rewards.data(), over.data());
    }
    T next_s = empty_like(states), r = states.select(1, 0).clone(), not_done = r.clone();
    std::copy_n(environment.observations(), count * E::observation_size, next_s.template data_ptr<float>());
    for (std::int64_t i = 0; i < count; ++i)
      r.template data_ptr<float>()[i] = rewards[std::size_t(i)],
                 not_done.template data_ptr<float>()[i] = over[std::size_t(i)] ? 0.0f : 1.0f;
    return {next_s.to(s.device()), r.to(s.device()), not_done.to(s.device())};
  }
};
}  // namespace tessera
