#pragma once
#include <algorithm>
#include <array>
#include <cstdint>
#include <numeric>
#include <string_view>
#include <type_traits>
#include <vector>

#include <tessera/concepts/dynamics.hpp>
#include <tessera/concepts/wants.hpp>

/// A dynamics model as a user writes one, of nothing that the library's own is made of: no network, no Adam, a training
/// that is one solution of linear equations.
struct LinearModelParams {
  double ridge = 1e-3;
  std::int64_t members = 3;
  std::int64_t elites = 2;
  bool squares = false;
  double holdout = 0.2;
  std::int64_t holdout_rows = 5000;
  std::int64_t seed = 0;

  static constexpr tessera::doc docs[] = {
      {"ridge", "c of the penalty c |W|^2 beside the mean squared error", 0},
      {"members", "fits, each to a bootstrap sample", 1, 1000},
      {"elites", "those of least validation error, from which transitions are drawn", 1, 1000},
      {"squares", "whether it reads the squares of states and actions too"},
      {"holdout", "part of the transitions that errors are measured on", 1e-6, 0.9},
      {"holdout_rows", "and at most so many of them", 1},
      {"seed", "of the bootstrap samples", 0},
  };
};

/// [s' - s, r] ~ N(x W_i, diag sigma_i^2),  x = (s, a, 1),  W_i by ridge regression;  the task does not end.
struct LinearModel {
  using role = tessera::role::dynamics_model;
  using params = LinearModelParams;
  using needs = tessera::all_of<tessera::need<tessera::data, tessera::want::data_with_imagined_transitions>>;
  static constexpr const char* formula = "[s' - s, r] ~ N((s, a, 1) W_i, sigma_i^2), i a random elite";

  static std::int64_t inputs(const params& h, std::int64_t numbers) { return (h.squares ? 2 : 1) * numbers + 1; }
  static constexpr bool sized_state = true;
  template <class B>
  struct state {
    using backend = B;
    using T = typename B::tensor;
    tessera::buffer<T> weights;  ///< (N, k, n + 1)
    tessera::buffer<T> stds;     ///< (N, n + 1)
    tessera::buffer<T> errors;   ///< (N)
    tessera::buffer<std::int64_t> trained{0};

    template <class Problem>
    state(const params& h, const Problem& on) {
      const auto zeros = [&](auto... sizes) {
        return B::filled(std::array<std::int64_t, sizeof...(sizes)>{sizes...}, 0, on.device);
      };
      const auto targets = on.observation_size + 1;
      weights.value = zeros(h.members, inputs(h, on.observation_size + on.action_size), targets);
      stds.value = zeros(h.members, targets), errors.value = zeros(h.members);
    }
    void each(auto&& f) {
      f("linear/weights", weights), f("linear/stds", stds);
      f("linear/errors", errors), f("linear/trained", trained);
    }
  };

  static void fit(const params& h, auto& model, auto& run) {
    using M = std::remove_cvref_t<decltype(model)>;
    using T = typename M::T;
    typename M::backend::no_grad guard;
    const auto &train = run.train(), &held = run.held();
    const auto targets = [](const auto& b) -> T {
      return M::backend::cat(std::array<T, 2>{b.next - b.s, b.r.unsqueeze(1)}, 1);
    };
    const T x = read<M>(h, train.s, train.a), y = targets(train), z = read<M>(h, held.s, held.a), truth = targets(held);
    const auto rows = x.size(0), k = x.size(1);
    std::vector<T> weights, stds, off;
    for (std::int64_t i = 0; i < h.members; ++i) {
      const T sample = run.random_rows({rows}, rows, i), xs = x.index_select(0, sample), ys = y.index_select(0, sample);
      const T xx =
          (xs.transpose(0, 1).matmul(xs) / double(rows)).to(xs.scalar_type()) + xs.new_ones({k}).diag() * h.ridge;
      weights.push_back(linalg_solve(xx, T(xs.transpose(0, 1).matmul(ys) / double(rows))));
      const T left = xs.matmul(weights.back()) - ys;
      stds.push_back(left.square().mean(0).sqrt());
      off.push_back((z.matmul(weights.back()) - truth).square().mean());
      if (!run.step(1, i + 1, h.members, T(left.square().mean()))) return;
    }
    std::vector<double> errors;
    for (const auto& e : off) errors.push_back(run.numbers(e)[0]);
    std::vector<std::size_t> order(errors.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::stable_sort(order.begin(), order.end(), [&](auto a, auto b) { return errors[a] < errors[b]; });
    for (std::size_t i = 0; i < order.size(); ++i) {
      const auto at = std::int64_t(i);
      model.weights.value.select(0, at).copy_(weights[order[i]]), model.stds.value.select(0, at).copy_(stds[order[i]]);
      model.errors.value.narrow(0, at, 1).fill_(errors[order[i]]);
    }
    model.trained.value = 1;
    run.epoch(1, 0, errors, errors[order[0]]);
  }
  template <class M, class T>
  static tessera::Prediction<T> predict(const params& h, const M& model, const T& s, const T& a) {
    return of(model, read<M>(h, s, a), s, std::min(h.elites, h.members));
  }
  static constexpr tessera::counts_for settings_count_for(std::string_view name) {
    return name == "elites" ? tessera::counts_for::use : tessera::counts_for::model;
  }

  template <class Step>
  static tessera::imagined<typename Step::tensor> imagine(const params& h, Step& step, const typename Step::tensor& s,
                                                          const typename Step::tensor& a) {
    return drawn(h, step, s, predict(h, step.template state_of<tessera::dynamics>(), s, a));
  }

 protected:
  // (B, n) and (B, d) -> (B, k).
  template <class M, class T>
  static T read(const params& h, const T& s, const T& a) {
    const T both = M::backend::cat(std::array<T, 2>{s, a}, 1), one = s.narrow(1, 0, 1) * 0.0 + 1.0;
    return h.squares ? M::backend::cat(std::array<T, 3>{both, both.square(), one}, 1)
                     : M::backend::cat(std::array<T, 2>{both, one}, 1);
  }
  template <class M, class T>
  static tessera::Prediction<T> of(const M& model, const T& x, const T& s, std::int64_t members) {
    const T change = x.unsqueeze(0).matmul(model.weights.value.narrow(0, 0, members));
    const T so_far = M::backend::cat(std::array<T, 2>{s, s.narrow(-1, 0, 1) * 0.0}, -1);
    const T stds = model.stds.value.narrow(0, 0, members).unsqueeze(1).expand({members, s.size(0), s.size(1) + 1});
    return {so_far + change, stds, change.select(-1, 0) * 0.0 - 1.0};
  }
  template <class Step, class T>
  static tessera::imagined<T> drawn(const params& h, Step& step, const T& s, const tessera::Prediction<T>& said) {
    using tessera::noise;
    const auto elites = std::min(h.elites, h.members), n = s.size(1);
    const T i = (step.draw(noise::uniform, 1, s) * double(elites)).floor().clamp(0, double(elites - 1)).transpose(0, 1);
    const T who = Step::backend::whole(T(i.unsqueeze(-1).expand({1, s.size(0), n + 1})));
    const T y =
        said.means.gather(0, who).squeeze(0) + said.stds.gather(0, who).squeeze(0) * step.draw(noise::normal, n + 1, s);
    return {y.narrow(-1, 0, n), y.select(-1, n), y.select(-1, n) * 0.0 + 1.0};
  }
};

/// The same for parts that ask what its members say.
struct LinearEnsemble : LinearModel {
  using LinearModel::imagine;
  template <class Step, class T = typename Step::tensor>
  static tessera::Prediction<T> members(const params& h, Step& step, const T& s, const T& a) {
    using State = std::remove_cvref_t<decltype(step.template state_of<tessera::dynamics>())>;
    return of(step.template state_of<tessera::dynamics>(), read<State>(h, s, a), s, h.members);
  }
  template <class Step, class T = typename Step::tensor>
  static tessera::imagined<T> imagine(const params& h, Step& step, const T& s, const T&,
                                      const tessera::Prediction<T>& said) {
    return drawn(h, step, s, said);
  }
};
