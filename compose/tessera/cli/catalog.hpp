#pragma once
#include <cstdint>
#include <iosfwd>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <tessera/cli/program.hpp>
#include <tessera/dataset/dataset.hpp>
#include <tessera/dataset/suit.hpp>

namespace c10 {
struct Device;
}

namespace tessera {
struct ExportedPolicy;
}

namespace tessera::cli {
class Agent;

/// The "key=value" settings of --set, in the order given.
using Settings = std::vector<std::pair<std::string, std::string>>;
/// Splits them into key and value.
Settings settings(const std::vector<std::string>& set);

/// A dynamics model that is to be trained: its type's name, and all of its settings.
struct WantedModel {
  std::string kind;
  Settings settings;
};

/// What an algorithm imagines.
struct Imagination {
  std::optional<WantedModel> model{};  ///< that is to be trained before, if there is one
  bool model_learns_on = false;        ///< beside the policy
  std::int64_t rows = 0, width = 0;    ///< of the buffer of imagined transitions; 0: none
};

/// The settings chosen for a data set in addition to those that were given.
struct Suiting {
  std::vector<SuitedSetting> chosen;
  std::vector<Warning> advice;
};

/// A setting of a recipe: its default as text, and what it means.
struct SettingText {
  std::string key, value, about;
};

/// One recipe of the catalog.  If a program is two binaries, one describes the recipe and the other runs it; each
/// leaves the other's functions empty.
struct AlgorithmEntry {
  std::string name;    ///< of the algorithm: what --algorithm and config.json call it, kebab case
  std::string space;   ///< the actions that it is for: "continuous" or "discrete"
  std::string recipe;  ///< of the recipe: what its checkpoints call it, its type's name in kebab case
  std::string slots;
  std::vector<std::string> (*keys)() = nullptr;  ///< of its settings
  void (*check)(const Settings&) = nullptr;      ///< throws Error unless all of them are settings of this recipe
  bool only_online = false;  ///< half of its batches is collected online, so that it cannot be trained otherwise

  // Without libtorch.
  void (*explain)(std::ostream&, const Settings&) = nullptr;
  std::vector<SettingText> (*settings)() = nullptr;

  // With libtorch.
  Imagination (*imagination)(const Dataset&, const Settings&) = nullptr;
  Suiting (*suit)(const Dataset&, const Settings&, std::int64_t steps) = nullptr;
  std::unique_ptr<Agent> (*make)(const Dataset&, const Settings&, std::uint64_t seed,
                                 const c10::Device& device) = nullptr;
  ExportedPolicy (*exported)(const std::string& checkpoint) = nullptr;
  std::unique_ptr<Agent> (*load)(const std::string& path, const c10::Device& device,
                                 const Settings& changed) = nullptr;  ///< with settings that are others from now on
};

/// "continuous" or "discrete".
std::string space_of(action_kind kind);

/// All algorithms that are registered, by name: of each its recipes, one for each kind of actions that it serves, that
/// for continuous ones first.
std::map<std::string, std::vector<AlgorithmEntry>>& catalog();
void add_algorithm(AlgorithmEntry entry);
/// The recipes of one of them; an unknown name is an Error that says the nearest, and one that an algorithm had in
/// earlier versions an Error that says its name now.
const std::vector<AlgorithmEntry>& algorithm(const std::string& name);
/// The recipe of an algorithm for actions of that kind; an Error, which begins with `about` and names algorithms that
/// serve it, where there is none.
const AlgorithmEntry& algorithm_for(const std::string& about, const std::string& name, const std::string& space);
/// The same of a name out of a file of this or of an earlier version, where the recipe's name ("discrete-iql") was the
/// algorithm's; null where there is none.
const AlgorithmEntry* find_algorithm(const std::string& name, const std::string& space);
/// Of an algorithm's recipes the one that the settings are for; the first where they do not tell.
const AlgorithmEntry& likeliest(const std::vector<AlgorithmEntry>& recipes, const Settings& settings);
/// Throws Error unless all are settings of the recipe; says so where they are those of its algorithm for the other kind
/// of actions.
void require_settings(const AlgorithmEntry& a, const Settings& settings);
}  // namespace tessera::cli

#if !TESSERA_CLI_COMPILED
#include <tessera/cli/impl/catalog.hpp>
#endif
