#include <tessera/compose/step.hpp>
#include <tessera/dynamics/gaussian_ensemble.hpp>
#include <tessera/policy/gaussian.hpp>
#include <tessera/train/fit_dynamics.hpp>

#include <cmath>

#include "helpers/fixed_step.hpp"

using namespace tessera;
using namespace support;

namespace {
using Model = GaussianEnsemble::state<torch_backend>;
using Step = FixedStepWithState<GaussianPolicy, Model, GaussianEnsembleParams>;

/// A log of one long walk in the plane: s' = s + A a + noise, r = s_0, ends where s_0 > 1 if asked.  The noise of the
/// second number depends on the sign of the action.
Dataset walk(std::int64_t rows, bool ends) {
  Dataset d;
  d.name = "walk", d.format = "test", d.observation_size = 2, d.action_size = 1;
  auto g = nn::generator(at::kCPU, 3, 0, 0);
  const auto s = at::empty({rows, 2}, at::kFloat).uniform_(-2, 2, g),
             a = at::empty({rows}, at::kFloat).uniform_(-1, 1, g),
             e = at::empty({rows, 2}, at::kFloat).normal_(0, 1, g);
  for (std::int64_t i = 0; i < rows; ++i) {
    const float s0 = s[i][0].item<float>(), s1 = s[i][1].item<float>(), act = a[i].item<float>();
    const float wide = act > 0 ? 0.4f : 0.1f;
    for (float x : {s0, s1, s0 + 0.5f * act + 0.05f * e[i][0].item<float>(), s1 - act + wide * e[i][1].item<float>()})
      d.observations.push_back(x);
    d.observation_row.push_back(2 * i), d.next_observation_row.push_back(2 * i + 1);
    d.actions.push_back(act), d.rewards.push_back(s0);
    d.terminals.push_back(ends && s0 + 0.5f * act > 1), d.timeouts.push_back(!d.terminals.back());
    d.episodes.push_back({i, 1, 1, 0, 0, true});
  }
  d.action_low = {-1}, d.action_high = {1};
  return d;
}
GaussianEnsembleParams small() {
  GaussianEnsembleParams h;
  h.net.hidden = {64, 64};
  h.members = 4, h.elites = 2, h.max_epochs = 40, h.patience = 8, h.holdout_rows = 1000;
  return h;
}
problem_spec<torch_backend> problem(std::int64_t n, std::int64_t d) { return {n, d, 0, at::kCPU}; }

/// Members without weights, whose outputs are the given rows: means and raw log-variances of [s' - s, r], and the
/// log-odds of the end.
void predict(Model& model, const std::vector<std::vector<double>>& outputs) {
  const auto& last = model.net.mlp().layers().back();
  auto rows = at::zeros_like(model.net.parameters());
  for (std::size_t i = 0; i < outputs.size(); ++i)
    for (std::size_t j = 0; j < outputs[i].size(); ++j)
      rows[std::int64_t(i)][last.bias + std::int64_t(j)] = outputs[i][j];
  model.net.assign(rows);
}
}  // namespace

TEST_CASE("a fitted ensemble states the variance of a noisy system", "[dynamics]") {
  const auto data = walk(12000, false);
  auto h = small();
  h.improvement = 0;  // the noise is most of the error: a percent of it hides what there is still to learn
  Model model(h, problem(2, 1));
  std::int64_t epochs = 0;
  fit_dynamics(h, model, data, [&](const DynamicsEpoch& e) { return epochs = e.epoch, true; });
  CHECK(model.trained.value == epochs);
  const auto split = hold_out(data, h.holdout, h.holdout_rows, 0);
  CHECK(std::int64_t(split.held.size()) == h.holdout_rows);
  const auto errors = one_step_errors(h, model, data, split.held);
  for (int j = 0; j < 2; ++j) CHECK(errors.calibration[std::size_t(j)] == Approx(1).margin(0.2));
  CHECK(errors.rmse[0] == Approx(0.05).epsilon(0.1));  // the noise itself
  CHECK(errors.rmse[1] == Approx(std::sqrt((0.16 + 0.01) / 2)).epsilon(0.1));
  CHECK(errors.rmse[2] < 0.05);
  // The variance is that of the action at hand: mean over states, for actions clear of the sign's change.
  at::NoGradGuard guard;
  auto g = nn::generator(at::kCPU, 9, 0, 0);
  const auto s = at::empty({1000, 2}).uniform_(-1.8, 1.8, g), a = at::empty({1000, 1}).uniform_(0.3, 0.9, g);
  const auto pushed = GaussianEnsemble::predict(model, s, a), pulled = GaussianEnsemble::predict(model, s, -a);
  CHECK(number(pushed.stds.select(-1, 1).mean()) == Approx(0.4).epsilon(0.15));
  CHECK(number(pulled.stds.select(-1, 1).mean()) == Approx(0.1).epsilon(0.3));
  CHECK(number((pushed.means.mean(0).narrow(1, 0, 2) - s - at::cat({0.5 * a, -a}, 1)).abs().mean()) < 0.05);
  const auto& prediction = pushed;
  CHECK(prediction.ended.max().item<float>() < 0);  // a log without ends
}

TEST_CASE("elites are the members of least validation error", "[dynamics]") {
  const auto data = walk(2000, false);
  auto h = small();
  h.members = 5, h.max_epochs = 3;
  Model model(h, problem(2, 1));
  std::vector<double> last, best(5, 1e9);
  fit_dynamics(h, model, data, [&](const DynamicsEpoch& e) {
    for (std::size_t i = 0; i < 5; ++i)
      if (e.errors[i] < best[i] * (1 - h.improvement)) best[i] = e.errors[i];
    return true;
  });
  std::sort(best.begin(), best.end());
  const auto split = hold_out(data, h.holdout, h.holdout_rows, 0);
  const auto held = task_rows(data, split.held, at::kCPU);
  at::NoGradGuard guard;
  const auto mu = model.net.fixed(GaussianEnsemble::input(model, held.s, held.a)).out.narrow(-1, 0, 3);
  const auto again = (mu - GaussianEnsemble::target(model, held.s, held.next, held.r)).square().mean(-1).mean(-1);
  for (std::int64_t i = 0; i < 5; ++i) {
    CHECK(number(model.errors.value[i]) ==
          Approx(best[std::size_t(i)]).epsilon(1e-5));                      // in order, and each at its best
    CHECK(number(again[i]) == Approx(best[std::size_t(i)]).epsilon(1e-3));  // and these are those members
  }
}

TEST_CASE("a fit is a function of data and seed", "[dynamics]") {
  const auto data = walk(600, true);
  auto h = small();
  h.max_epochs = 2;
  Model one(h, problem(2, 1)),
      two(h, problem_spec<torch_backend>{2, 1, 77, at::kCPU});  // a learner's seed is not the model's
  fit_dynamics(h, one, data), fit_dynamics(h, two, data);
  CHECK(at::equal(one.net.parameters(), two.net.parameters()));
  h.seed = 1;
  Model three(h, problem(2, 1));
  fit_dynamics(h, three, data);
  CHECK_FALSE(at::equal(one.net.parameters(), three.net.parameters()));
}

TEST_CASE("where the task ends is learned from its terminals", "[dynamics]") {
  const auto data = walk(8000, true);
  auto h = small();
  Model model(h, problem(2, 1));
  fit_dynamics(h, model, data);
  CHECK(model.ends.value == 1);
  const auto errors = one_step_errors(h, model, data, hold_out(data, h.holdout, h.holdout_rows, 0).held);
  CHECK(errors.missed_ends < 0.08);
  CHECK(errors.false_ends < 0.03);
  h.termination = termination::never, h.max_epochs = 1;
  Model endless(h, problem(2, 1));
  fit_dynamics(h, endless, data);
  CHECK(endless.ends.value == 0);
}

TEST_CASE("imagined transitions are an elite's, each elite's as often", "[dynamics]") {
  auto h = small();
  h.members = 4, h.elites = 3;
  Model model(h, problem(1, 1));
  // s' - s is 1, 2, 3 and 100 by member, r 10 times that; hardly any variance; the last member is no elite.
  predict(model, {{1, 10, -50, -50}, {2, 20, -50, -50}, {3, 30, -50, -50}, {100, 1000, -50, -50}});
  model.target_scale.value = torch::tensor({2.0f, 1.0f}), model.target_shift.value = torch::tensor({0.0f, 5.0f});
  Step step;
  step.own = &model, step.own_params = h;
  const std::int64_t rows = 3000;
  const auto s = at::arange(rows, at::kFloat).view({rows, 1}), a = at::zeros({rows, 1});
  const auto check = [&](const imagined<at::Tensor>& x) {
    const auto member = ((x.next - s).squeeze(1) / 2).round();
    CHECK(close((x.next - s).squeeze(1), 2 * member, 0.05));
    CHECK(close(x.reward, 10 * member + 5, 0.05));
    for (int i = 1; i <= 3; ++i) CHECK(number((member == i).to(at::kDouble).mean()) == Approx(1.0 / 3).margin(0.05));
    CHECK(x.not_done.min().item<float>() == 1);
  };
  auto g = nn::generator(at::kCPU, 1, 2, 3);
  const auto uniform = at::empty({rows, 1}).uniform_(0, 1, g), normal = at::empty({rows, 2}).normal_(0, 1, g);
  step.noise = {uniform, normal};
  const auto prediction = GaussianEnsemble::members(h, step, s, a);
  CHECK(prediction.means.sizes() == at::IntArrayRef({4, rows, 2}));
  check(GaussianEnsemble::imagine(h, step, s, a, prediction));
  // The same where only elites are asked, each for its share of the rows; also where the rows do not divide.
  step.draws = 0, step.noise = {torch::tensor({0.3f, 0.9f, 0.1f}).view({3, 1}), normal};
  check(GaussianEnsemble::imagine(h, step, s, a));
  step.draws = 0, step.noise = {torch::tensor({0.3f, 0.9f, 0.1f}).view({3, 1}), normal.narrow(0, 0, 4)};
  const auto few = GaussianEnsemble::imagine(h, step, s.narrow(0, 0, 4), a.narrow(0, 0, 4));
  // Rows in blocks of two; the drawn order is 2, 0, 1, so member 1 meets the third block, which is padding, member 2
  // the first ...
  CHECK(close((few.next - s.narrow(0, 0, 4)).squeeze(1), row({4, 4, 6, 6}), 0.05));
}

TEST_CASE("the noise of imagined transitions is the stated one", "[dynamics]") {
  auto h = small();
  h.members = 1, h.elites = 1;
  Model model(h, problem(1, 1));
  predict(model, {{0, 0, std::log(0.04), -30}});
  model.target_scale.value = torch::tensor({3.0f, 1.0f});
  Step step;
  step.own = &model, step.own_params = h;
  step.noise = {at::zeros({1, 1}), torch::tensor({2.0f, 0.0f}).view({1, 2})};
  const auto x = GaussianEnsemble::imagine(h, step, at::zeros({1, 1}), at::zeros({1, 1}));
  // log variance softly bounded by 0.5 and -10 from log 0.04 = -3.22.
  const double l = 0.5 - std::log1p(std::exp(0.5 - std::log(0.04))), bounded = -10 + std::log1p(std::exp(l + 10));
  CHECK(number(x.next) == Approx(2 * 3 * std::exp(bounded / 2)));
}

TEST_CASE("ends: learned log-odds, or a rule that is given", "[dynamics]") {
  auto h = small();
  h.members = 2, h.elites = 2;
  Model model(h, problem(1, 1));
  predict(model, {{1, 0, -50, -50, 3}, {1, 0, -50, -50, 3}});
  Step step;
  step.own = &model, step.own_params = h;
  const auto s = torch::tensor({0.0f, 5.0f}).view({2, 1}), a = at::zeros({2, 1});
  const auto go = [&] {
    step.draws = 0, step.noise = {at::zeros({2, 1}), at::zeros({2, 2})};
    return GaussianEnsemble::imagine(h, step, s, a).not_done;
  };
  CHECK(close(go(), row({1, 1})));  // has not learned about ends
  model.ends.value = 1;
  CHECK(close(go(), row({0, 0})));
  model.ended = [](const at::Tensor& from, const at::Tensor&, const at::Tensor& to) {
    CHECK(close(to - from, at::ones({2, 1}), 0.05));
    return (to > 3).to(at::kFloat).squeeze(1);
  };
  CHECK(close(go(), row({1, 0})));
}

TEST_CASE("held-out transitions are whole episodes, unless there is one", "[dynamics]") {
  Dataset d = walk(100, false);
  d.episodes.clear();
  for (std::int64_t i = 0; i < 10; ++i) d.episodes.push_back({10 * i, 10, 10, 0, 0, true});
  const auto some = hold_out(d, 0.2, 1000, 5);
  CHECK(some.held.size() == 20);
  CHECK(some.train.size() == 80);
  CHECK(some.episodes.size() == 2);
  for (auto i : some.held) CHECK(std::find(some.episodes.begin(), some.episodes.end(), i / 10) != some.episodes.end());
  CHECK(hold_out(d, 0.2, 1000, 5).held == some.held);
  CHECK(hold_out(d, 0.2, 1000, 6).held != some.held);
  CHECK(hold_out(d, 0.2, 10, 5).held.size() == 10);
  d.episodes = {{0, 100, 100, 0, 0, true}};
  const auto end = hold_out(d, 0.2, 1000, 5);
  CHECK(end.episodes.empty());
  REQUIRE(end.held.size() == 20);
  CHECK(end.held.front() == 80);
}

TEST_CASE("decay is that of each layer", "[dynamics]") {
  GaussianEnsembleParams h;
  const auto rates = GaussianEnsemble::decays(h);
  REQUIRE(rates.size() == 5);
  for (std::size_t l = 0; l < 5; ++l)
    CHECK(rates[l] == Approx(std::vector<double>{2.5e-5, 5e-5, 7.5e-5, 7.5e-5, 1e-4}[l]));
  h.net.hidden = {};
  CHECK(GaussianEnsemble::decays(h) == std::vector<double>{1e-4});
}

TEST_CASE("open-loop errors are those of following the log without looking", "[dynamics]") {
  // In truth every step adds the action to s; the model adds 1.5 times as much.
  Dataset d;
  d.name = "line", d.observation_size = 1, d.action_size = 1;
  for (int i = 0; i <= 10; ++i) d.observations.push_back(float(i));
  for (std::int64_t i = 0; i < 10; ++i) {
    d.observation_row.push_back(i), d.next_observation_row.push_back(i + 1);
    d.actions.push_back(1), d.rewards.push_back(0), d.terminals.push_back(0), d.timeouts.push_back(i == 9);
  }
  d.episodes = {{0, 10, 10, 0, 0, true}};
  auto h = small();
  h.members = 1, h.elites = 1;
  Model model(h, problem(1, 1));
  predict(model, {{1.5, 0, -50, -50}});
  const auto errors = open_loop_errors(h, model, d, {0}, 4);
  CHECK(errors.starts == 7);
  for (std::size_t t = 0; t < 4; ++t) {
    CHECK(errors.model[t][0] == Approx(0.5 * double(t + 1)));
    CHECK(errors.still[t][0] == Approx(double(t + 1)));
  }
  CHECK(open_loop_errors(h, model, d, {0}, 11).starts == 0);
}
