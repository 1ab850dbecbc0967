#pragma once
#include <string>
#include <utility>
#include <vector>

#include <tessera/compose/step.hpp>
#include <tessera/dynamics/gaussian_ensemble.hpp>
#include <tessera/io/safetensors.hpp>
#include <tessera/nn/backend.hpp>
#include <tessera/reflect/reflect.hpp>
#include <tessera/train/checkpoint.hpp>
#include <tessera/train/dynamics_file_header.hpp>

/// A trained dynamics model in a file of its own.  It is in the task's units, so that learners with any units and any
/// algorithm can share it.
namespace tessera {
/// A trained model by itself: its settings, its data, and its parameters.
struct TrainedDynamics {
  GaussianEnsembleParams params;
  DataIdentity data;
  GaussianEnsemble::state<torch_backend> model;
};

namespace detail {
/// A model with the given settings, and the parameters from the file.
template <class Params, class Problem>
GaussianEnsemble::state<torch_backend> read_dynamics(const safetensors::File& file, const Params& h,
                                                     const Problem& on) {
  GaussianEnsemble::state<torch_backend> model(h, on);
  model.each([&]<class Part>(const std::string& owner, Part& part) {
    const auto name = saved_name(owner, part);
    if constexpr (requires { part.value; }) {
      read_buffer(file, name, part.value);
    } else {
      auto parameters = part.parameters().clone();
      read_buffer(file, name, parameters);
      part.parameters().copy_(parameters);  // including those that all members share, which the next line does not set
      part.assign(parameters);
    }
  });
  return model;
}
}  // namespace detail

/// Saves a trained model, its settings and the identity of its data, the way save_checkpoint saves an agent.  The state
/// of its optimizer is not saved.
template <class Model>
void save_dynamics(GaussianEnsembleParams h, Model& model, const DataIdentity& data, const std::string& path) {
  if (model.trained.value == 0)
    throw Error(path + ": the dynamics model has not been trained; call fit_dynamics first");
  safetensors::Metadata metadata;
  metadata["format"] = detail::dynamics_format;
  detail::write_parameters(metadata, dynamics_parameters(h));
  metadata["data.name"] = safetensors::as_utf8(data.name);
  metadata["data.hash"] = hash_text(data.hash);
  detail::write_problem(metadata, {data.observation_size, data.action_size, data.kind == action_kind::discrete});
  std::vector<safetensors::Source> tensors;
  model.each([&]<class Part>(const std::string& owner, Part& part) {
    const auto name = detail::saved_name(owner, part);
    if constexpr (requires { part.value; }) tensors.push_back(detail::source_of(path, name, part.value));
    else tensors.push_back(detail::source_of(path, name, part.parameters()));
  });
  safetensors::write(path, std::move(metadata), std::move(tensors));
}

/// Loads a model as it was saved, on the given device.  Throws an Error if the file is not a model, or is damaged.
TrainedDynamics load_dynamics(const std::string& path, at::Device device = at::kCPU);

/// A learner whose dynamics model is trained on the log, and which can be loaded from a file.
template <class Agent>
concept TakesDynamics = requires(Agent& agent) {
  agent.dynamics().errors;
};

/// Gives an agent a saved model; the agent must have the same sizes, and be made with the model's `members` and `net`.
template <TakesDynamics Agent>
void load_dynamics(Agent& agent, const std::string& path) {
  const auto file = detail::open_dynamics(path);
  auto header = detail::read_dynamics_header(file);
  const auto& on = agent.problem();
  const auto its = sizes_text(header.data);
  const auto ours = sizes_text(
      {"", 0, on.observation_size, on.action_size, on.discrete ? action_kind::discrete : action_kind::continuous});
  if (its != ours)
    throw Error(path + ": is a model of " + its + ", but the agent's task has " + ours +
                "; train a model on the agent's data");
  GaussianEnsembleParams wanted = agent.hyperparameters().dynamics;
  const auto all = dynamics_parameters(wanted), saved = dynamics_parameters(header.params);
  for (std::size_t i = 0; i < all.size(); ++i)
    if (detail::shapes_the_model(all[i].key) && all[i].text() != saved[i].text())
      throw Error(path + ": was trained with " + saved[i].key + "=" + saved[i].text() + ", but the agent has " +
                  all[i].text() + "; make the agent with the model's own settings");
  auto model = detail::read_dynamics(file, agent.hyperparameters().dynamics, on);
  model.ended = std::move(agent.dynamics().ended);
  static_cast<GaussianEnsemble::state<torch_backend>&>(agent.dynamics()) = std::move(model);
}
}  // namespace tessera

#ifndef TESSERA_COMPILED
#include <tessera/train/dynamics_file.impl.hpp>
#endif
