#pragma once
#include <algorithm>
#include <array>
#include <cmath>
#include <concepts>
#include <cstdint>
#include <functional>
#include <limits>
#include <numeric>
#include <string>
#include <vector>

#include <tessera/dataset/dataset.hpp>
#include <tessera/dynamics/gaussian_ensemble.hpp>
#include <tessera/nn/backend.hpp>
#include <tessera/nn/random.hpp>
#include <tessera/support/error.hpp>
#include <tessera/train/takes_dynamics.hpp>

namespace tessera {
/// The transitions a model is trained on, and the held-out ones; both in the order of the data.
struct Holdout {
  std::vector<std::int64_t> train, held;
  std::vector<std::int64_t> episodes;  ///< the held-out ones; empty if one had to be split
};

/// Holds out whole episodes, chosen at random, until they have `fraction` of the transitions or `max` of them; if the
/// log is one episode, its end is held out.  A function of the data's episodes and the seed.
Holdout hold_out(const Dataset& data, double fraction, std::int64_t max, std::uint64_t seed);

/// Transitions as tensors in the task's own units; discrete actions one-hot.
using TaskRows = LoggedTransitions<at::Tensor>;
TaskRows task_rows(const Dataset& data, const std::vector<std::int64_t>& rows, const at::Device& device);

/// One epoch of a model's training.
struct DynamicsEpoch {
  std::int64_t epoch;     ///< counted from one
  std::int64_t patience;  ///< epochs without improvement so far
  double loss;            ///< mean over its steps, summed over members
  std::vector<double>
      /// each member's mean squared error on held-out transitions, targets standardized (and the ends' cross-entropy)
      errors;
  double best;  ///< mean over members of the smallest so far
};
using DynamicsProgress = std::function<bool(const DynamicsEpoch&)>;  ///< false stops
/// The same after each step: how many of the epoch's steps are done.  False stops at once; that epoch is then
/// discarded.
using DynamicsSteps = std::function<bool(std::int64_t epoch, std::int64_t done, std::int64_t all)>;

namespace detail {
// Whether numbers (B, n) are one number in each column, up to the rounding of copies: four steps of a float.
at::Tensor still(const at::Tensor& x);
// Standardizes the network's inputs to mean 0 and standard deviation 1, whatever their units.  A constant input carries
// no information, and is mapped to 0.
void standardize_inputs(const at::Tensor& x, at::Tensor& shift, at::Tensor& scale);
// Standardizes the targets: changes (B, n) of states, and rewards (B', 1).  A constant target has scale 0, and so has
// the change of a state that does not vary, up to rounding, in `of` (B'', n); that change is taken to be 0.
void standardize_targets(const at::Tensor& change, const at::Tensor& r, const at::Tensor& of, at::Tensor& shift,
                         at::Tensor& scale);
}  // namespace detail

/// What a model is trained with: see `LearnedDynamics`.
class DynamicsFit {
 public:
  DynamicsFit(const Dataset& data, double holdout, std::int64_t holdout_rows, std::int64_t seed, at::Device device,
              DynamicsProgress progress, DynamicsSteps during);

  /// The transitions to learn from, and those held out, on the model's device.
  const TaskRows& train() const { return train_; }
  const TaskRows& held() const { return held_; }
  /// Of the data set, for what is wrong with it.
  const std::string& name() const { return name_; }
  at::Device device() const { return device_; }

  /// Whole numbers from 0 to limit - 1, a function of the model's seed and the index.
  at::Tensor random_rows(at::IntArrayRef sizes, std::int64_t limit, std::int64_t index) const;
  /// For what is to be read, (B, k): its mean and deviation.  A number that never varies says nothing: it is taken off,
  /// and left.
  static void standardize_inputs(const at::Tensor& x, at::Tensor& shift, at::Tensor& scale) {
    detail::standardize_inputs(x, shift, scale);
  }
  /// For what is to be predicted, changes of states (B, n) and rewards (B', 1), each as long as what is known of it:
  /// mean and deviation.  One that is always the same has scale 0, and so has the change of a state that never varies,
  /// but for rounding, among `of` (B'', n); that is none.
  static void standardize_targets(const at::Tensor& change, const at::Tensor& r, const at::Tensor& of,
                                  at::Tensor& shift, at::Tensor& scale) {
    detail::standardize_targets(change, r, of, shift, scale);
  }
  /// A tensor's numbers.
  static std::vector<double> numbers(const at::Tensor& x);

  /// Of an epoch so many steps are done, the last one's loss a scalar tensor.  False: to stop at once.
  bool step(std::int64_t epoch, std::int64_t done, std::int64_t all, const at::Tensor& loss);
  /// The mean loss of the epoch's steps so far.
  double loss() const;
  /// Ends an epoch, of DynamicsEpoch's numbers; what is trained in one go has one.  False: to stop.
  bool epoch(std::int64_t epoch, std::int64_t patience, std::vector<double> errors, double best);

 private:
  TaskRows train_, held_;
  std::string name_;
  std::uint64_t seed_;
  at::Device device_;
  DynamicsProgress progress_;
  DynamicsSteps during_;
  at::Tensor loss_;
  std::int64_t steps_ = 0;
};

namespace detail {
template <class Model>
concept KnowsItsTraining = requires(Model& model) {
  { model.trained.value } -> std::same_as<std::int64_t&>;
  { model.errors.value } -> std::same_as<at::Tensor&>;
};
// What a model has learned, on libtorch.
template <LearnedDynamics D>
using state_of_model = typename D::template state<torch_backend>;
}  // namespace detail

/// Trains a dynamics model by itself, on logged transitions but for those held out.  Deterministic in (data,
/// parameters).  Where an algorithm's model is meant give the agent; else the model's type: fit_dynamics<MyModel>(...).
template <LearnedDynamics D = GaussianEnsemble>
void fit_dynamics(const typename D::params& h, detail::state_of_model<D>& model, const Dataset& data,
                  const DynamicsProgress& progress = {}, const DynamicsSteps& during = {}) {
  static_assert(detail::KnowsItsTraining<detail::state_of_model<D>>,
                "the state of a model that is learned has  buffer<std::int64_t> trained{0}  and  buffer<T> errors");
  DynamicsFit run(data, h.holdout, h.holdout_rows, h.seed, model.errors.value.device(), progress, during);
  D::fit(h, model, run);
}

/// The same for an agent's model.
template <TakesDynamics Agent>
void fit_dynamics(Agent& agent, const Dataset& data, const DynamicsProgress& progress = {},
                  const DynamicsSteps& during = {}) {
  fit_dynamics<detail::dynamics_of<Agent>>(agent.hyperparameters().dynamics, agent.dynamics(), data, progress, during);
}

namespace detail {
// The deviations of the states (n), and of the changes and the reward (n + 1), that a model was trained on; of one that
// does not know them, those of `b`.
template <class D, class Model>
std::array<at::Tensor, 2> spread_of(const Model& model, const TaskRows& b) {
  if constexpr (requires { D::spread(model); }) {
    return D::spread(model);
  } else {
    const auto known = b.known.nonzero().squeeze(1);
    const auto deviation = [](const at::Tensor& x) { return x.std(0, false); };
    return {deviation(b.s), at::cat({deviation((b.next - b.s).index_select(0, known)), deviation(b.r.unsqueeze(1))})};
  }
}
}  // namespace detail

/// How far a model is off on held-out transitions.  Those whose next state is not known count for the reward and the
/// end.  Its members are those that transitions are drawn from.
struct OneStepErrors {
  std::vector<double> rmse;  ///< (n + 1) root mean squared error of the members' mean, task's units; the reward last
  std::vector<double>
      normalized;  ///< (n + 1) mean squared error over the variance of the target; itself, where that never changes
  std::vector<double>
      /// (n + 1) mean of ((y - mu_i) / sigma_i)^2 over members: 1 where the stated variance is right, also if that is 0
      calibration;
  double missed_ends = 0, false_ends = 0;  ///< fractions of held-out terminals, and of other held-out transitions
  double mean() const { return std::accumulate(normalized.begin(), normalized.end(), 0.0) / double(normalized.size()); }
};
template <LearnedDynamics D = GaussianEnsemble>
OneStepErrors one_step_errors(const typename D::params& h, const detail::state_of_model<D>& model, const Dataset& data,
                              const std::vector<std::int64_t>& rows) {
  at::NoGradGuard guard;
  const auto b = task_rows(data, rows, model.errors.value.device());
  const auto n = b.s.size(1);
  const auto y = at::cat({b.next, b.r.unsqueeze(1)}, 1);
  const auto counts = at::cat({b.known.unsqueeze(1).expand({-1, n}), at::ones_like(b.r).unsqueeze(1)},
                              1);  // (B, n + 1) 1 where y is known
  auto square = at::zeros({n + 1}, at::kDouble), z = at::zeros({n + 1}, at::kDouble);
  double missed = 0, wrong = 0, ends = 0;
  constexpr std::int64_t piece = 8192;
  for (std::int64_t from = 0; from < b.s.size(0); from += piece) {
    const auto count = std::min(piece, b.s.size(0) - from);
    const auto part = [&](const at::Tensor& t) { return t.narrow(0, from, count); };
    const Prediction<at::Tensor> prediction = D::predict(h, model, at::Tensor(part(b.s)), at::Tensor(part(b.a)));
    const auto &mu = prediction.means, &sigma = prediction.stds;
    square += ((mu.mean(0) - part(y)).square() * part(counts)).sum(0).to(at::kCPU, at::kDouble);
    const auto right =
        at::where((mu - part(y)).abs() <= 1e-6 * part(y).abs(), 1.0, std::numeric_limits<double>::infinity())
            .to(y.scalar_type());
    const auto off = at::where(sigma > 0, ((mu - part(y)) / sigma).square(), right).mean(0);
    z += at::where(part(counts) > 0, off, at::zeros_like(off)).sum(0).to(at::kCPU, at::kDouble);
    const auto over = (prediction.ended > 0).to(at::kFloat).mean(0), truth = part(b.ended);
    ends += truth.sum().template item<double>();
    missed += (truth * (1 - over)).sum().template item<double>(),
        wrong += ((1 - truth) * over).sum().template item<double>();
  }
  const double all = double(b.s.size(0));
  const auto count = counts.sum(0, false, at::kDouble).to(at::kCPU);
  const auto scale = detail::spread_of<D>(model, b)[1].to(at::kCPU, at::kDouble),
             variance = at::where(scale > 0, scale.square(), at::ones_like(scale));
  const auto numbers = &DynamicsFit::numbers;
  return {numbers((square / count).sqrt()), numbers(square / count / variance), numbers(z / count),
          ends > 0 ? missed / ends : 0, all > ends ? wrong / (all - ends) : 0};
}

/// Errors of rollouts by the logged actions, from logged states on, without looking at the log again: [t][j] root mean
/// squared error of number j after t + 1 steps, task's units, the last the reward's; over every `stride`-th start in
/// the given episodes that has `horizon` steps left whose next states are known, each followed by the mean of each
/// member that transitions are drawn from.  `still` is that of a model in which nothing moves.
struct OpenLoopErrors {
  std::vector<std::vector<double>> model, still;
  std::int64_t starts = 0;
};
template <LearnedDynamics D = GaussianEnsemble>
OpenLoopErrors open_loop_errors(const typename D::params& h, const detail::state_of_model<D>& model,
                                const Dataset& data, const std::vector<std::int64_t>& episodes, std::int64_t horizon,
                                std::int64_t stride = 1) {
  at::NoGradGuard guard;
  std::vector<std::int64_t> starts;
  for (auto e : episodes) {
    const auto& episode = data.episodes[std::size_t(e)];
    // In an episode only the last next state may be unknown.
    const auto known =
        episode.transitions - (episode.transitions > 0 && !data.knows_next(episode.first + episode.transitions - 1));
    for (std::int64_t i = 0; i + horizon <= known; i += stride) starts.push_back(episode.first + i);
  }
  OpenLoopErrors out;
  out.starts = std::int64_t(starts.size());
  if (starts.empty()) return out;
  const auto device = model.errors.value.device();
  auto rows = starts;
  const auto first = task_rows(data, rows, device);
  const auto count = out.starts, n = first.s.size(1),
             e = D::predict(h, model, at::Tensor(first.s.narrow(0, 0, 1)), at::Tensor(first.a.narrow(0, 0, 1)))
                     .means.size(0);
  auto s = first.s.unsqueeze(0).expand({e, count, n}).contiguous();  // each elite goes its own way
  for (std::int64_t t = 0; t < horizon; ++t) {
    const auto b = task_rows(data, rows, device);
    const auto y = at::cat({b.next, b.r.unsqueeze(1)}, 1);
    at::Tensor square = at::zeros({n + 1}, y.options());
    std::vector<at::Tensor> after;
    for (std::int64_t i = 0; i < e; ++i) {
      const auto mean = D::predict(h, model, at::Tensor(s.select(0, i)), b.a).means.select(0, i);
      square += (mean - y).square().mean(0) / double(e);
      after.push_back(mean.narrow(1, 0, n));
    }
    s = at::stack(after);
    const auto numbers = [](const at::Tensor& x) { return DynamicsFit::numbers(x.sqrt()); };
    out.model.push_back(numbers(square));
    out.still.push_back(numbers((at::cat({first.s, first.r.unsqueeze(1)}, 1) - y).square().mean(0)));
    for (auto& i : rows) ++i;
  }
  return out;
}
}  // namespace tessera

#ifndef TESSERA_COMPILED
#include <tessera/train/fit_dynamics.impl.hpp>
#endif
