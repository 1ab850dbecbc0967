#pragma once
#include <utility>

#include <tessera/cli/dynamics_models.hpp>
#include <tessera/cli/registration.hpp>
#include <tessera/dynamics/gaussian_ensemble.hpp>
#include <tessera/support/error.hpp>
#include <tessera/support/nearest_name.hpp>
#include <tessera/support/printable.hpp>

namespace tessera::cli {
TESSERA_CLI_INLINE std::map<std::string, DynamicsModelEntry>& dynamics_models() {
  static std::map<std::string, DynamicsModelEntry> all = {
      {dynamics_kind<GaussianEnsemble>(), described_dynamics_model<GaussianEnsemble>()}};
  return all;
}

TESSERA_CLI_INLINE void add_dynamics_model(DynamicsModelEntry entry) {
  const auto name = entry.name;
  if (!dynamics_models().emplace(name, std::move(entry)).second) registered_twice("dynamics model", name);
}

TESSERA_CLI_INLINE std::string dynamics_models_text() {
  std::string all;
  for (const auto& [name, entry] : dynamics_models()) all += (all.empty() ? "" : ", ") + name;
  return all;
}

TESSERA_CLI_INLINE const DynamicsModelEntry& dynamics_model(const std::string& name) {
  const auto found = dynamics_models().find(name);
  if (found != dynamics_models().end()) return found->second;
  std::vector<std::string> names;
  for (const auto& [known, entry] : dynamics_models()) names.push_back(known);
  const auto near = nearest_name(name, names);
  throw Error("no dynamics model of this program is a " + printable_name(name) +
              (near.empty() ? "" : "; did you mean '" + near + "'?") + " (there are " + dynamics_models_text() +
              "; a program adds its own by one line, tessera::cli::DynamicsModel<...>)");
}
}  // namespace tessera::cli
