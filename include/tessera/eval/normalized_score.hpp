#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tessera {
/// The two returns of a task that a normalized score is measured between: undiscounted, of an episode, in raw rewards.
struct ScoreReference {
  double random = 0;  ///< what scores 0: the return of a policy of random actions
  double expert = 1;  ///< what scores 100: the return of an expert

  friend bool operator==(const ScoreReference&, const ScoreReference&) = default;
};

/// D4RL's normalized score (Fu et al., 2020, "D4RL: Datasets for Deep Data-Driven Reinforcement Learning", section 5):
///
///   100 (R - random) / (expert - random)
///
/// for a return R, or the mean of several.  It is not limited to [0, 100].
inline double normalized_score(double episode_return, const ScoreReference& between) {
  return 100 * (episode_return - between.random) / (between.expert - between.random);
}

/// D4RL's reference returns of the task that an environment, or a data set of D4RL's, is of: "hopper-medium-v2",
/// "hopper_medium-v2" (its file), "Hopper-v5", "gym:Hopper-v5", "AdroitHandPen-v1", "maze2d-umaze-v1".  A prefix that
/// ends with a colon and options after a question mark do not matter.  Nothing if D4RL has no reference for it.
///
/// From d4rl/infos.py of the D4RL repository (commit 0ace16d).  The returns are of D4RL's environments, with the
/// physics of MuJoCo 2.0 and the rewards of Gym's version 2: for a later version of the same task they are what scores
/// are commonly measured with, not what random actions and experts reach in it.  Where the same name is another task
/// today, there is none: Gymnasium's PointMaze, AntMaze and FrankaKitchen, whose episodes go on after success, and the
/// -v0 of the mazes, whose data D4RL has withdrawn.
std::optional<ScoreReference> d4rl_reference(std::string_view name);

/// The tasks that have one, for messages: "halfcheetah", "hopper", ...
std::vector<std::string> d4rl_tasks();
}  // namespace tessera

#ifndef TESSERA_COMPILED
#include <tessera/eval/normalized_score.impl.hpp>
#endif
