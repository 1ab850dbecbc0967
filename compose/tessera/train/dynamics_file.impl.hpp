#pragma once
#include <string>
#include <utility>

#include <tessera/support/inline.hpp>
#include <tessera/train/dynamics_file.hpp>

namespace tessera {
TESSERA_INLINE TrainedDynamics load_dynamics(const std::string& path, at::Device device) {
  const auto file = detail::open_dynamics(path);
  auto header = detail::read_dynamics_header(file);
  const auto& data = header.data;
  const problem_spec<torch_backend> on{data.observation_size, data.action_size, 0, device,
                                       data.kind == action_kind::discrete};
  auto model = detail::read_dynamics(file, header.params, on);
  return {std::move(header.params), std::move(header.data), std::move(model)};
}
}  // namespace tessera
