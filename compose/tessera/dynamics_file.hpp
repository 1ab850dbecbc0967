#pragma once
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include <tessera/checkpoint.hpp>
#include <tessera/compose/step.hpp>
#include <tessera/data/atomic_file.hpp>
#include <tessera/data/content_hash.hpp>
#include <tessera/data/hdf5.hpp>
#include <tessera/dynamics/gaussian_ensemble.hpp>
#include <tessera/nn/backend.hpp>
#include <tessera/reflect/parts.hpp>

/// A trained dynamics model as a file of its own.  It speaks of the task in the task's units, so learners of any units and any
/// algorithm can share it.
namespace tessera {
/// Which data a model was trained on.
struct DataIdentity {
  std::string name;
  std::uint64_t hash = 0;  ///< content_hash
  std::int64_t observation_size = 0, action_size = 0;
  action_kind kind = action_kind::continuous;
};
inline DataIdentity identity_of(const Dataset& data) {
  return {data.name, content_hash(data), data.observation_size, data.action_size, data.kind};
}

/// "observations of 3 and actions of 1"
inline std::string sizes_text(const DataIdentity& d) {
  const auto actions = std::to_string(d.action_size);
  return "observations of " + std::to_string(d.observation_size) + " and " +
         (d.kind == action_kind::discrete ? actions + " discrete actions" : "actions of " + actions);
}

/// A model by itself: its settings, its data, and what it has learnt.
struct TrainedDynamics {
  GaussianEnsembleParams params;
  DataIdentity data;
  GaussianEnsemble::state<torch_backend> model;
};

/// A model's settings by name: "dynamics.members".  The references live as long as `h`.
inline std::vector<Parameter> dynamics_parameters(GaussianEnsembleParams& h) {
  std::vector<Parameter> out;
  detail::list_fields(out, dynamics<GaussianEnsemble>::label, h);
  return out;
}

namespace detail {
inline constexpr const char* dynamics_format = "tessera-dynamics-1";

// The settings that the size of a network follows from.
inline bool shapes_the_model(const std::string& key) { return key == "dynamics.members" || key.starts_with("dynamics.net."); }

struct DynamicsHeader {
  GaussianEnsembleParams params;
  DataIdentity data;
};
inline DynamicsHeader read_dynamics_header(const hdf5::File& file) {
  const auto& path = file.path();
  const auto format = file.read_attribute("/", "format");
  if (format == checkpoint_format)
    throw Error(path + ": is the checkpoint of a run, not a dynamics model; give the model.h5 that `tessera model train` wrote");
  if (format != dynamics_format)
    throw Error(path + ": is not a dynamics model of this version (format '" + format + "', expected '" + dynamics_format +
                "'); give the model.h5 that `tessera model train` wrote");
  DynamicsHeader out;
  read_parameters(file, dynamics_parameters(out.params));
  const auto sizes = file.read<std::int64_t>("problem");
  if (sizes.size() != 3 || sizes[0] < 1 || sizes[1] < 1)
    throw Error(path + ": problem is damaged (observation size, action size, whether actions are discrete); use another file");
  const auto hash = file.read_attribute("/", "data_hash");
  out.data = {file.read_attribute("/", "dataset"), 0, sizes[0], sizes[1], sizes[2] ? action_kind::discrete : action_kind::continuous};
  if (hash.size() != 16 || hash.find_first_not_of("0123456789abcdef") != std::string::npos)
    throw Error(path + ": the data set's hash is damaged; use another file");
  for (const char c : hash) out.data.hash = out.data.hash << 4 | std::uint64_t(c <= '9' ? c - '0' : c - 'a' + 10);
  return out;
}

/// A model of the given settings, with what the file says it has learnt.
template <class Params, class Problem>
GaussianEnsemble::state<torch_backend> read_dynamics(const hdf5::File& file, const Params& h, const Problem& on) {
  GaussianEnsemble::state<torch_backend> model(h, on);
  model.each([&]<class Part>(const std::string& owner, Part& part) {
    if constexpr (requires { part.value; }) {
      read_buffer(file, "state/" + owner, part.value);
    } else {
      auto parameters = part.parameters().clone();
      read_buffer(file, "state/" + owner + "/parameters", parameters);
      part.parameters().copy_(parameters);  // with those all members share, which the next line leaves alone
      part.assign(parameters);
    }
  });
  return model;
}
}  // namespace detail

/// Saves a trained model, its settings and which data it is of, in one HDF5 file, written beside `path` and renamed.  The state of its
/// optimiser is left out.
template <class Model>
void save_dynamics(GaussianEnsembleParams h, Model& model, const DataIdentity& data, const std::string& path) {
  if (model.trained.value == 0) throw Error(path + ": the dynamics model has not been trained; call fit_dynamics first");
  write_atomically(path, [&](const std::string& name) {
    auto file = hdf5::File::create(name);
    file.write_attribute("/", "format", detail::dynamics_format);
    detail::write_parameters(file, dynamics_parameters(h));
    file.write_attribute("/", "dataset", data.name);
    file.write_attribute("/", "data_hash", hash_text(data.hash));
    const std::int64_t sizes[] = {data.observation_size, data.action_size, data.kind == action_kind::discrete};
    file.write("problem", sizes, {3});
    model.each([&]<class Part>(const std::string& owner, Part& part) {
      if constexpr (requires { part.value; }) detail::write_buffer(file, "state/" + owner, part.value);
      else detail::write_buffer(file, "state/" + owner + "/parameters", part.parameters());
    });
    file.close();
  });
}

/// A model as it was saved, on the given device.  Throws Error where the file is none, or damaged.
inline TrainedDynamics load_dynamics(const std::string& path, at::Device device = at::kCPU) {
  const auto file = hdf5::File::open(path);
  auto header = detail::read_dynamics_header(file);
  const auto& data = header.data;
  const problem_spec<torch_backend> on{data.observation_size, data.action_size, 0, device, data.kind == action_kind::discrete};
  auto model = detail::read_dynamics(file, header.params, on);
  return {std::move(header.params), std::move(header.data), std::move(model)};
}

/// A learner whose dynamics model is trained on the log, and can come from a file.
template <class Agent>
concept TakesDynamics = requires(Agent& agent) { agent.dynamics().errors; };

/// Gives an agent a model that was saved: any agent of the same sizes, made with the model's `members` and `net`.
template <TakesDynamics Agent>
void load_dynamics(Agent& agent, const std::string& path) {
  const auto file = hdf5::File::open(path);
  auto header = detail::read_dynamics_header(file);
  const auto& on = agent.problem();
  const auto its = sizes_text(header.data);
  const auto ours = sizes_text({"", 0, on.observation_size, on.action_size, on.discrete ? action_kind::discrete : action_kind::continuous});
  if (its != ours)
    throw Error(path + ": is a model of " + its + ", but the agent's task has " + ours + "; train a model on the agent's data");
  GaussianEnsembleParams wanted = agent.hyperparameters().dynamics;
  const auto all = dynamics_parameters(wanted), saved = dynamics_parameters(header.params);
  for (std::size_t i = 0; i < all.size(); ++i)
    if (detail::shapes_the_model(all[i].key) && all[i].text() != saved[i].text())
      throw Error(path + ": was trained with " + saved[i].key + "=" + saved[i].text() + ", but the agent has " + all[i].text() +
                  "; make the agent with the model's own settings");
  auto model = detail::read_dynamics(file, agent.hyperparameters().dynamics, on);
  model.ended = std::move(agent.dynamics().ended);
  static_cast<GaussianEnsemble::state<torch_backend>&>(agent.dynamics()) = std::move(model);
}
}  // namespace tessera
