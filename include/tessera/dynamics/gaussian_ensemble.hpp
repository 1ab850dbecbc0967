#pragma once
#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <numeric>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include <tessera/concepts/dynamics.hpp>
#include <tessera/concepts/wants.hpp>
#include <tessera/math/bounded_normal.hpp>
#include <tessera/options/network.hpp>
#include <tessera/support/error.hpp>

namespace tessera {
/// How a model predicts where the task ends.
enum class termination { learned, never };
constexpr std::array<const char*, 2> enumerators(termination) { return {"learned", "never"}; }

/// Hyper-parameters of GaussianEnsemble, and of its training.
struct GaussianEnsembleParams {
  MlpOptions net{.hidden = {200, 200, 200, 200}, .activation = activation::silu};
  AdamOptions adam{.learning_rate = 1e-3};
  std::int64_t members = 7;
  std::int64_t elites = 5;
  double weight_decay = 1e-4;
  double bounds_weight = 0.01;
  double beta = 0.5;
  tessera::termination termination = tessera::termination::learned;
  std::int64_t batch = 256;
  double holdout = 0.2;
  std::int64_t holdout_rows = 5000;
  double improvement = 0.01;
  std::int64_t patience = 5;
  std::int64_t max_epochs = 50;
  std::int64_t seed = 0;

  static constexpr doc docs[] = {
      {"net", "each member's network (MOPO: 4x200)"},
      {"adam", "their optimizer"},
      {"members", "networks in the ensemble (MOPO: 7)", 1, 1000},
      {"elites", "members with the lowest validation error, from which transitions are sampled (MOPO: 5)", 1, 1000},
      {"weight_decay",
       "c of the L2 penalty 1/2 c_l |W_l|^2 of the last layer; the first has a quarter, the second half, the others "
       "three quarters (MOPO: 2.5e-5, 5e-5, 7.5e-5, 7.5e-5, 1e-4)",
       0},
      {"bounds_weight", "pull of the log-variance's bounds toward each other (PETS: 0.01)", 0},
      {"beta",
       "weights sigma^(2 beta) of the likelihood; 0, the plain likelihood (PETS, MOPO), hardly fits what is hard "
       "to predict",
       0, 1},
      {"termination", "learned: from the log's terminals, if there are any; never: the task does not terminate"},
      {"batch", "minibatch size of each member", 1, 1000000},
      {"holdout", "held-out fraction of the transitions, in whole episodes (MOPO: 0.2)", 1e-6, 0.9},
      {"holdout_rows", "at most this many held-out transitions (MOPO: 1000)", 1, 1000000000},
      {"improvement", "relative drop of a member's validation error that counts as an improvement (MOPO: 0.01)", 0, 1},
      {"patience", "training stops after this many epochs without improvement (MOPO: 5)", 1, 1000000},
      {"max_epochs", "largest number of epochs (MOBILE: 30)", 1, 1000000},
      {"seed",
       "seed of initial values, held-out episodes and minibatches: independent of the policies' seed, as a model is "
       "trained once",
       0},
  };
};

/// An ensemble of probabilistic networks that predict the change of the state, and the reward:
///   member i:  [s' - s, r] ~ N(mu_i(s,a), diag sigma_i(s,a)^2),   log sigma^2 softly bounded by learned bounds
///   minimize  sum_i E w_i [(mu_i - y)^2 / sigma_i^2 + log sigma_i^2] + 0.01 sum (high - low) + decay,  w = sigma^(2
///       beta), no gradient
/// each member on a bootstrap sample of its own.  A transition is drawn from a random elite's normal.  Inputs and
/// targets are standardized by the training data; a number that never changes in it, or by the same amount at every
/// step, is stated as that, without noise.
/// Of rows whose next state is not known, reward and end alone are learned.  Where the log has terminals, a further
/// output of each member is the log-odds of the end, fitted by cross-entropy; a rule that is given takes its place.
/// Source: Chua et al. 2018 (PETS), section 4 and appendix A; Yu et al. 2020 (MOPO), section 5 and the authors' code.
/// Differs from the paper: weights w (Seitzer et al. 2022); targets are standardized too; ends are learned; batches are
/// drawn from the bootstrap sample with replacement; episodes are held out, not single transitions.
struct GaussianEnsemble {
  using role = role::dynamics_model;
  using params = GaussianEnsembleParams;
  using needs = all_of<need<data, want::data_with_imagined_transitions>>;
  static constexpr const char* formula =
      "[s' - s, r] ~ N(mu_i(s,a), sigma_i(s,a)^2), i a random elite;  sum_i E [(mu_i - y)^2 / sigma_i^2 + log "
      "sigma_i^2]";
  static constexpr const char* source = "Chua et al. 2018, section 4; Yu et al. 2020, section 5";

  static constexpr bool sized_state = true;
  /// Lives between updates.  Members are in the order of their validation errors once trained: the first are the
  /// elites.
  template <class B>
  struct state {
    using backend = B;
    using T = typename B::tensor;
    typename B::network net;
    buffer<T> input_shift, input_scale;    ///< (n + d)
    buffer<T> target_shift, target_scale;  ///< (n + 1)
    buffer<T> errors;                      ///< (N) mean squared validation errors, targets standardized
    buffer<std::int64_t> trained{0};       ///< epochs; 0: not yet
    buffer<std::int64_t> ends{0};          ///< whether it has learned where the task ends
    /// Takes the place of what it has learned: (s, a, s') -> (B) 1 where the task ends, else 0.  Not saved.
    std::function<T(const T&, const T&, const T&)> ended{};

    template <class Problem>
    state(const params& h, const Problem& on)
        : net(seeded(on, h), "dynamics", h.net, h.adam, on.observation_size + on.action_size, h.members,
              layout(on.observation_size), false) {
      const auto inputs = on.observation_size + on.action_size, targets = on.observation_size + 1;
      const auto row = [&](std::int64_t size, double x) {
        return buffer<T>{B::filled(std::array<std::int64_t, 1>{size}, x, on.device)};
      };
      input_shift = row(inputs, 0), input_scale = row(inputs, 1), target_shift = row(targets, 0),
      target_scale = row(targets, 1);
      errors = row(h.members, 0);
    }
    void each(auto&& f) {
      f("dynamics", net);
      f("dynamics/input_shift", input_shift), f("dynamics/input_scale", input_scale);
      f("dynamics/target_shift", target_shift), f("dynamics/target_scale", target_scale);
      f("dynamics/errors", errors), f("dynamics/trained", trained), f("dynamics/ends", ends);
    }

   private:
    template <class Problem>
    static Problem seeded(Problem on, const params& h) {
      on.seed = std::uint64_t(h.seed);
      return on;
    }
  };

  /// Per member: means and raw log-variances of the n + 1 numbers, and the log-odds of the end; bounds shared by all.
  static head_layout layout(std::int64_t observation_size) {
    return {2 * observation_size + 3, 2 * observation_size + 2};
  }
  /// c_l of each layer's decay.
  static std::vector<double> decays(const params& h) {
    const auto layers = h.net.hidden.size() + 1;
    std::vector<double> rates(layers, 0.75 * h.weight_decay);
    rates.front() = 0.25 * h.weight_decay;
    if (layers > 2) rates[1] = 0.5 * h.weight_decay;
    rates.back() = h.weight_decay;
    return rates;
  }

  /// What the network reads: (B, n) and (B, d) -> (B, n + d).
  template <class M, class T>
  static T input(const M& model, const T& s, const T& a) {
    return (M::backend::cat(std::array<T, 2>{s, a}, -1) - model.input_shift.value) / model.input_scale.value;
  }
  /// What it is fitted to: (B, n + 1).  A number that never changes has scale 0: it is predicted with deviation 0, and
  /// nothing is fitted.
  template <class M, class T>
  static T target(const M& model, const T& s, const T& after, const T& reward) {
    return (M::backend::cat(std::array<T, 2>{after - s, reward.unsqueeze(-1)}, -1) - model.target_shift.value) /
           or_one(model.target_scale.value);
  }
  /// The weight of each target in the loss, (N, B, n + 1).  `known` (N, B) is 1 if the next state is known and 0 if a
  /// placeholder stands in for it: the likelihood of a state is the mean over known rows, that of the reward the mean
  /// over all rows, and constant components are left out of the mean.  All ones if all are known and vary.
  template <class M, class T>
  static T weights(const M& model, const T& known) {
    const auto members = known.size(0), rows = known.size(1), n = model.target_scale.value.size(0) - 1;
    const T changes = model.target_scale.value.sign(),
            of_state = (known / or_one(T(known.mean(-1).unsqueeze(-1)))).unsqueeze(-1);
    const T of_row =
        M::backend::cat(std::array<T, 2>{of_state.expand({members, rows, n}), known.unsqueeze(-1) * 0.0 + 1.0}, -1);
    return of_row * (changes / or_one(T(changes.mean())));
  }
  /// The loss at standardized targets, without the decay: out as the network gives it, y (N, B, n + 1), ended (N, B) 0
  /// or 1.
  template <class M, class T>
  static terms<T> loss(const params& h, const M& model, const head<T>& x, const T& y, const T& ended) {
    const auto [low, high] = bounds(x.state_independent);
    return with_rest(h, model, x,
                     math::bounded_normal_nll(T(x.out.narrow(-1, 0, 2 * low.size(0))), low, high, y, h.beta), ended);
  }
  /// The same with the targets' `weights`.
  template <class M, class T>
  static terms<T> loss(const params& h, const M& model, const head<T>& x, const T& y, const T& ended,
                       const T& weights) {
    const auto [low, high] = bounds(x.state_independent);
    return with_rest(h, model, x,
                     math::bounded_normal_nll(T(x.out.narrow(-1, 0, 2 * low.size(0))), low, high, y, weights, h.beta),
                     ended);
  }

  /// Trains all members until their validation errors stop falling, then puts them in the order of their errors, each
  /// as it was at its best.
  template <class M, class Run>
  static void fit(const params& h, M& model, Run& run) {
    using B = typename M::backend;
    using T = typename M::T;
    const auto &train = run.train(), &held = run.held();
    model.ends.value = h.termination == termination::learned && train.ended.sum().template item<double>() > 0;
    const T known = train.known.nonzero().squeeze(1);
    if (known.numel() == 0)
      throw Error(run.name() +
                  ": no next state is known of the transitions to learn from; a dynamics model needs some");
    T x, y, held_x, held_y, held_weights;
    bool weighted = false;
    {
      typename B::no_grad guard;
      const bool all = known.numel() == train.s.size(0);
      const T from = all ? train.s : train.s.index_select(0, known),
              to = all ? train.next : train.next.index_select(0, known);
      T& scale = model.target_scale.value;
      run.standardize_inputs(B::cat(std::array<T, 2>{train.s, train.a}, 1), model.input_shift.value,
                             model.input_scale.value);
      run.standardize_targets(to - from, train.r.unsqueeze(1), B::cat(std::array<T, 2>{train.s, to}, 0),
                              model.target_shift.value, scale);
      x = input(model, train.s, train.a), y = target(model, train.s, train.next, train.r);
      held_x = input(model, held.s, held.a), held_y = target(model, held.s, held.next, held.r);
      weighted = !all || !(scale > 0).all().template item<bool>() || (held.known == 0).any().template item<bool>();
      if (weighted) held_weights = weights(model, T(held.known.unsqueeze(0))).squeeze(0);
    }
    const auto rows = x.size(0), steps = std::max<std::int64_t>(1, rows / h.batch);
    const T bootstrap = run.random_rows({h.members, rows}, rows, 0);
    const auto decay = decays(h);

    std::vector<double> best(std::size_t(h.members), std::numeric_limits<double>::infinity());
    T best_parameters = model.net.parameters().clone();
    std::int64_t patience = 0;
    bool goes_on = true;
    for (std::int64_t epoch = 1; epoch <= h.max_epochs; ++epoch) {
      for (std::int64_t k = 0; k < steps && goes_on; ++k) {
        const T index = run.random_rows({h.members, h.batch}, rows, (epoch - 1) * steps + k + 1),
                row = bootstrap.gather(1, index).view(-1);
        const auto pick = [&](const T& t) -> T { return t.index_select(0, row).view({h.members, h.batch, -1}); };
        const auto of_row = [&](const T& t) -> T { return pick(t.unsqueeze(1)).squeeze(-1); };
        const auto out = model.net.trained_apart(pick(x));
        const auto losses = weighted
                                ? loss(h, model, out, pick(y), of_row(train.ended), weights(model, of_row(train.known)))
                                : loss(h, model, out, pick(y), of_row(train.ended));
        T sum = losses.items[0].value;
        for (std::size_t i = 1; i < losses.items.size(); ++i) sum = sum + losses.items[i].value;
        B::backward(std::span<const T>(&sum, 1));
        model.net.decay(decay);
        model.net.apply();
        goes_on = run.step(epoch, k + 1, steps, sum);
      }
      if (!goes_on) break;
      const std::vector<double> errors = run.numbers(member_errors(model, held_x, held_y, held.ended, held_weights));
      if (!std::isfinite(run.loss()))
        throw Diverged(run.name() + ": the dynamics model's training diverged in epoch " + std::to_string(epoch) +
                       "; lower dynamics.adam.learning_rate, or check the scale of the data's states and rewards");
      bool improved = false;
      for (std::size_t i = 0; i < best.size(); ++i) {
        if (!(errors[i] < best[i] * (1 - h.improvement))) continue;
        best[i] = errors[i], improved = true;
        best_parameters.select(0, std::int64_t(i)).copy_(model.net.parameters().select(0, std::int64_t(i)));
      }
      patience = improved ? 0 : patience + 1;
      model.trained.value = epoch;
      const double mean = std::accumulate(best.begin(), best.end(), 0.0) / double(best.size());
      if (!run.epoch(epoch, patience, errors, mean) || patience >= h.patience) break;
    }
    std::vector<std::size_t> order(best.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::stable_sort(order.begin(), order.end(), [&](auto i, auto j) { return best[i] < best[j]; });
    T sorted = best_parameters.clone();
    for (std::size_t i = 0; i < order.size(); ++i) {
      sorted.select(0, std::int64_t(i)).copy_(best_parameters.select(0, std::int64_t(order[i])));
      model.errors.value.narrow(0, std::int64_t(i), 1).fill_(best[order[i]]);
    }
    model.net.assign(sorted);
  }
  static constexpr counts_for settings_count_for(std::string_view name) {
    if (name == "elites") return counts_for::use;
    if (name == "members" || name.starts_with("net.")) return counts_for::model;
    if (name.starts_with("adam.") || name == "weight_decay" || name == "bounds_weight") return counts_for::learning;
    return counts_for::training;
  }
  /// The deviations of the states (n), and of the changes and the reward (n + 1), that it was trained on.
  template <class M>
  static auto spread(const M& model) {
    const auto& of_targets = model.target_scale.value;
    using T = std::remove_cvref_t<decltype(of_targets)>;
    return std::array<T, 2>{model.input_scale.value.narrow(0, 0, of_targets.size(0) - 1), of_targets};
  }

  template <class Step>
  static Prediction<typename Step::tensor> members(const params&, Step& step, const typename Step::tensor& s,
                                                   const typename Step::tensor& a) {
    return predict(step.template state_of<dynamics>(), s, a);
  }
  /// The same of a model by itself: (B, n) and (B, d), discrete actions one-hot, in the task's units.
  template <class M, class T>
  static Prediction<T> predict(const M& model, const T& s, const T& a) {
    return in_task_units(model, model.net.fixed(input(model, s, a)), s);
  }
  /// Those of the elites.
  template <class M, class T>
  static Prediction<T> predict(const params& h, const M& model, const T& s, const T& a) {
    const auto all = predict(model, s, a);
    const auto of_elites = [&](const T& x) -> T { return x.narrow(0, 0, elites(h)); };
    return {of_elites(all.means), of_elites(all.stds), of_elites(all.ended)};
  }
  template <class Step>
  static imagined<typename Step::tensor> imagine(const params& h, Step& step, const typename Step::tensor& s,
                                                 const typename Step::tensor& a,
                                                 const Prediction<typename Step::tensor>& prediction) {
    using T = typename Step::tensor;
    // One elite for each row.
    const T i =
        (step.draw(noise::uniform, 1, s) * double(elites(h))).floor().clamp(0, double(elites(h) - 1)).transpose(0, 1);
    const T wide = i.unsqueeze(-1).expand({1, s.size(0), s.size(1) + 1});
    const auto of = [](const T& x, const T& index) -> T { return x.gather(0, Step::backend::whole(index)).squeeze(0); };
    return drawn_from(step, s, a, of(prediction.means, wide), of(prediction.stds, wide), of(prediction.ended, i));
  }
  /// Without an uncertainty part each row passes through its elite alone.
  template <class Step>
  static imagined<typename Step::tensor> imagine(const params& h, Step& step, const typename Step::tensor& s,
                                                 const typename Step::tensor& a) {
    using T = typename Step::tensor;
    auto& model = step.template state_of<dynamics>();
    const auto e = elites(h), rows = s.size(0), each = (rows + e - 1) / e;
    // As many blocks of rows as elites, visited in a random order that is resampled at each step.
    const T order = step.draw(noise::uniform, 1, T(s.narrow(0, 0, 1).expand({e, s.size(1)}))).squeeze(-1).argsort();
    T x = input(model, s, a);
    if (e * each > rows)
      x = Step::backend::cat(std::array<T, 2>{x, x.narrow(0, 0, 1).expand({e * each - rows, x.size(1)})}, 0);
    const auto out = model.net.fixed_apart(T(x.reshape({e, each, x.size(1)}).index_select(0, order)));
    const T back = out.out.index_select(0, order.argsort()).reshape({1, e * each, out.out.size(-1)}).narrow(1, 0, rows);
    const auto prediction = in_task_units(model, head<T>{back, out.state_independent}, s);
    return drawn_from(step, s, a, T(prediction.means.squeeze(0)), T(prediction.stds.squeeze(0)),
                      T(prediction.ended.squeeze(0)));
  }
  static std::int64_t elites(const params& h) { return std::min(h.elites, h.members); }

  /// [low, high] of the log-variances; they start at -10 and 0.5.
  template <class T>
  static std::array<T, 2> bounds(const T& free) {
    const auto d = free.size(0) / 2;
    return {free.narrow(0, d, d) - 10.0, free.narrow(0, 0, d) + 0.5};
  }

 private:
  // x, or 1 where it is 0.
  template <class T>
  static T or_one(const T& x) {
    return x + (1.0 - x.sign());
  }
  template <class M, class T>
  static terms<T> with_rest(const params& h, const M& model, const head<T>& x, const T& nll, const T& ended) {
    const auto [low, high] = bounds(x.state_independent);
    terms<T> sum{"dynamics/nll", nll};
    sum.add("dynamics/bounds", h.bounds_weight * (high - low).sum());
    if (model.ends.value) {
      const T z = x.out.select(-1, 2 * low.size(0));  // softplus(z) - ended z is the cross-entropy of log-odds z
      sum.add("dynamics/end", (softplus(z) - ended * z).mean(-1).sum());
    }
    return sum;
  }
  // (N): each member's mean squared error of standardized targets, weighted by `weights` (B, n + 1) if there are any,
  // and where it learns about ends its cross-entropy.
  template <class M, class T>
  static T member_errors(const M& model, const T& x, const T& y, const T& ended, const T& weights) {
    typename M::backend::no_grad guard;
    const auto d = y.size(1);
    T sum = M::backend::filled(std::array<std::int64_t, 1>{model.errors.value.size(0)}, 0, x.device());
    constexpr std::int64_t piece = 8192;
    for (std::int64_t from = 0; from < x.size(0); from += piece) {
      const auto rows = std::min(piece, x.size(0) - from);
      const T out = model.net.fixed(T(x.narrow(0, from, rows))).out,
              square = (out.narrow(-1, 0, d) - y.narrow(0, from, rows)).square();
      sum += (weights.defined() ? square * weights.narrow(0, from, rows) : square).mean(-1).sum(-1);
      if (model.ends.value)
        sum += (softplus(out.select(-1, 2 * d)) - ended.narrow(0, from, rows) * out.select(-1, 2 * d)).sum(-1);
    }
    return sum / double(x.size(0));
  }
  template <class M, class T>
  static Prediction<T> in_task_units(const M& model, const head<T>& x, const T& s) {
    const auto [low, high] = bounds(x.state_independent);
    const auto d = low.size(0);
    const auto [mu, log_variance] = math::bounded_normal(T(x.out.narrow(-1, 0, 2 * d)), low, high);
    const T change = mu * model.target_scale.value + model.target_shift.value;
    const T so_far = M::backend::cat(std::array<T, 2>{s, s.narrow(-1, 0, 1) * 0.0}, -1);
    const T z = x.out.select(-1, 2 * d);
    return {so_far + change, (0.5 * log_variance).exp() * model.target_scale.value,
            model.ends.value ? z : T(z * 0.0 - 1.0)};
  }
  template <class Step, class T>
  static imagined<T> drawn_from(Step& step, const T& s, const T& a, const T& mean, const T& std, const T& ended) {
    auto& model = step.template state_of<dynamics>();
    const auto n = s.size(1);
    const T y = mean + std * step.draw(noise::normal, n + 1, s);
    const T after = y.narrow(-1, 0, n);
    // 1 - [z > 0]
    const T not_done = model.ended ? T(1.0 - model.ended(s, a, after)) : T(0.5 - 0.5 * (ended.sign()));
    return {after, y.select(-1, n), not_done};
  }
};
static_assert(EnsembleDynamics<GaussianEnsemble> && LearnedDynamics<GaussianEnsemble>);
}  // namespace tessera
