#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include <tessera/dataset/rows_on_disk.hpp>
#include <tessera/dataset/spaces.hpp>
#include <tessera/support/error.hpp>

namespace tessera {
enum class action_kind { continuous, discrete };
/// Where the limits of continuous actions come from: the smallest and largest action seen, or a declaration.
enum class limits_origin { seen, file, environment, user };

/// What a reader noticed and what it did about it.  Never fatal: a fatal problem is an `Error`.
struct Warning {
  std::string name;     ///< the kind of finding in kebab case, e.g. "doubled-terminal"
  std::string message;  ///< one line: what, where (key, first row, how many), what was done
};

/// One episode as the file stores it: `rows` counts every stored step, including a last one that cannot become a
/// transition because its next observation is not in the file.
struct Episode {
  std::int64_t first;        ///< its first transition
  std::int64_t transitions;  ///< how many transitions it has
  std::int64_t rows;         ///< how many of its steps are in the file
  double episode_return;     ///< undiscounted sum of the raw rewards over all its rows
  double discounted_return;  ///< the same with discount 0.99
  bool complete;             ///< false if the file ends (or was cut) in the middle of it
};

/// Logged transitions (s, a, r, s', end) in memory, as a structure of arrays, in the units of the file; or, where
/// `on_disk` is set, on the disk: the vectors from `observations` to `unknown_next` are empty then, and `RowReader`
/// reads the transitions.
///
/// An observation is stored once: the next observation of one transition is usually the observation
/// of the following one.  Transition i goes from `observations[observation_row[i]]` to
/// `observations[next_observation_row[i]]`.  Transitions of an episode are consecutive.
struct Dataset {
  std::string name;    ///< where it came from: a path, or "builtin:..."
  std::string format;  ///< "d4rl", "d3rlpy-v1", "builtin"
  action_kind kind = action_kind::continuous;
  std::int64_t observation_size = 0;
  std::int64_t action_size = 0;  ///< dimensions of an action, or the number of discrete actions

  std::vector<float> observations;  ///< (stored observations, observation_size), row-major
  std::vector<std::int64_t> observation_row;
  std::vector<std::int64_t> next_observation_row;
  std::vector<float> actions;                ///< (size(), action_size) if continuous, else empty
  std::vector<std::int64_t> action_indices;  ///< (size()) if discrete, else empty
  std::vector<float> rewards;                ///< (size()), raw
  /// The task ended here: no bootstrap.  Usually an episode's last transition; where a log goes on although the task
  /// was done (OGBench's masks), also one before it, and the episode is not cut there.
  std::vector<std::uint8_t> terminals;
  std::vector<std::uint8_t> timeouts;  ///< the episode was truncated here: bootstrap from s'
  /// Empty if every next observation is known.  Else (size()), 1 at terminals whose next observation is unknown: the
  /// transition's own observation stands in for it, so that it is finite and may be used where it has no weight, but
  /// nothing may be learned from it.
  std::vector<std::uint8_t> unknown_next;
  /// Empty if they were not logged.  Else (size()), the propensity of each logged action: with which probability
  /// (discrete), or density in the units of the log (continuous), the behavior policy took it in its state.
  std::vector<float> propensities;

  std::vector<float> action_low,
      action_high;  ///< (action_size) if continuous: smallest and largest seen, or the declared limits
  limits_origin limits_from = limits_origin::seen;
  LogSpaces spaces;  ///< what the numbers are called, and their bounds, as far as the file knows
  LogTask task;      ///< what the log is of, likewise
  std::vector<Episode> episodes;
  std::vector<Warning> warnings;
  std::shared_ptr<const RowsOnDisk> on_disk{};  ///< null: the transitions are in memory

  bool knows_next(std::int64_t i) const { return unknown_next.empty() || unknown_next[std::size_t(i)] == 0; }
  bool has_propensities() const { return on_disk ? on_disk->has_propensities() : !propensities.empty(); }
  std::int64_t size() const { return on_disk ? on_disk->size() : static_cast<std::int64_t>(rewards.size()); }
  const float* observation(std::int64_t i) const {
    return observations.data() + observation_row[std::size_t(i)] * observation_size;
  }
  const float* next_observation(std::int64_t i) const {
    return observations.data() + next_observation_row[std::size_t(i)] * observation_size;
  }
};

/// Throws an Error where the transitions stay on the disk: "NAME: ..., and WHAT needs them in memory; ...".
inline void require_in_memory(const Dataset& data, const std::string& what) {
  if (data.on_disk)
    throw Error(data.name + ": its transitions stay on the disk, and " + what +
                " needs them in memory; raise the memory limit, or give it a part of the data");
}
}  // namespace tessera
