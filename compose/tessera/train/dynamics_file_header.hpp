#pragma once
#include <cstdint>
#include <string>
#include <vector>

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
std::vector<Parameter> dynamics_parameters(GaussianEnsembleParams& h);

namespace detail {
// The settings that determine the size of the network.
inline bool shapes_the_model(const std::string& key) {
  return key == "dynamics.members" || key.starts_with("dynamics.net.");
}

// The part of a model that is saved: its parameters and statistics, not its optimizer's state.
template <class Owner, class Part>
std::string saved_name(const Owner& owner, const Part&) {
  if constexpr (requires(const Part& part) { part.value; }) return owner;
  else return std::string(owner) + "/parameters";
}
std::vector<Buffer> dynamics_buffers(const GaussianEnsembleParams& h, const SavedProblem& on);

struct DynamicsHeader {
  GaussianEnsembleParams params;
  DataIdentity data;
};
safetensors::File open_dynamics(const std::string& path);
DynamicsHeader read_dynamics_header(const safetensors::File& file);
}  // namespace detail
}  // namespace tessera

#ifndef TESSERA_COMPILED
#include <tessera/train/dynamics_file_header.impl.hpp>
#endif
