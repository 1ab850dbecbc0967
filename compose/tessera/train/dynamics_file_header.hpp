#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <tessera/compose/name.hpp>
#include <tessera/compose/sizes.hpp>
#include <tessera/dataset/content_hash.hpp>
#include <tessera/dataset/dataset.hpp>
#include <tessera/dynamics/gaussian_ensemble.hpp>
#include <tessera/io/safetensors.hpp>
#include <tessera/reflect/reflect.hpp>
#include <tessera/train/checkpoint_header.hpp>

/// Reads everything about a saved dynamics model except its tensors, without libtorch.
namespace tessera {
/// Identifies the data that a model was trained on.
struct DataIdentity {
  std::string name;
  std::uint64_t hash = 0;  ///< content_hash
  std::int64_t observation_size = 0, action_size = 0;
  action_kind kind = action_kind::continuous;
};
DataIdentity identity_of(const Dataset& data);

/// "observations of 3 and actions of 1"
std::string sizes_text(const DataIdentity& d);

/// A model's settings by name: "dynamics.members".  The references live as long as `h`.
template <class Params>
std::vector<Parameter> dynamics_parameters(Params& h) {
  std::vector<Parameter> out;
  detail::list_fields(out, dynamics<GaussianEnsemble>::label, h);
  return out;
}
/// What such a setting counts for.
template <LearnedDynamics D>
counts_for dynamics_setting_counts_for(std::string_view key) {
  return setting_counts_for<D>(key.substr(std::string_view(dynamics<D>::label).size() + 1));
}

/// The name of a type of model in files and on the command line: "gaussian-ensemble".
template <LearnedDynamics D>
std::string dynamics_kind() {
  return kebab_case(type_name<D>());
}
/// The same of a saved model.  Throws Error where the file is none, or damaged.
std::string dynamics_kind(const std::string& path);

namespace detail {
// What a file holds of a model: what it has learned, and not its optimizer's state.
template <class Owner, class Part>
std::string saved_name(const Owner& owner, const Part&) {
  if constexpr (requires(const Part& part) { part.value; }) return owner;
  else return std::string(owner) + "/parameters";
}
template <LearnedDynamics D = GaussianEnsemble>
std::vector<Buffer> dynamics_buffers(const typename D::params& h, const SavedProblem& on) {
  typename D::template state<size_backend> model(
      h, problem_spec<size_backend>{on.observation_size, on.action_size, 0, {}, on.discrete});
  buffer_list out;
  model.each([&]<class Part>(const std::string& owner, Part& part) {
    if constexpr (requires { part.value; }) out(owner, part.value);
    else out(saved_name(owner, part), part.numbers);
  });
  return std::move(out.all);
}

template <LearnedDynamics D>
struct DynamicsHeader {
  typename D::params params;
  DataIdentity data;
};
safetensors::File open_dynamics(const std::string& path);
std::string dynamics_kind_of(const safetensors::File& file);
// Throws Error unless a file is of the kind.
void require_dynamics_kind(const safetensors::File& file, const std::string& kind);
DataIdentity read_data_identity(const safetensors::File& file);
template <LearnedDynamics D = GaussianEnsemble>
DynamicsHeader<D> read_dynamics_header(const safetensors::File& file) {
  require_dynamics_kind(file, dynamics_kind<D>());
  DynamicsHeader<D> out;
  read_parameters(file, dynamics_parameters(out.params));
  out.data = read_data_identity(file);
  if constexpr (sized<D>) check_tensors_of(file, [&] { return dynamics_buffers<D>(out.params, read_problem(file)); });
  return out;
}
}  // namespace detail
}  // namespace tessera

#ifndef TESSERA_COMPILED
#include <tessera/train/dynamics_file_header.impl.hpp>
#endif
