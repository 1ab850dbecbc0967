#pragma once
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include <tessera/checkpoint_header.hpp>
#include <tessera/compose/sizes.hpp>
#include <tessera/data/content_hash.hpp>
#include <tessera/data/dataset.hpp>
#include <tessera/data/safetensors.hpp>
#include <tessera/dynamics/gaussian_ensemble.hpp>
#include <tessera/compose/reflect.hpp>

/// What is known of a saved dynamics model before it is made: all but its numbers, without libtorch.
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

/// A model's settings by name: "dynamics.members".  The references live as long as `h`.
inline std::vector<Parameter> dynamics_parameters(GaussianEnsembleParams& h) {
  std::vector<Parameter> out;
  detail::list_fields(out, dynamics<GaussianEnsemble>::label, h);
  return out;
}

namespace detail {
// The settings that the size of a network follows from.
inline bool shapes_the_model(const std::string& key) { return key == "dynamics.members" || key.starts_with("dynamics.net."); }

// What a file holds of a model: what it has learnt, and not its optimiser's state.
template <class Owner, class Part>
std::string saved_name(const Owner& owner, const Part&) {
  if constexpr (requires(const Part& part) { part.value; }) return owner;
  else return std::string(owner) + "/parameters";
}
inline std::vector<Buffer> dynamics_buffers(const GaussianEnsembleParams& h, const SavedProblem& on) {
  GaussianEnsemble::state<size_backend> model(h, problem_spec<size_backend>{on.observation_size, on.action_size, 0, {}, on.discrete});
  buffer_list out;
  model.each([&]<class Part>(const std::string& owner, Part& part) {
    if constexpr (requires { part.value; }) out(owner, part.value);
    else out(saved_name(owner, part), part.numbers);
  });
  return std::move(out.all);
}

struct DynamicsHeader {
  GaussianEnsembleParams params;
  DataIdentity data;
};
inline safetensors::File open_dynamics(const std::string& path) {
  return open_saved(path, dynamics_format, checkpoint_format, "is the checkpoint of a run, not a dynamics model; give a dynamics model's file");
}
inline DynamicsHeader read_dynamics_header(const safetensors::File& file) {
  DynamicsHeader out;
  read_parameters(file, dynamics_parameters(out.params));
  const auto on = read_problem(file);
  const auto& hash = file.text("data.hash");
  out.data = {file.text("data.name"), 0, on.observation_size, on.action_size, on.discrete ? action_kind::discrete : action_kind::continuous};
  if (hash.size() != 16 || hash.find_first_not_of("0123456789abcdef") != std::string::npos) throw file.damaged("its data set's hash is none");
  for (const char c : hash) out.data.hash = out.data.hash << 4 | std::uint64_t(c <= '9' ? c - '0' : c - 'a' + 10);
  check_tensors_of(file, [&] { return dynamics_buffers(out.params, on); });
  return out;
}
}  // namespace detail
}  // namespace tessera
