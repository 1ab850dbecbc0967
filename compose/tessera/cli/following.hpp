#pragma once
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <tessera/cli/agent.hpp>
#include <tessera/cli/program.hpp>
#include <tessera/dataset/dataset.hpp>
#include <tessera/nn/tensor.hpp>
#include <tessera/ope/estimate.hpp>
#include <tessera/train/fitted_q.hpp>

namespace tessera::cli {
struct FollowingOptions {
  double discount = 0.99;
  std::int64_t updates = 2000;  ///< of fitted Q evaluation for an estimate; the first has `first_times` as many
  std::uint64_t seed = 0;
};
inline constexpr std::int64_t first_times = 5;

/// The estimate, by fitted Q evaluation, of a policy that is being trained, now and then: each fit goes on from the
/// networks of the one before.  It only asks the agent for actions, so that the agent learns as it would without.
class Following {
 public:
  /// Throws an Error where the policy cannot be judged on these data.  The agent outlives it.
  Following(Dataset data, Agent& agent, FollowingOptions options);

  /// The estimate after so many updates of the agent; nothing where a signal stopped it, and then all is as before.
  std::optional<ope::Estimate> operator()(std::int64_t agent_updates);
  /// The mean of the data's own discounted returns.
  double of_data() const { return of_data_; }

  /// Writes what the next fit goes on from, and what the last one went on from: a run that is killed before its
  /// checkpoint is in place goes on from the earlier one.
  void save(const std::string& path) const;
  /// Reads what a fit left behind after so many updates of the agent; throws an Error where the file is not of it.
  void restore(const std::string& path, std::int64_t agent_updates);

 private:
  struct State {
    std::int64_t agent_updates = 0;  // 0: there is none
    std::vector<std::pair<std::string, at::Tensor>> tensors{};
    std::vector<std::pair<std::string, std::int64_t>> numbers{};
  };
  ope::PolicyValue& value();
  State state(std::int64_t agent_updates);
  void go_back_to(const State& state);

  Dataset data_;
  Agent& agent_;
  FollowingOptions o_;
  double of_data_ = 0;
  std::unique_ptr<ope::PolicyValue> value_;
  State before_, last_;
};
}  // namespace tessera::cli

#if !TESSERA_CLI_COMPILED
#include <tessera/cli/impl/following.hpp>
#endif
