#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <string>

#include <tessera/data/load.hpp>
#include <tessera/dynamics_file_header.hpp>

#include "../catalogue.hpp"
#include "../environments.hpp"
#include "../limits.hpp"
#include "../run_folder.hpp"
#include "front.hpp"
#include "words.hpp"

namespace fs = std::filesystem;

namespace tessera::cli {
namespace {
bool is_there(const std::string& path) {
  std::error_code code;
  return fs::exists(path, code);
}
// The file of "icu-sepsis:PATH?OPTIONS" takes a second to read, that of a data set more: here they are only looked for.  What is not there is
// refused by whoever would have read it, in the same words.
void require_data(const std::string& source) {
  const std::string builtin = "builtin:", icu = IcuSepsisRequest::prefix;
  if (source.starts_with(builtin)) {
    const auto name = source.substr(builtin.size(), source.find('?') - builtin.size());
    const auto known = builtin_datasets();
    if (std::find(known.begin(), known.end(), name) == known.end()) builtin_dataset(name);
  } else if (source.starts_with(icu)) {
    if (!is_there(source.substr(icu.size(), source.find('?') - icu.size()))) load_dataset(source);
  } else {
    require_hdf5(source);
  }
}
void require_env(const std::string& env) {
  if (env.empty()) return;
  const std::string icu = IcuSepsisRequest::prefix;
  if (!env.starts_with(icu) || !is_there(env.substr(icu.size(), env.find('?') - icu.size()))) require_environment(env);
}
void require_model(const std::string& path) {
  if (!is_there(path)) throw Error(path + ": there is no such folder or file; give the --out of `tessera model train`");
}
// Paths are kept whole, from the root on.
void require_named_folder() {
  std::error_code code;
  if (const auto here = fs::current_path(code).string(); !is_utf8(here))
    throw Error("the folder '" + here + "' is not UTF-8, and config.json could not name what is in it; rename it, or work elsewhere");
}
}  // namespace

void refuse(const TrainCommand& c) {
  require_named_folder();
  if (!c.resume.empty()) {
    require_resumable(c);
    RunFolder::config_of(c.resume);
  } else if (c.algorithm.empty() || c.dataset.empty()) {
    throw Error("train needs --algorithm and --dataset (or --resume); see `tessera train --help`");
  } else {
    algorithm(c.algorithm).check(settings(c.set));
  }
  require_limits(c.action_low, c.action_high);
  require_env(c.env);
  if (!c.dataset.empty()) require_data(c.dataset);
  if (!c.model.empty()) require_model(c.model);
  if (!c.out.empty()) RunFolder::require_free(c.out, c.overwrite);
}

void refuse(const EvaluateCommand& c) {
  RunFolder::config_of(c.run);
  require_env(c.env);
}

void refuse(const ModelTrainCommand& c) {
  require_named_folder();
  GaussianEnsembleParams params;
  const auto all = dynamics_parameters(params);
  for (const auto& [key, value] : settings(c.set)) set_parameter(all, key, value);
  tessera::detail::require_ranges(dynamics<GaussianEnsemble>::label, params);
  require_env(c.env);
  require_data(c.dataset);
  if (is_there(c.out) && !fs::is_directory(c.out)) throw Error(c.out + ": is a file, not a folder; give another --out");
}

void refuse(const ModelInspectCommand& c) {
  if (c.new_data && c.dataset.empty())
    throw Error("--new-data says that --dataset is other data than the model was trained on; name it with --dataset");
  require_model(c.model);
  if (!c.dataset.empty()) require_data(c.dataset);
  if (!c.out.empty() && !fs::is_directory(c.out)) throw Error(c.out + ": there is no such folder; give another --out");
}
}  // namespace tessera::cli
