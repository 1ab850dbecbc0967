#include <tessera/train/fit_dynamics.hpp>

#include <cmath>
#include <functional>
#include <tessera/algorithms/combo.hpp>
#include <tessera/algorithms/mopo.hpp>
#include <tessera/algorithms/rambo.hpp>
#include <tessera/reflect/reflect.hpp>
#include <tessera/sources/builtin.hpp>
#include <tessera/torch.hpp>

#include "helpers/tensors.hpp"

using namespace tessera;
using namespace support;

namespace {
using Model = GaussianEnsemble::state<torch_backend>;

/// Episodes of up to eight steps on a line: s' = s + a, r = s, the task ends where s' > 1.
Dataset line(std::int64_t episodes) {
  Dataset d;
  d.name = "line", d.format = "test", d.observation_size = 1, d.action_size = 1, d.action_low = {-1},
  d.action_high = {1};
  auto g = nn::generator(at::kCPU, 3, 0, 0);
  for (std::int64_t e = 0; e < episodes; ++e) {
    const auto first = d.size();
    float s = 0;
    for (int t = 0; t < 8 && s <= 1; ++t) {
      const float a = at::empty({}, at::kFloat).uniform_(-0.5, 1, g).item<float>();
      d.observation_row.push_back(std::int64_t(d.observations.size())), d.observations.push_back(s);
      d.next_observation_row.push_back(std::int64_t(d.observations.size())), d.observations.push_back(s + a);
      d.actions.push_back(a), d.rewards.push_back(s), d.terminals.push_back(s + a > 1), d.timeouts.push_back(0);
      s += a;
    }
    if (!d.terminals.back()) d.timeouts.back() = 1;
    d.episodes.push_back({first, d.size() - first, d.size() - first, 0, 0, true});
  }
  return d;
}
/// The same where next states of terminals are not known, and `stand_in` stands there.
Dataset unknown_at_ends(
    Dataset d, const std::function<float(float)>& stand_in = [](float own) { return own; }) {
  d.unknown_next.assign(std::size_t(d.size()), 0);
  for (std::size_t i = 0; i < d.rewards.size(); ++i)
    if (d.terminals[i])
      d.unknown_next[i] = 1, d.observations[std::size_t(d.next_observation_row[i])] =
                                 stand_in(d.observations[std::size_t(d.observation_row[i])]);
  return d;
}
GaussianEnsembleParams small() {
  GaussianEnsembleParams h;
  h.net.hidden = {32, 32};
  h.members = 3, h.elites = 2, h.max_epochs = 3, h.batch = 64;
  return h;
}
problem_spec<torch_backend> problem(const Dataset& d) { return {d.observation_size, d.action_size, 0, at::kCPU}; }
std::vector<std::int64_t> all_rows(const Dataset& d) {
  std::vector<std::int64_t> rows;
  for (std::int64_t i = 0; i < d.size(); ++i) rows.push_back(i);
  return rows;
}

// A log of the pendulum whose states have one more number, and whose first is in another unit.
const Dataset& pendulum() {
  static const auto data = builtin_dataset("pendulum-narrow");
  return data;
}
enum class extra { none, one, rounded, clock, of_episode };
Dataset with(extra what, double unit = 1, double offset = 0) {
  Dataset d = pendulum();
  const auto n = d.observation_size, wide = n + (what != extra::none);
  std::vector<float> observations;
  const auto add = [&](const float* from, float number) {
    observations.push_back(float(double(from[0]) * unit + offset));
    observations.insert(observations.end(), from + 1, from + n);
    if (what != extra::none) observations.push_back(number);
  };
  // Each state separately, so that a time component is allowed.
  std::int64_t at = 0;
  for (std::size_t e = 0; e < d.episodes.size(); ++e)
    for (std::int64_t k = 0; k < d.episodes[e].transitions; ++k) {
      const auto i = d.episodes[e].first + k;
      const auto number = [&](std::int64_t t) {
        switch (what) {
          case extra::rounded:
            return t % 3 == 0 ? std::nextafter(0.1f, 1.f) : 0.1f;
          case extra::clock:
            return float(t);
          case extra::of_episode:
            return float(e % 5);
          default:
            return 1.0f;
        }
      };
      add(pendulum().observation(i), number(k)), add(pendulum().next_observation(i), number(k + 1));
      d.observation_row[std::size_t(i)] = at++, d.next_observation_row[std::size_t(i)] = at++;
    }
  d.observations = std::move(observations), d.observation_size = wide;
  return d;
}
template <class R>
params_of<R> of_parts() {
  params_of<R> p;
  p.policy.net.hidden = {16}, p.critic.net.hidden = {16};
  p.dynamics = {}, p.dynamics.net.hidden = {32, 32}, p.dynamics.members = 3, p.dynamics.elites = 2,
  p.dynamics.max_epochs = 4, p.dynamics.holdout_rows = 1000;
  p.data.rollout_batch = 200, p.data.horizon = 5, p.data.retain = 1, p.data.standardize = true;
  return p;
}
struct Imagined {
  at::Tensor s, next;  ///< (B, n), task's units
  double diverged;
  std::vector<double> errors, rmse;  ///< of one step, over the variance, and in the task's units
};
template <class R>
Imagined imagine_in(const Dataset& data) {
  learner<R> agent(data, of_parts<R>(), {.seed = 3});
  fit_dynamics(agent, data);
  const auto replay = replay_for(agent, data, agent.transitions());
  agent.start(replay);
  agent.refill(replay);
  agent.update(agent.batch_for(replay, 1, 32));
  Imagined out;
  for (const auto& m : agent.metrics()) {
    CAPTURE(m.name);
    CHECK(std::isfinite(m.value.template item<double>()));
    if (std::string(m.name) == "data/diverged") out.diverged = m.value.template item<double>();
  }
  agent.each_buffer([&](const std::string& name, auto& x) {
    if constexpr (std::is_same_v<std::decay_t<decltype(x)>, at::Tensor>)
      if (name == "imagined/rows") {
        const auto n = data.observation_size;
        out.s = agent.units().task_observations(x.narrow(1, 0, n)),
        out.next = agent.units().task_observations(x.narrow(1, n + 3, n));
      }
  });
  const auto& h = agent.hyperparameters().dynamics;
  const auto errors = one_step_errors(h, agent.dynamics(), data, hold_out(data, h.holdout, h.holdout_rows, 0).held);
  out.errors = errors.normalized, out.rmse = errors.rmse;
  return out;
}
}  // namespace

TEST_CASE("what stands in for a next state that is not known is not looked at", "[dynamics]") {
  const auto own = unknown_at_ends(line(200)), other = unknown_at_ends(line(200), [](float) { return 1e6f; });
  const auto h = small();
  Model one(h, problem(own)), two(h, problem(own));
  fit_dynamics(h, one, own), fit_dynamics(h, two, other);
  CHECK(at::equal(one.net.parameters(), two.net.parameters()));
  CHECK(at::equal(one.errors.value, two.errors.value));
  CHECK(at::equal(one.target_scale.value, two.target_scale.value));
  const auto a = one_step_errors(h, one, own, all_rows(own)), b = one_step_errors(h, one, other, all_rows(own));
  CHECK((a.rmse == b.rmse && a.normalized == b.normalized && a.calibration == b.calibration &&
         a.missed_ends == b.missed_ends));
  const auto c = open_loop_errors(h, one, own, {0, 1, 2, 3, 4, 5}, 2),
             d = open_loop_errors(h, one, other, {0, 1, 2, 3, 4, 5}, 2);
  CHECK((c.model == d.model && c.still == d.still && c.starts > 0));
}

TEST_CASE("statistics and errors of a state are those of rows whose next is known, of the reward of all",
          "[dynamics]") {
  const auto data = unknown_at_ends(line(200)), whole = line(200);
  auto h = small();
  h.max_epochs = 1;
  Model model(h, problem(data));
  fit_dynamics(h, model, data);
  CHECK(model.ends.value == 1);
  double change = 0, reward = 0, count = 0;
  const auto train = hold_out(data, h.holdout, h.holdout_rows, 0).train;
  for (auto i : train) {
    reward += data.rewards[std::size_t(i)];
    if (data.knows_next(i)) change += *whole.next_observation(i) - *whole.observation(i), ++count;
  }
  CHECK(number(model.target_shift.value[0]) == Approx(change / count).epsilon(1e-4));
  CHECK(number(model.target_shift.value[1]) == Approx(reward / double(train.size())).epsilon(1e-4));
  std::vector<std::int64_t> known;
  for (auto i : all_rows(data))
    if (data.knows_next(i)) known.push_back(i);
  const auto of_all = one_step_errors(h, model, data, all_rows(data)),
             of_known = one_step_errors(h, model, whole, known),
             of_whole = one_step_errors(h, model, whole, all_rows(whole));
  CHECK(of_all.rmse[0] == Approx(of_known.rmse[0]));
  CHECK(of_all.calibration[0] == Approx(of_known.calibration[0]));
  CHECK(of_all.rmse[1] == Approx(of_whole.rmse[1]));
  CHECK(of_all.missed_ends == of_whole.missed_ends);
}

TEST_CASE("a model of a log without the states after ends is as good as one with them", "[dynamics]") {
  const auto whole = line(600), data = unknown_at_ends(whole);
  auto lied = data;
  lied.unknown_next.clear();
  auto h = small();
  h.max_epochs = 20;
  const auto error_of_model = [&](const Dataset& on) {
    Model model(h, problem(on));
    fit_dynamics(h, model, on);
    std::vector<std::int64_t> inside;
    for (auto i : hold_out(whole, h.holdout, h.holdout_rows, 0).held)
      if (!whole.terminals[std::size_t(i)]) inside.push_back(i);
    return one_step_errors(h, model, whole, inside).rmse[0];
  };
  const double right = error_of_model(whole), unknown = error_of_model(data), wrong = error_of_model(lied);
  CHECK(unknown < 3 * right);
  CHECK(wrong > 5 * unknown);
}

TEST_CASE("marks that say that all is known change nothing", "[dynamics]") {
  auto data = line(100), marked = data;
  marked.unknown_next.assign(std::size_t(data.size()), 0);
  const auto h = small();
  Model one(h, problem(data)), two(h, problem(data));
  fit_dynamics(h, one, data), fit_dynamics(h, two, marked);
  CHECK(at::equal(one.net.parameters(), two.net.parameters()));
}

TEST_CASE("without one known next state there is no model", "[dynamics]") {
  auto data = unknown_at_ends(line(50));
  data.unknown_next.assign(std::size_t(data.size()), 1);
  const auto h = small();
  Model model(h, problem(data));
  CHECK_THROWS_WITH(fit_dynamics(h, model, data), Catch::Contains("line: no next state is known"));
}

TEST_CASE("an open loop ends before a next state that is not known", "[dynamics]") {
  auto data = line(1);
  data.unknown_next.assign(std::size_t(data.size()), 0);
  const auto h = small();
  Model model(h, problem(data));
  const auto steps = data.size();
  REQUIRE(steps > 2);
  CHECK(open_loop_errors(h, model, data, {0}, steps).starts == 1);
  data.unknown_next.back() = 1;
  CHECK(open_loop_errors(h, model, data, {0}, steps).starts == 0);
  CHECK(open_loop_errors(h, model, data, {0}, steps - 1).starts == 1);
}

TEST_CASE("the weights of a loss, by hand", "[dynamics]") {
  Model model(small(), problem_spec<torch_backend>{2, 1, 0, at::kCPU});
  model.target_scale.value = torch::tensor({0.5f, 0.0f, 2.0f});
  // Two members of four rows; of the second no next state is known.  Two of three numbers change.
  const auto w = GaussianEnsemble::weights(model, matrix(2, 4, {1, 0, 1, 1, 0, 0, 0, 0}).to(at::kFloat));
  REQUIRE(w.sizes() == at::IntArrayRef({2, 4, 3}));
  CHECK(close(w.select(2, 0), matrix(2, 4, {2, 0, 2, 2, 0, 0, 0, 0}), 1e-5));  // 4/3 times 3/2
  CHECK(close(w.select(2, 1), at::zeros({2, 4})));
  CHECK(close(w.select(2, 2), at::full({2, 4}, 1.5)));
  model.target_scale.value.fill_(3);
  CHECK(at::equal(GaussianEnsemble::weights(model, at::ones({2, 7})), at::ones({2, 7, 3})));
}

TEST_CASE("an adversary's own loss leaves out states that are not known", "[dynamics]") {
  // Terminal rows whose own state stands in, among rows that all move by one.
  const auto drift = [](bool stands_in) {
    params_of<recipes::Rambo> p;
    p.policy.net.hidden = {}, p.critic.net.hidden = {};
    p.dynamics.net.hidden = {}, p.dynamics.members = 2, p.dynamics.elites = 2, p.dynamics.adversary = 0,
    p.dynamics.weight_decay = 0;
    p.dynamics.adam.learning_rate = 3e-2;
    Rambo agent(problem_spec<torch_backend>{1, 1, 0, at::kCPU}, nn::Units(Normalizer{{0}, {1}, 1, 0, {-1}, {1}}), p);
    const auto s = at::zeros({64, 1}), one = at::ones({64}), ends = at::arange(64).remainder(2).to(at::kFloat);
    batch<at::Tensor> b{s, at::zeros({64, 1}), at::zeros({64}),
                        stands_in ? at::Tensor(s + ends.unsqueeze(1)) : at::Tensor(s + 1), stands_in ? ends : one};
    b.logged = 64;
    for (int k = 0; k < 200; ++k) agent.update(b);
    at::NoGradGuard guard;
    return number(
        GaussianEnsemble::predict(agent.dynamics(), at::zeros({1, 1}), at::zeros({1, 1})).means.select(-1, 0).mean());
  };
  CHECK(drift(false) == Approx(1).margin(0.05));
  CHECK(drift(true) == Approx(1).margin(0.05));
}

TEST_CASE("a number that never changes in the log never changes in what is imagined", "[model]") {
  const auto check = [](const auto& base, const auto& tag) {
    for (const auto what : {extra::one, extra::rounded, extra::of_episode}) {
      CAPTURE(tag, int(what));
      using R = std::decay_t<decltype(base)>;
      const auto x = imagine_in<R>(with(what));
      CHECK(x.diverged < 0.05);
      CHECK(close(x.next.select(1, 3), x.s.select(1, 3), 1e-6));
      const auto plain = imagine_in<R>(with(extra::none));
      CHECK(x.errors[3] < 1e-12);
      for (std::size_t j = 0; j < 3; ++j) CHECK(x.errors[j] < 3 * plain.errors[j]);
    }
  };
  check(recipes::Mopo(), "mopo"), check(recipes::Combo(), "combo");
}

TEST_CASE("a clock is imagined to the second", "[model]") {
  const auto x = imagine_in<recipes::Mopo>(with(extra::clock));
  CHECK(x.diverged < 0.05);
  CHECK(close(x.next.select(1, 3), x.s.select(1, 3) + 1, 1e-4));
}

TEST_CASE("a number's unit and offset are nothing to a model", "[model]") {
  const auto check = [](const auto& base, const auto& tag) {
    using R = std::decay_t<decltype(base)>;
    const auto plain = imagine_in<R>(with(extra::none));
    const auto spread = plain.next.to(at::kDouble).std(0);
    for (const auto& [unit, offset] : {std::pair{1e6, 0.0}, {1e-6, 0.0}, {1e-6, 1e-3}, {1.0, 1000.0}, {1e6, 1e8}}) {
      CAPTURE(tag, unit, offset);
      const auto x = imagine_in<R>(with(extra::none, unit, offset));
      CHECK(x.diverged < 0.05);
      for (std::size_t j = 0; j < 4; ++j) CHECK(x.errors[j] < 3 * plain.errors[j]);
      CHECK(x.rmse[0] < 2 * plain.rmse[0] * unit);
      const auto moved = [](const Imagined& by) { return number((by.next - by.s).select(1, 0).to(at::kDouble).std()); };
      CHECK(moved(x) == Approx(moved(plain) * unit).epsilon(0.2));
      const auto seen = at::cat(
          {(x.next.narrow(1, 0, 1).to(at::kDouble) - offset) / unit, x.next.narrow(1, 1, 2).to(at::kDouble)}, 1);
      CHECK(number((seen.std(0) / spread - 1).abs().max()) < 0.2);
      CHECK(number(((seen.mean(0) - plain.next.to(at::kDouble).mean(0)) / spread).abs().max()) < 0.2);
    }
  };
  check(recipes::Mopo(), "mopo"), check(recipes::Combo(), "combo");
}
