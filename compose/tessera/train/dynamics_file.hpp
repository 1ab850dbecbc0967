#pragma once
#include <cstddef>
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
#include <tessera/train/takes_dynamics.hpp>

/// A trained dynamics model in a file of its own.  It is in the task's units, so that learners with any units and any
/// algorithm can share it.
namespace tessera {
/// A model by itself: its settings, its data, and what it has learned.
template <LearnedDynamics D = GaussianEnsemble>
struct TrainedDynamics {
  typename D::params params;
  DataIdentity data;
  typename D::template state<torch_backend> model;
};

namespace detail {
// A model of the given settings, with what the file says it has learned.
template <LearnedDynamics D, class Problem>
typename D::template state<torch_backend> read_dynamics(const safetensors::File& file, const typename D::params& h,
                                                        const Problem& on) {
  typename D::template state<torch_backend> model(h, on);
  std::size_t read = 0;
  model.each([&]<class Part>(const std::string& owner, Part& part) {
    const auto name = saved_name(owner, part);
    ++read;
    if constexpr (requires { part.value; }) {
      read_buffer(file, name, part.value);
    } else {
      auto parameters = part.parameters().clone();
      read_buffer(file, name, parameters);
      part.parameters().copy_(parameters);  // including those that all members share, which the next line does not set
      part.assign(parameters);
    }
  });
  if (read != file.tensors().size())
    throw file.damaged("it has " + std::to_string(file.tensors().size()) + " tensors, and its model " +
                       std::to_string(read));
  return model;
}
}  // namespace detail

/// Saves a trained model, its kind and settings and which data it is of, as save_checkpoint saves an agent.  The state
/// of its optimizer is left out.
template <LearnedDynamics D = GaussianEnsemble>
void save_dynamics(typename D::params h, typename D::template state<torch_backend>& model, const DataIdentity& data,
                   const std::string& path) {
  if (model.trained.value == 0)
    throw Error(path + ": the dynamics model has not been trained; call fit_dynamics first");
  safetensors::Metadata metadata;
  metadata["format"] = detail::dynamics_format;
  metadata["model"] = dynamics_kind<D>();
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
/// The same of an agent's model.
template <TakesDynamics Agent>
void save_dynamics(Agent& agent, const DataIdentity& data, const std::string& path) {
  save_dynamics<learned_model<detail::dynamics_of<Agent>>>(agent.hyperparameters().dynamics, agent.dynamics(), data,
                                                           path);
}

/// A model as it was saved, on the given device.  Throws Error where the file is none, damaged, or of another kind.
template <LearnedDynamics D = GaussianEnsemble>
TrainedDynamics<D> load_dynamics(const std::string& path, at::Device device = at::kCPU) {
  const auto file = detail::open_dynamics(path);
  auto header = detail::read_dynamics_header<D>(file);
  const auto& data = header.data;
  const problem_spec<torch_backend> on{data.observation_size, data.action_size, 0, device,
                                       data.kind == action_kind::discrete};
  auto model = detail::read_dynamics<D>(file, header.params, on);
  return {std::move(header.params), std::move(header.data), std::move(model)};
}

/// Gives an agent a model that was saved: any agent of the same sizes whose dynamics part is of the model's kind, made
/// with the settings that count for the model, of a GaussianEnsemble `members` and `net`.
template <TakesDynamics Agent>
void load_dynamics(Agent& agent, const std::string& path) {
  using D = learned_model<detail::dynamics_of<Agent>>;
  const auto file = detail::open_dynamics(path);
  auto header = detail::read_dynamics_header<D>(file);
  const auto& on = agent.problem();
  const auto its = sizes_text(header.data);
  const auto ours = sizes_text(
      {"", 0, on.observation_size, on.action_size, on.discrete ? action_kind::discrete : action_kind::continuous});
  if (its != ours)
    throw Error(path + ": is a model of " + its + ", but the agent's task has " + ours +
                "; train a model on the agent's data");
  typename D::params wanted = agent.hyperparameters().dynamics;
  const auto all = dynamics_parameters(wanted), saved = dynamics_parameters(header.params);
  for (std::size_t i = 0; i < all.size(); ++i)
    if (dynamics_setting_counts_for<D>(all[i].key) == counts_for::model && all[i].text() != saved[i].text())
      throw Error(path + ": was trained with " + saved[i].key + "=" + saved[i].text() + ", but the agent has " +
                  all[i].text() + "; make the agent with the model's own settings");
  auto model = detail::read_dynamics<D>(file, wanted, on);
  if constexpr (requires { model.ended; }) model.ended = std::move(agent.dynamics().ended);
  static_cast<typename D::template state<torch_backend>&>(agent.dynamics()) = std::move(model);
}
}  // namespace tessera
