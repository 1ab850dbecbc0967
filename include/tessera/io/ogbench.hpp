#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include <tessera/dataset/dataset.hpp>
#include <tessera/io/npz.hpp>
#include <tessera/support/read_limits.hpp>

namespace tessera {
struct OgbenchOptions {
  std::int64_t task = 0;      ///< 1 to 5: the rewards of this task of the environment; 0: those in the file
  std::string environment{};  ///< "pointmaze-medium": empty: from the file's name
};

/// Whether a .npz file has the layout of OGBench.
bool is_ogbench(const NpzFile& file);

/// Reads OGBench's layout: 'observations' (N, n), 'actions' (N, d) floats or (N) indices, 'terminals' (N).  A
/// trajectory of T steps has T + 1 rows; the last one, with terminals = 1, holds the state that the last step led to.
/// That is the end of a trajectory and not of a task: episodes count as cut there.
///
/// Rewards: the file's 'rewards' and 'masks' if it has them, else those of `task`, else 0 with a warning, for the files
/// are made for tasks that set goals.  'masks' = 0 says that no return follows; it may stand before the end of a
/// trajectory, which is not cut there (`Dataset::terminals`).
/// The rewards of a task are those of OGBench's single-task variants (io/ogbench_tasks.hpp): minus the number of things
/// that are not where they should be, from 'qpos' and 'button_states' of the state and not of the next one.  In a maze
/// that is 0 within the tolerance of the goal (1 for the point, 0.5 for the ant and the humanoid), and else -1.
///
/// The views that OGBench's own loader makes are read too: with 'next_observations' (T rows, terminals = 1 in the last
/// of a trajectory), and the compact one with 'valids' (T + 1 rows, 0 in the last).
/// Other arrays are ignored; a file NAME-val.npz beside it is mentioned, not read.
/// Source: Park, Frans, Eysenbach, Levine, "OGBench: Benchmarking Offline Goal-Conditioned RL", 2025; its utils.py and
/// relabel_utils.py, 1.2.2.
Dataset read_ogbench(const NpzFile& file, const OgbenchOptions& options = {});

/// Whether a folder holds .npz files of that layout: OGBench's largest sets come in pieces.
bool is_ogbench_folder(const std::string& path);
/// Reads them one after another in the order of their names, without the files NAME-val.npz.
Dataset read_ogbench_folder(const std::string& path, const OgbenchOptions& options = {}, const ReadLimits& limits = {});
}  // namespace tessera

#ifndef TESSERA_COMPILED
#include <tessera/io/ogbench.impl.hpp>
#endif
