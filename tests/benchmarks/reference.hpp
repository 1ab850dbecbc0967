#pragma once
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include <tessera/nn/torch.hpp>

namespace benchmarks {
/// The shape of a problem and of its networks.
struct Sizes {
  std::int64_t observation = 17, action = 6;
  std::vector<std::int64_t> hidden = {256, 256};
  std::int64_t batch = 256;
};

/// Transitions, one tensor each, as a plain program keeps them.
struct Transitions {
  at::Tensor observations, actions, rewards, next_observations, not_done;
};

/// Standard normal numbers of a shape.
using Normal = std::function<at::Tensor(std::int64_t rows, std::int64_t columns)>;
/// Numbers of a shape, uniform in [0, 1).
using Uniform = std::function<at::Tensor(std::int64_t rows, std::int64_t columns)>;
/// Losses of one update, under the names that Tessera's metrics have.
using Losses = std::map<std::string, double>;
/// The parameters of one network, by layer: weight (in, out) and bias (out); the others where there are such.
/// LayerNorm begins as the identity.
struct Weights {
  std::vector<std::pair<at::Tensor, at::Tensor>> layers;
  at::Tensor state_independent, frequencies;
};
/// Every network of an algorithm, one entry per ensemble member: "policy", "critic", "value", "behavior".
using Networks = std::map<std::string, std::vector<Weights>>;

/// An algorithm as an ordinary libtorch program writes it: torch::nn::Sequential, torch::optim::Adam, one module per
/// ensemble member, autograd throughout.  What Tessera's speed is compared with.
class Reference {
 public:
  virtual ~Reference() = default;
  /// Takes over initial parameters; targets start as copies.
  virtual void copy(const Networks& from) = 0;
  /// One update.  Losses are read back only if asked for.
  virtual void update(const Transitions& batch, const Normal& normal, const Uniform& uniform, Losses* losses) = 0;
};

/// CQL's actions a state: so many uniform ones, from pi(.|s) and from pi(.|s') each; and the weight of its conservative
/// term.
inline constexpr std::int64_t cql_actions = 10;
inline constexpr double cql_weight = 5;

/// RLPD's critics, and how many of their updates there are for one of the actor.
inline constexpr std::int64_t rlpd_members = 10, rlpd_period = 20;

/// FQL's steps from noise to an action, and the weight of its distillation.
inline constexpr std::int64_t fql_steps = 10;
inline constexpr double fql_weight = 10;

/// IDQL's steps from an action to noise, and its diffusion's network: width, blocks, their hidden layers' width; the
/// frequencies of the time, and the widths of the layers that code it.
struct DiffusionSizes {
  std::int64_t steps = 5, width = 256, blocks = 3, inner = 1024, frequencies = 32;
  std::vector<std::int64_t> time = {128, 128};
};

/// `algorithm`: bc, td3-bc, awac, iql, sac, cql, rlpd, fql, idql.
std::unique_ptr<Reference> make_reference(const std::string& algorithm, const Sizes& sizes, const at::Device& device);

/// An ensemble of probabilistic networks of the dynamics, each of which has a batch of its own: the rate of its
/// weights' decay by layer, and the weight of the term that keeps its bounds together.
struct DynamicsSizes {
  std::int64_t observation = 17, action = 6, members = 7, elites = 5;
  std::vector<std::int64_t> hidden = {200, 200, 200, 200};
  std::int64_t batch = 256, rollouts = 2000;
  std::vector<double> decay = {2.5e-5, 5e-5, 7.5e-5, 7.5e-5, 1e-4};
  double bounds = 0.01, low = -10, high = 0.5;

  std::int64_t inputs() const { return observation + action; }
  /// Numbers that are predicted: the next observation and the reward.
  std::int64_t targets() const { return observation + 1; }
};

/// The same as an ordinary libtorch program writes it: one tensor of weights a layer, torch::baddbmm,
/// torch::optim::Adam, autograd throughout.
class DynamicsReference {
 public:
  virtual ~DynamicsReference() = default;
  /// Takes over the members' parameters.
  virtual void copy(const std::vector<Weights>& members) = 0;
  /// One step at x (N, B, inputs) and y (N, B, targets).  Returns the likelihood's loss.
  virtual at::Tensor step(const at::Tensor& x, const at::Tensor& y) = 0;
  /// Outputs (M, B, 2 targets) of the first M members at x (M, B, inputs), without gradient.
  virtual at::Tensor predict(const at::Tensor& x) = 0;
};
std::unique_ptr<DynamicsReference> make_dynamics_reference(const DynamicsSizes& sizes, const at::Device& device);
}  // namespace benchmarks
