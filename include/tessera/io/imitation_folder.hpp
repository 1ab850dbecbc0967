#pragma once
#include <optional>
#include <string>

#include <tessera/dataset/dataset.hpp>
#include <tessera/support/read_limits.hpp>

namespace tessera {
/// Whether a folder holds what Hugging Face's `datasets` saves, which is how the library imitation saves trajectories.
bool is_imitation_folder(const std::string& path);

/// Reads trajectories that the library imitation has saved (see `read_arrow_tables`): a row is a trajectory of T steps
/// with T + 1 observations, and one mark that says whether the task ended with it.
/// `reward`: what every reward is; needed where there are none.
Dataset read_imitation_folder(const std::string& path, std::optional<float> reward = std::nullopt,
                              const ReadLimits& limits = {});

namespace detail {
/// The number that a text is; nothing if it is something else.
std::optional<float> constant_reward(const std::string& option);
}  // namespace detail
}  // namespace tessera

#ifndef TESSERA_COMPILED
#include <tessera/io/imitation_folder.impl.hpp>
#endif
