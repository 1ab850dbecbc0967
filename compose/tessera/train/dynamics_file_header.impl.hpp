#pragma once
#include <cstdint>
#include <string>

#include <tessera/support/inline.hpp>
#include <tessera/train/dynamics_file_header.hpp>

namespace tessera {
TESSERA_INLINE DataIdentity identity_of(const Dataset& data) {
  return {data.name, content_hash(data), data.observation_size, data.action_size, data.kind};
}
TESSERA_INLINE std::string sizes_text(const DataIdentity& d) {
  const auto actions = std::to_string(d.action_size);
  return "observations of " + std::to_string(d.observation_size) + " and " +
         (d.kind == action_kind::discrete ? actions + " discrete actions" : "actions of " + actions);
}

TESSERA_INLINE std::string dynamics_kind(const std::string& path) {
  return detail::dynamics_kind_of(detail::open_dynamics(path));
}
}  // namespace tessera

namespace tessera::detail {
TESSERA_INLINE safetensors::File open_dynamics(const std::string& path) {
  return open_saved(path, dynamics_format, checkpoint_format,
                    "is the checkpoint of a run, not a dynamics model; give a dynamics model's file");
}
TESSERA_INLINE std::string dynamics_kind_of(const safetensors::File& file) {
  const auto found = file.metadata().find("model");
  // Until there were others every model was an ensemble, and did not say so.
  return found == file.metadata().end() ? dynamics_kind<GaussianEnsemble>() : found->second;
}
TESSERA_INLINE void require_dynamics_kind(const safetensors::File& file, const std::string& kind) {
  const auto is = dynamics_kind_of(file);
  if (is != kind)
    throw Error(file.path() + ": is a model of the kind " + printable_name(is) + ", not " + kind +
                "; give one of that kind, or use this one where such a model is asked for");
}
TESSERA_INLINE DataIdentity read_data_identity(const safetensors::File& file) {
  const auto on = read_problem(file);
  const auto& hash = file.text("data.hash");
  DataIdentity out{file.text("data.name"), 0, on.observation_size, on.action_size,
                   on.discrete ? action_kind::discrete : action_kind::continuous};
  if (hash.size() != 16 || hash.find_first_not_of("0123456789abcdef") != std::string::npos)
    throw file.damaged("its data set's hash is none");
  for (const char c : hash) out.hash = out.hash << 4 | std::uint64_t(c <= '9' ? c - '0' : c - 'a' + 10);
  return out;
}
}  // namespace tessera::detail
