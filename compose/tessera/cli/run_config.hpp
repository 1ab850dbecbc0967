#pragma once
#include <cstdint>
#include <string>

#include <tessera/cli/commands.hpp>
#include <tessera/cli/json.hpp>
#include <tessera/cli/program.hpp>
#include <tessera/dataset/dataset.hpp>

namespace tessera::cli {
/// Which data a run learns from, so that a resumed one can be told from other data.
struct RunData {
  std::string hash;  ///< content_hash
  action_kind kind = action_kind::continuous;
  std::int64_t observation_size = 0, action_size = 0, transitions = 0, episodes = 0;
};
RunData run_data(const Dataset& data);
/// What differs, in words; empty where nothing does.  `now` is the data that is at hand.
std::string difference(const RunData& now, const RunData& then);

/// What the last digits of a run's numbers depend on beside its settings.
struct RunPlatform {
  std::int64_t threads = 0;
  std::string device, product, libtorch;  ///< product: the library of the matrix product, and the kernels it chose
};

/// What config.json says.
struct RunConfig {
  TrainCommand command{};  ///< those of its fields that shape a run
  RunData data{};
  RunPlatform platform{};
  json parameters{};  ///< of the agent, key to text
  /// The model and its buffer, if the run has them; the limits of actions; what was chosen for the data: as they are
  /// written.
  json imagined{}, action_limits{}, chosen{};
};

/// The text of a config.json.
std::string config_text(const RunConfig& config);
/// Throws Error, with the file, the key and what is wrong with it, where the text is not one that `config_text` makes.
/// It may come from anybody: nothing in it is believed to be in range, or printable.
RunConfig read_run_config(const std::string& path, const std::string& text);
/// Whether a text looks like a run's config.json, also one of an earlier version or with a mistake in it.
bool is_run_config(const std::string& text);
/// The same of a dynamics model's.
bool is_model_config(const std::string& text);

/// A data set or an environment as it is named from any other folder; names that are not paths stay as they are.
std::string absolute_dataset(const std::string& name);
std::string absolute_environment(const std::string& name);
}  // namespace tessera::cli

#if !TESSERA_CLI_COMPILED
#include <tessera/cli/impl/run_config.hpp>
#endif
