#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <tessera/cli/agent.hpp>
#include <tessera/cli/catalog.hpp>
#include <tessera/cli/commands.hpp>
#include <tessera/cli/private_folder.hpp>
#include <tessera/cli/run_folder.hpp>
#include <tessera/nn/ranks.hpp>
#include <tessera/train/train.hpp>

namespace tessera::cli {
/// The processes that train one run together, as this one of them sees them.  Rank 0 has the run's folder, evaluates
/// and prints; the others follow it.  Every call is made by all ranks at the same point of the run.
class DataParallel {
 public:
  /// Waits for the other ranks.  From then on this process prints only if it is rank 0.
  DataParallel(const TrainCommand& c, const at::Device& device);
  DataParallel(const DataParallel&) = delete;
  ~DataParallel();

  int rank() const { return ranks_->rank(); }
  int size() const { return ranks_->size(); }
  bool first() const { return rank() == 0; }
  /// The processor cores of this host for each of the ranks that run on it.
  int threads() const { return threads_; }

  /// The folder of the run that is resumed: of rank 0 it is what was named, of others a copy of what they need of it.
  std::string folder_of(const std::string& resumed);
  /// Throws an Error on a rank that does not have what rank 0 has.
  void require_same(const std::string& here, const std::string& what);

  void prepare(bool sharded);
  /// Whether rank 0 wants updates.
  bool begins(bool wanted);
  /// The updates have ended: what follows may use all cores.
  void leave_core() const;
  nn::JointUpdates& joint() { return *joint_; }
  /// Whether they have ended their updates by agreement.
  bool stopped_together() const { return joint_ && joint_->asked_to_stop(); }
  /// Whether all ranks know that a signal ends the run after this update.
  bool interrupted();
  /// Before rank 0 evaluates or saves: all ranks have equal agents, and `window` the means over the ranks.
  void meet(Agent& agent, MetricsWindow& window);
  /// After it: whether all go on, which they do not where one was told to end, or rank 0 wants no more.
  bool goes_on(bool wanted);
  /// What other ranks than the first do: updates as rank 0 makes them.  `meets(updates)`: whether rank 0 evaluates or
  /// saves then.
  void follow(const TrainCommand& c, Agent& agent, Replay& replay, MetricsWindow& window,
              const std::function<bool(std::int64_t)>& meets);

  nn::Ranks& ranks() { return *ranks_; }

 private:
  // Where ranks with one thread each are as many as the cores that they may use, each makes its updates on one of them.
  void choose_core(const TrainCommand& c, const std::vector<int>& here);
  void take_core() const;

  std::unique_ptr<nn::Ranks> ranks_;
  std::unique_ptr<nn::JointUpdates> joint_;
  int threads_ = 1;
  std::vector<int> cores_;  // all that it may use
  int core_ = -1;           // its own one, or none
  std::unique_ptr<PrivateFolder> copy_;
};
/// An Error where an algorithm cannot be trained by several processes.
void require_data_parallel(const AlgorithmEntry& a, const Imagination& imagined);
}  // namespace tessera::cli

#if !TESSERA_CLI_COMPILED
#include <tessera/cli/impl/data_parallel.hpp>
#endif
