#pragma once
#include <cstdint>
#include <iosfwd>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include <tessera/data/dataset.hpp>
#include <tessera/data/suit.hpp>
#include <tessera/dynamics/gaussian_ensemble.hpp>
#include <tessera/train/evaluate.hpp>
#include <tessera/train/train.hpp>

namespace tessera::cli {
using json = nlohmann::ordered_json;

/// "key=value" settings of --set, in the order given.
using Settings = std::vector<std::pair<std::string, std::string>>;

/// An agent of any algorithm, behind the operations of the command line.
class Agent {
 public:
  virtual ~Agent() = default;
  virtual Replay replay(const Dataset& data) const = 0;
  virtual void train(Replay& replay, const TrainOptions& options) = 0;
  virtual Evaluation evaluate(const std::string& environment, const EvaluationOptions& options) = 0;
  /// With what the tool keeps beside the agent.
  virtual void save(const std::string& path, const std::map<std::string, std::string>& extra) = 0;
  /// Throws Diverged where a parameter is not finite.
  virtual void require_finite() = 0;
  /// Takes a trained dynamics model from its file.
  virtual void load_model(const std::string& path) = 0;
  virtual std::int64_t updates() const = 0;
  virtual json parameters() const = 0;
};

/// What an algorithm imagines.
struct Imagination {
  std::optional<GaussianEnsembleParams> model{};  ///< of the dynamics model that is to be trained before, if there is one
  bool model_learns_on = false;                   ///< beside the policy
  std::int64_t rows = 0, width = 0;               ///< of the buffer of imagined transitions; 0: none
};

/// What settings suit a data set beside those that were given.
struct Suiting {
  std::vector<SuitedSetting> chosen;
  std::vector<Warning> advice;
};

/// One algorithm of the catalogue.
struct Algorithm {
  std::string name;   ///< kebab case
  std::string space;  ///< "continuous" or "discrete"
  std::string slots;
  void (*explain)(std::ostream&, const Settings&);
  Imagination (*imagination)(const Dataset&, const Settings&);
  Suiting (*suit)(const Dataset&, const Settings&, std::int64_t steps);
  std::unique_ptr<Agent> (*make)(const Dataset&, const Settings&, std::uint64_t seed, const at::Device& device);
  std::unique_ptr<Agent> (*load)(const std::string& path, const at::Device& device);
};

/// All algorithms that are linked in, by name.
std::map<std::string, Algorithm>& catalogue();
/// One of them; an unknown name is an Error that names the nearest.
const Algorithm& algorithm(const std::string& name);
}  // namespace tessera::cli
