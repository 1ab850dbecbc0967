#pragma once
#include <cstdint>
#include <string>

#include <tessera/cli/agent.hpp>
#include <tessera/cli/learned_model.hpp>
#include <tessera/cli/program.hpp>
#include <tessera/dynamics_file.hpp>

namespace tessera::cli {
/// A request for a dynamics model.
struct ModelRequest {
  const Dataset& data;
  DataIdentity identity;  ///< of the data
  WantedModel model;
  std::string env;  ///< that the data was fitted to, if any
  at::Device device;
};

/// Where a model without a given folder is stored and found: models/NAME-HASH; the hash covers the data's content and
/// all settings that its training depends on.
std::string default_model_folder(const ModelRequest& r);
/// The model's file, given its folder or the file itself.  Throws an Error if there is none.
std::string model_file(const std::string& path);

/// Throws an Error if a model has other sizes than the data.
void require_same_sizes(const DataIdentity& data, const DataIdentity& model, const std::string& file);

/// A type of model, with what it takes to train one.
const DynamicsModelEntry& trained_dynamics_model(const std::string& kind);

/// What became of a wanted model.
struct ModelResult {
  std::string file;
  bool found = false;  ///< it existed already
  json report{};       ///< otherwise, the training report in config.json
};
enum class if_there { use, refuse, replace };
/// Trains a model and writes its folder: config.json, training.csv and model.safetensors are put in place together,
/// then training.svg and training.png are drawn.  If several programs want to use the same model, one trains it and the
/// others wait; if two are to write it, the second gets an Error.  A signal throws Interrupted, and nothing is written.
ModelResult make_model(const ModelRequest& r, const std::string& folder, if_there what);

/// The settings of an agent with the given model, and the model's file; or with the requested one.
struct ChosenModel {
  std::string file;
  Settings settings;
};
/// The model in `path` for a run on the data of `r`; if none is given, the requested one from models/, trained if it
/// does not exist yet.  `given`: the settings of --set.  A model of other data gives a warning.
ChosenModel choose_model(const ModelRequest& r, const std::string& path, const Settings& given, bool learns_on);
}  // namespace tessera::cli

#if !TESSERA_CLI_COMPILED
#include <tessera/cli/impl/model_folder.hpp>
#endif
