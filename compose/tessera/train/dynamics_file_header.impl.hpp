#pragma once
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

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

TESSERA_INLINE std::vector<Parameter> dynamics_parameters(GaussianEnsembleParams& h) {
  std::vector<Parameter> out;
  detail::list_fields(out, dynamics<GaussianEnsemble>::label, h);
  return out;
}
}  // namespace tessera

namespace tessera::detail {
TESSERA_INLINE std::vector<Buffer> dynamics_buffers(const GaussianEnsembleParams& h, const SavedProblem& on) {
  GaussianEnsemble::state<size_backend> model(
      h, problem_spec<size_backend>{on.observation_size, on.action_size, 0, {}, on.discrete});
  buffer_list out;
  model.each([&]<class Part>(const std::string& owner, Part& part) {
    if constexpr (requires { part.value; }) out(owner, part.value);
    else out(saved_name(owner, part), part.numbers);
  });
  return std::move(out.all);
}

TESSERA_INLINE safetensors::File open_dynamics(const std::string& path) {
  return open_saved(path, dynamics_format, checkpoint_format,
                    "is the checkpoint of a run, not a dynamics model; give a dynamics model's file");
}
TESSERA_INLINE DynamicsHeader read_dynamics_header(const safetensors::File& file) {
  DynamicsHeader out;
  read_parameters(file, dynamics_parameters(out.params));
  const auto on = read_problem(file);
  const auto& hash = file.text("data.hash");
  out.data = {file.text("data.name"), 0, on.observation_size, on.action_size,
              on.discrete ? action_kind::discrete : action_kind::continuous};
  if (hash.size() != 16 || hash.find_first_not_of("0123456789abcdef") != std::string::npos)
    throw file.damaged("its data set's hash is none");
  for (const char c : hash) out.data.hash = out.data.hash << 4 | std::uint64_t(c <= '9' ? c - '0' : c - 'a' + 10);
  check_tensors_of(file, [&] { return dynamics_buffers(out.params, on); });
  return out;
}
}  // namespace tessera::detail
