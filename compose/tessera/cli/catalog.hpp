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
#include <tessera/dynamics/gaussian_ensemble.hpp>

namespace c10 {
struct Device;
}

namespace tessera::cli {
class Agent;

/// The "key=value" settings of --set, in the order given.
using Settings = std::vector<std::pair<std::string, std::string>>;
/// Splits them into key and value.
Settings settings(const std::vector<std::string>& set);

/// The dynamics model and the imagined data of an algorithm.
struct Imagination {
  std::optional<GaussianEnsembleParams>
      model{};                       ///< of the dynamics model that is to be trained first, if there is one
  bool model_learns_on = false;      ///< training goes on along with the policy
  std::int64_t rows = 0, width = 0;  ///< size of the buffer of imagined transitions; 0: none
};

/// The settings chosen for a data set in addition to those that were given.
struct Suiting {
  std::vector<SuitedSetting> chosen;
  std::vector<Warning> advice;
};

/// One algorithm of the catalog.  If a program is two binaries, one describes the algorithm and the other runs it; each
/// leaves the other's functions empty.
struct AlgorithmEntry {
  std::string name;   ///< kebab case
  std::string space;  ///< "continuous" or "discrete"
  std::string slots;

  // Without libtorch.
  void (*explain)(std::ostream&, const Settings&) = nullptr;
  void (*check)(const Settings&) = nullptr;  ///< throws Error unless all are settings of this algorithm
  std::vector<std::string> (*keys)() = nullptr;

  // With libtorch.
  Imagination (*imagination)(const Dataset&, const Settings&) = nullptr;
  Suiting (*suit)(const Dataset&, const Settings&, std::int64_t steps) = nullptr;
  std::unique_ptr<Agent> (*make)(const Dataset&, const Settings&, std::uint64_t seed,
                                 const c10::Device& device) = nullptr;
  std::unique_ptr<Agent> (*load)(const std::string& path, const c10::Device& device) = nullptr;
};

/// All registered algorithms, by name.
std::map<std::string, AlgorithmEntry>& catalog();
void add_algorithm(AlgorithmEntry entry);
/// The algorithm of that name; an unknown name is an Error that names the nearest one.
const AlgorithmEntry& algorithm(const std::string& name);
}  // namespace tessera::cli

#if !TESSERA_CLI_COMPILED
#include <tessera/cli/impl/catalog.hpp>
#endif
