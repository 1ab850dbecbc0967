#pragma once
#include <cstdint>
#include <string>

#include <tessera/cli/agent.hpp>
#include <tessera/cli/learned_model.hpp>
#include <tessera/cli/program.hpp>
#include <tessera/dynamics_file.hpp>

namespace tessera::cli {
/// A dynamics model that is wanted.
struct ModelRequest {
  const Dataset& data;
  DataIdentity identity;  ///< of the data
  WantedModel model;
  std::string env;  ///< that the data was fitted to, if any
  at::Device device;
};

/// Where a model goes, and is found, that is given no folder: models/NAME-HASH, the hash that of the data's content and
/// of all settings its training depends on.
std::string default_model_folder(const ModelRequest& r);
/// The model's file, of its folder or of itself.  Throws Error where there is none.
std::string model_file(const std::string& path);

/// Throws Error where a model is of another task than the data, as far as sizes tell.
void require_same_sizes(const DataIdentity& data, const DataIdentity& model, const std::string& file);

/// A type of model, with what it takes to train one.
const DynamicsModelEntry& trained_dynamics_model(const std::string& kind);

/// What became of a wanted model.
struct ModelResult {
  std::string file;
  bool found = false;  ///< it had been trained before
  json report{};       ///< else what config.json says of its training
};
enum class if_there { use, refuse, replace };
/// Trains a model and writes its folder: config.json, training.csv and model.safetensors take their places together,
/// then training.svg and training.png are drawn.  Of several programs that want to use the same model one trains it,
/// the others wait; two that are each to write it are an Error.  A signal: Interrupted, and nothing is written.
ModelResult make_model(const ModelRequest& r, const std::string& folder, if_there what);

/// The settings of an agent that is to use a given model, and the model's file; or of one that was wanted.
struct ChosenModel {
  std::string file;
  Settings settings;
};
/// The model in `path` for a run on the data of `r`; with none given the one that is wanted, out of models/, trained if
/// it is not there yet.  `given`: the settings of --set.  A model of other data is a warning.
ChosenModel choose_model(const ModelRequest& r, const std::string& path, const Settings& given, bool learns_on);
}  // namespace tessera::cli

#if !TESSERA_CLI_COMPILED
#include <tessera/cli/impl/model_folder.hpp>
#endif
