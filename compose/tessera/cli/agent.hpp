#pragma once
#include <cstdint>
#include <string>

#include <tessera/cli/catalog.hpp>
#include <tessera/cli/json.hpp>
#include <tessera/dataset/dataset.hpp>
#include <tessera/nn/ranks.hpp>
#include <tessera/options/precision.hpp>
#include <tessera/train/evaluate.hpp>
#include <tessera/train/target_policy.hpp>
#include <tessera/train/train.hpp>
#include <tessera/train/train_online.hpp>

namespace tessera::cli {
/// An agent of any algorithm, behind the operations that the command line needs.
class Agent {
 public:
  virtual ~Agent() = default;
  virtual Replay replay(const Dataset& data) const = 0;
  /// The same, of a data set that is given up.
  virtual Replay replay(Dataset&& data) const = 0;
  virtual void train(Replay& replay, const TrainOptions& options) = 0;
  /// Goes on online, in an environment.
  virtual void train_online(Replay& replay, const std::string& environment, Experience& experience,
                            const OnlineOptions& options) = 0;
  virtual Evaluation evaluate(const std::string& environment, const EvaluationOptions& options) = 0;
  /// Saves the agent, along with what the tool keeps.
  virtual void save(const std::string& path, const std::map<std::string, std::string>& extra) = 0;
  /// Throws Diverged if a parameter is not finite.
  virtual void require_finite() = 0;
  /// Throws a RankFailure where the agents of several ranks are not equal to the bit.
  virtual void require_equal(nn::Ranks& ranks) = 0;
  /// Loads a trained dynamics model from its file.
  virtual void load_model(const std::string& path) = 0;
  /// Its policy, to judge it: while the agent lives.
  virtual ope::TargetPolicy target(ope::acting how) = 0;
  /// Of the matrix products of its further updates.
  virtual void set_precision(precision p) = 0;
  virtual std::int64_t updates() const = 0;
  virtual json parameters() const = 0;
};
}  // namespace tessera::cli
