#pragma once
#include <map>
#include <memory>
#include <string>

#include <tessera/cli/catalog.hpp>
#include <tessera/compose/ranges.hpp>
#include <tessera/concepts/dynamics.hpp>
#include <tessera/train/dynamics_file_header.hpp>

namespace c10 {
struct Device;
}

namespace tessera::cli {
class LearnedModel;

/// One type of dynamics model that is learned.  What takes libtorch is empty where a program's binary does without it.
struct DynamicsModelEntry {
  std::string name;  ///< kebab case
  /// All of its settings, by key, with some of them given.  Throws Error unless these are settings of such a model.
  Settings (*settings)(const Settings& given) = nullptr;
  counts_for (*counts)(const std::string& key) = nullptr;

  // With libtorch.
  std::unique_ptr<LearnedModel> (*make)(const Settings&, const Dataset&, const c10::Device&) = nullptr;
  std::unique_ptr<LearnedModel> (*load)(const std::string& path, const c10::Device&) = nullptr;
};

/// All that are registered, by name, and the library's own.
std::map<std::string, DynamicsModelEntry>& dynamics_models();
void add_dynamics_model(DynamicsModelEntry entry);
/// One of them.  Throws Error where there is none of the name.
const DynamicsModelEntry& dynamics_model(const std::string& name);
/// "gaussian-ensemble, my-model".
std::string dynamics_models_text();

/// A model's settings as text.
inline Settings settings_of(const std::vector<Parameter>& all) {
  Settings out;
  for (const auto& p : all) out.emplace_back(p.key, p.text());
  return out;
}
/// A model's hyper-parameters with some of them set.
template <LearnedDynamics D>
typename D::params dynamics_parameters_with(const Settings& settings) {
  typename D::params h;
  const auto all = dynamics_parameters(h);
  for (const auto& [key, value] : settings) set_parameter(all, key, value);
  tessera::detail::require_ranges(dynamics<D>::label, h);
  return h;
}
/// What is known of a type of model without libtorch.
template <LearnedDynamics D>
DynamicsModelEntry described_dynamics_model() {
  return {.name = dynamics_kind<D>(),
          .settings =
              [](const Settings& given) {
                auto h = dynamics_parameters_with<D>(given);
                return settings_of(dynamics_parameters(h));
              },
          .counts = [](const std::string& key) { return dynamics_setting_counts_for<D>(key); }};
}
}  // namespace tessera::cli

#if !TESSERA_CLI_COMPILED
#include <tessera/cli/impl/dynamics_models.hpp>
#endif
