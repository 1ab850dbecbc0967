#pragma once
#include <tessera/dataset/dataset.hpp>
#include <tessera/io/npz.hpp>

/// Demonstrations in .npz files: two conventions for where an episode begins.
namespace tessera {
/// Whether a file has the layout of imitation before it wrote Hugging Face's folders.
bool is_imitation_npz(const NpzFile& file);

/// Reads it: 'obs' (steps + episodes, n), T + 1 of each episode; 'acts' (steps, d) floats or (steps) indices;
/// 'indices' (episodes - 1), the step at which each episode after the first begins; 'terminal' (episodes), whether the
/// task ended; 'rews' (steps), or rewards of 0 with a warning.  'infos' are pickled objects: never read.
/// Source: Gleave et al., "imitation: Clean Imitation Learning Implementations", 2022, its serialize.py.
Dataset read_imitation_npz(const NpzFile& file);

/// Whether a file has the layout of Stable-Baselines 2's expert trajectories.
bool is_sb2_npz(const NpzFile& file);

enum class sb2_ends { unknown, terminated, truncated };
/// Reads it: 'obs' (steps, n), 'actions' (steps, d), 'rewards' (steps), 'episode_starts' (steps), 1 in the first row of
/// an episode.  There are no last observations, and the file does not say how an episode ended: its last step is not
/// used, unless `ends` says that the task ended there.
/// Source: Hill et al., Stable Baselines 2, gail/dataset/record_expert.py.
Dataset read_sb2_npz(const NpzFile& file, sb2_ends ends = sb2_ends::unknown);
}  // namespace tessera

#ifndef TESSERA_COMPILED
#include <tessera/io/trajectories_npz.impl.hpp>
#endif
