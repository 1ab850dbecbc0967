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

namespace tessera::cli {
class Agent;

/// "key=value" settings of --set, in the order given.
using Settings = std::vector<std::pair<std::string, std::string>>;
/// Splits them.
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

/// What settings suit a data set beside those that were given.
struct Suiting {
  std::vector<SuitedSetting> chosen;
  std::vector<Warning> advice;
};

/// One algorithm of the catalog.  Where a program is two binaries the one knows what it is, the other what it does;
/// either leaves the other's functions empty.
struct AlgorithmEntry {
  std::string name;   ///< kebab case
  std::string space;  ///< "continuous" or "discrete"
  std::string slots;

  // Without libtorch.
  void (*explain)(std::ostream&, const Settings&) = nullptr;
  void (*check)(const Settings&) = nullptr;  ///< throws Error unless all of them are settings of this algorithm
  std::vector<std::string> (*keys)() = nullptr;

  // With it.
  Imagination (*imagination)(const Dataset&, const Settings&) = nullptr;
  Suiting (*suit)(const Dataset&, const Settings&, std::int64_t steps) = nullptr;
  std::unique_ptr<Agent> (*make)(const Dataset&, const Settings&, std::uint64_t seed,
                                 const c10::Device& device) = nullptr;
  std::unique_ptr<Agent> (*load)(const std::string& path, const c10::Device& device) = nullptr;
};

/// All algorithms that are registered, by name.
std::map<std::string, AlgorithmEntry>& catalog();
void add_algorithm(AlgorithmEntry entry);
/// One of them; an unknown name is an Error that names the nearest.
const AlgorithmEntry& algorithm(const std::string& name);
}  // namespace tessera::cli

#if !TESSERA_CLI_COMPILED
#include <tessera/cli/impl/catalog.hpp>
#endif
