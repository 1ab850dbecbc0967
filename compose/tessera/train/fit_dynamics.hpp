#pragma once
#include <algorithm>
#include <cmath>
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
struct TaskRows {
  at::Tensor s, a, r, next, ended;  ///< (B, n), (B, d), (B), (B, n), (B)
  at::Tensor known;                 ///< (B) 1, or 0 where s stands in for an unknown next state
};
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
// (N): each member's mean squared error on standardized targets, weighted by `weights` (B, n + 1) if given, plus its
// cross-entropy if the model predicts termination.
template <class Model>
at::Tensor member_errors(const Model& model, const at::Tensor& x, const at::Tensor& y, const at::Tensor& ended,
                         const at::Tensor& weights) {
  at::NoGradGuard guard;
  const auto d = y.size(1);
  auto sum = at::zeros({model.errors.value.size(0)}, y.options());
  constexpr std::int64_t piece = 8192;
  for (std::int64_t from = 0; from < x.size(0); from += piece) {
    const auto rows = std::min(piece, x.size(0) - from);
    const auto out = model.net.fixed(x.narrow(0, from, rows)).out;
    const auto square = (out.narrow(-1, 0, d) - y.narrow(0, from, rows)).square();
    sum += (weights.defined() ? square * weights.narrow(0, from, rows) : square).mean(-1).sum(-1);
    if (model.ends.value)
      sum += (at::softplus(out.select(-1, 2 * d)) - ended.narrow(0, from, rows) * out.select(-1, 2 * d)).sum(-1);
  }
  return sum / double(x.size(0));
}

// Whether numbers (B, n) are constant in each column, up to the rounding of copies: four float steps.
at::Tensor still(const at::Tensor& x);
// Standardizes the network's inputs to mean 0 and standard deviation 1, whatever their units.  A constant input carries
// no information, and is mapped to 0.
void standardize_inputs(const at::Tensor& x, at::Tensor& shift, at::Tensor& scale);
// Standardizes the targets: changes (B, n) of states, and rewards (B', 1).  A constant target has scale 0, and so has
// the change of a state that does not vary, up to rounding, in `of` (B'', n); that change is taken to be 0.
void standardize_targets(const at::Tensor& change, const at::Tensor& r, const at::Tensor& of, at::Tensor& shift,
                         at::Tensor& scale);
}  // namespace detail

/// Trains a dynamics ensemble until the validation errors of its members stop falling, then sorts the members by their
/// errors, each restored to its best epoch.  Deterministic in (data, parameters).
template <class Model>
void fit_dynamics(const GaussianEnsembleParams& h, Model& model, const Dataset& data,
                  const DynamicsProgress& progress = {}, const DynamicsSteps& during = {}) {
  const auto device = model.net.parameters().device();
  const auto split = hold_out(data, h.holdout, h.holdout_rows, std::uint64_t(h.seed));
  const auto train = task_rows(data, split.train, device), held = task_rows(data, split.held, device);
  model.ends.value = h.termination == termination::learned && train.ended.sum().template item<double>() > 0;
  const auto known = train.known.nonzero().squeeze(1);
  if (known.numel() == 0)
    throw Error(data.name + ": no next state is known of the transitions to learn from; a dynamics model needs some");
  at::Tensor x, y, held_x, held_y, held_weights;
  bool weighted = false;
  {
    at::NoGradGuard guard;
    const bool all = known.numel() == train.s.size(0);
    const auto from = all ? train.s : train.s.index_select(0, known),
               to = all ? train.next : train.next.index_select(0, known);
    auto& scale = model.target_scale.value;
    detail::standardize_inputs(at::cat({train.s, train.a}, 1), model.input_shift.value, model.input_scale.value);
    detail::standardize_targets(to - from, train.r.unsqueeze(1), at::cat({train.s, to}), model.target_shift.value,
                                scale);
    x = GaussianEnsemble::input(model, train.s, train.a),
    y = GaussianEnsemble::target(model, train.s, train.next, train.r);
    held_x = GaussianEnsemble::input(model, held.s, held.a),
    held_y = GaussianEnsemble::target(model, held.s, held.next, held.r);
    weighted = !all || !(scale > 0).all().template item<bool>() || (held.known == 0).any().template item<bool>();
    if (weighted) held_weights = GaussianEnsemble::weights(model, at::Tensor(held.known.unsqueeze(0))).squeeze(0);
  }
  const auto rows = x.size(0), members = h.members, steps = std::max<std::int64_t>(1, rows / h.batch);
  const auto seed = std::uint64_t(h.seed);
  const auto whole = at::TensorOptions(at::kLong).device(device);
  const auto bootstrap =
      at::empty({members, rows}, whole).random_(0, rows, nn::generator(device, seed, nn::stream::bootstrap, 0));
  const auto decays = GaussianEnsemble::decays(h);

  auto best = at::full({members}, std::numeric_limits<double>::infinity(), at::kDouble);
  auto best_parameters = model.net.parameters().clone();
  std::int64_t patience = 0;
  bool stopped = false;
  for (std::int64_t epoch = 1; epoch <= h.max_epochs; ++epoch) {
    auto loss = at::zeros({}, at::TensorOptions(at::kDouble).device(device));
    for (std::int64_t k = 0; k < steps && !stopped; ++k) {
      const auto index =
          at::empty({members, h.batch}, whole)
              .random_(0, rows,
                       nn::generator(device, seed, nn::stream::bootstrap, std::uint64_t((epoch - 1) * steps + k + 1)));
      const auto row = bootstrap.gather(1, index).view(-1);
      const auto pick = [&](const at::Tensor& t) -> at::Tensor {
        return t.index_select(0, row).view({members, h.batch, -1});
      };
      const auto of_row = [&](const at::Tensor& t) -> at::Tensor { return pick(t.unsqueeze(1)).squeeze(-1); };
      const auto out = model.net.trained_apart(pick(x));
      const auto terms = weighted ? GaussianEnsemble::loss(h, model, out, pick(y), of_row(train.ended),
                                                           GaussianEnsemble::weights(model, of_row(train.known)))
                                  : GaussianEnsemble::loss(h, model, out, pick(y), of_row(train.ended));
      at::Tensor sum = terms.items[0].value;
      for (std::size_t i = 1; i < terms.items.size(); ++i) sum = sum + terms.items[i].value;
      torch_backend::backward({&sum, 1});
      model.net.decay(decays);
      model.net.apply();
      loss += sum.detach();
      stopped = during && !during(epoch, k + 1, steps);
    }
    if (stopped) break;
    const auto errors =
        detail::member_errors(model, held_x, held_y, held.ended, held_weights).to(at::kCPU, at::kDouble);
    if (!at::isfinite(loss).template item<bool>())
      throw Diverged(data.name + ": the dynamics model's training diverged in epoch " + std::to_string(epoch) +
                     "; lower dynamics.adam.learning_rate, or check the scale of the data's states and rewards");
    bool improved = false;
    for (std::int64_t i = 0; i < members; ++i) {
      const double error = errors[i].template item<double>(), before = best[i].template item<double>();
      if (!(error < before * (1 - h.improvement))) continue;
      best[i] = error, improved = true;
      best_parameters.select(0, i).copy_(model.net.parameters().select(0, i));
    }
    patience = improved ? 0 : patience + 1;
    model.trained.value = epoch;
    if (progress) {
      const double* e = errors.template data_ptr<double>();
      if (!progress({epoch,
                     patience,
                     loss.template item<double>() / double(steps),
                     {e, e + members},
                     best.mean().template item<double>()}))
        break;
    }
    if (patience >= h.patience) break;
  }
  const auto order = best.argsort();
  model.net.assign(best_parameters.index_select(0, order.to(device)));
  model.errors.value.copy_(best.index_select(0, order));
}

/// The same for an agent's model.
template <class Agent>
void fit_dynamics(Agent& agent, const Dataset& data, const DynamicsProgress& progress = {},
                  const DynamicsSteps& during = {}) {
  fit_dynamics(agent.hyperparameters().dynamics, agent.dynamics(), data, progress, during);
}

/// A model's one-step errors on held-out transitions.  Those whose next state is unknown count for the reward and
/// termination only.
struct OneStepErrors {
  std::vector<double> rmse;  ///< (n + 1) root mean squared error of the elites' mean, task's units; the reward last
  std::vector<double>
      normalized;  ///< (n + 1) mean squared error over the variance of the target; itself, where that never changes
  std::vector<double>
      /// (n + 1) mean of ((y - mu_i) / sigma_i)^2 over elites: 1 where the stated variance is right, also if that is 0
      calibration;
  double missed_ends = 0, false_ends = 0;  ///< fractions of held-out terminals, and of other held-out transitions
  double mean() const { return std::accumulate(normalized.begin(), normalized.end(), 0.0) / double(normalized.size()); }
};
template <class Model>
OneStepErrors one_step_errors(const GaussianEnsembleParams& h, const Model& model, const Dataset& data,
                              const std::vector<std::int64_t>& rows) {
  at::NoGradGuard guard;
  const auto b = task_rows(data, rows, model.net.parameters().device());
  const auto n = b.s.size(1), e = GaussianEnsemble::elites(h);
  const auto y = at::cat({b.next, b.r.unsqueeze(1)}, 1);
  const auto counts = at::cat({b.known.unsqueeze(1).expand({-1, n}), at::ones_like(b.r).unsqueeze(1)},
                              1);  // (B, n + 1) 1 where y is known
  auto square = at::zeros({n + 1}, at::kDouble), z = at::zeros({n + 1}, at::kDouble);
  double missed = 0, wrong = 0, ends = 0;
  constexpr std::int64_t piece = 8192;
  for (std::int64_t from = 0; from < b.s.size(0); from += piece) {
    const auto count = std::min(piece, b.s.size(0) - from);
    const auto part = [&](const at::Tensor& t) { return t.narrow(0, from, count); };
    const auto prediction = GaussianEnsemble::predict(model, part(b.s), part(b.a));
    const auto mu = prediction.means.narrow(0, 0, e), sigma = prediction.stds.narrow(0, 0, e);
    square += ((mu.mean(0) - part(y)).square() * part(counts)).sum(0).to(at::kCPU, at::kDouble);
    const auto right =
        at::where((mu - part(y)).abs() <= 1e-6 * part(y).abs(), 1.0, std::numeric_limits<double>::infinity())
            .to(y.scalar_type());
    const auto off = at::where(sigma > 0, ((mu - part(y)) / sigma).square(), right).mean(0);
    z += at::where(part(counts) > 0, off, at::zeros_like(off)).sum(0).to(at::kCPU, at::kDouble);
    const auto over = (prediction.ended.narrow(0, 0, e) > 0).to(at::kFloat).mean(0), truth = part(b.ended);
    ends += truth.sum().template item<double>();
    missed += (truth * (1 - over)).sum().template item<double>(),
        wrong += ((1 - truth) * over).sum().template item<double>();
  }
  const double all = double(b.s.size(0));
  const auto count = counts.sum(0, false, at::kDouble).to(at::kCPU);
  const auto numbers = [](const at::Tensor& t) {
    const auto host = t.to(at::kCPU, at::kDouble).contiguous();
    return std::vector<double>(host.template data_ptr<double>(), host.template data_ptr<double>() + host.numel());
  };
  const auto scale = model.target_scale.value.to(at::kCPU, at::kDouble),
             variance = at::where(scale > 0, scale.square(), at::ones_like(scale));
  return {numbers((square / count).sqrt()), numbers(square / count / variance), numbers(z / count),
          ends > 0 ? missed / ends : 0, all > ends ? wrong / (all - ends) : 0};
}

/// Errors of open-loop rollouts of the logged actions from logged states: [t][j] is the root mean squared error of
/// component j after t + 1 steps, in the task's units, with the reward last.  Covers every `stride`-th start in the
/// given episodes that is followed by `horizon` steps with known next states; each elite's mean is rolled out
/// separately.  `still` is the error of a model in which nothing changes.
struct OpenLoopErrors {
  std::vector<std::vector<double>> model, still;
  std::int64_t starts = 0;
};
template <class Model>
OpenLoopErrors open_loop_errors(const GaussianEnsembleParams& h, const Model& model, const Dataset& data,
                                const std::vector<std::int64_t>& episodes, std::int64_t horizon,
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
  const auto device = model.net.parameters().device();
  const auto e = GaussianEnsemble::elites(h), count = out.starts;
  auto rows = starts;
  const auto first = task_rows(data, rows, device);
  const auto n = first.s.size(1);
  auto s = first.s.unsqueeze(0).expand({e, count, n}).contiguous();  // each elite follows its own trajectory
  for (std::int64_t t = 0; t < horizon; ++t) {
    const auto b = task_rows(data, rows, device);
    const auto y = at::cat({b.next, b.r.unsqueeze(1)}, 1);
    at::Tensor square = at::zeros({n + 1}, y.options());
    std::vector<at::Tensor> after;
    for (std::int64_t i = 0; i < e; ++i) {
      const auto mean = GaussianEnsemble::predict(model, s.select(0, i), b.a).means.select(0, i);
      square += (mean - y).square().mean(0) / double(e);
      after.push_back(mean.narrow(1, 0, n));
    }
    s = at::stack(after);
    const auto numbers = [](const at::Tensor& x) {
      const auto host = x.sqrt().to(at::kCPU, at::kDouble).contiguous();
      return std::vector<double>(host.template data_ptr<double>(), host.template data_ptr<double>() + host.numel());
    };
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
