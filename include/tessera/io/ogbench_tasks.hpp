#pragma once
#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace tessera {
/// What a single task of OGBench asks for: things that are where they should be.
struct OgbenchTask {
  struct Place {
    std::size_t column = 0;      ///< of 'qpos', the first of them
    std::vector<double> goal{};  ///< one number a column, in meters or radians
    double tolerance = 0;        ///< Euclidean; that far still counts
  };
  std::vector<Place> places{};
  std::string buttons{};       ///< "0" or "1" for each column of 'button_states'
  std::int64_t max_steps = 0;  ///< of an episode

  /// Columns of 'qpos' that are looked at.
  std::size_t width() const;
};

/// The goals of task 1 to 5 of "pointmaze-medium", "antmaze-large", "humanoidmaze-giant", "antsoccer-arena",
/// "cube-double", "scene", "puzzle-4x5" and their like; none for an environment that has no such tasks.
/// With the versions of pixels ("visual-...") they have the same ones.
/// Source: Park, Frans, Eysenbach, Levine, "OGBench: Benchmarking Offline Goal-Conditioned RL", 2025; the environments'
/// lists of tasks, 1.2.2.
std::optional<OgbenchTask> ogbench_task(std::string environment, std::int64_t task);
}  // namespace tessera

#ifndef TESSERA_COMPILED
#include <tessera/io/ogbench_tasks.impl.hpp>
#endif
