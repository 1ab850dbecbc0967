#include <tessera/tabular/maximum_likelihood.hpp>

#include <tessera/tabular/value_iteration.hpp>

#include "support.hpp"

using namespace tessera::tabular;
using namespace support;

TEST_CASE("a model from counts", "[tabular][model]") {
  const std::vector<Step> steps = {{0, 0, 0, 1, false}, {0, 0, 1, 3, false}, {0, 0, 1, 5, false},
                                   {0, 0, 1, 4, false}, {1, 1, 2, 7, true},  {0, 1, 2, 1, true}};
  const auto [model, counts] = maximum_likelihood(3, 2, steps, {0, 0, 1}, 0.9);
  CHECK(counts(0, 0) == 4);
  CHECK(counts(0, 1) == 1);
  CHECK(counts(1, 1) == 1);
  CHECK(counts.sum() == 6);
  CHECK(model.terminal(2));
  CHECK_FALSE(model.terminal(0));
  CHECK(model.start()[0] == Approx(2.0 / 3));
  CHECK(model.rewards()(0, 0) == Approx(0.25 * 1 + 0.75 * 4));
  model.each_outcome(0, 0, [](std::int64_t after, double probability, double reward) {
    CHECK(probability == Approx(after == 1 ? 0.75 : 0.25));
    CHECK(reward == Approx(after == 1 ? 4 : 1));
  });
  // Never seen: it ends, without reward.
  model.each_outcome(1, 0, [](auto...) { FAIL("an outcome that no step had"); });
  CHECK(model.rewards()(1, 0) == 0);
  const Table b = Counted{model, counts}.behavior();
  CHECK(b(0, 0) == Approx(0.8));
  CHECK(b(1, 1) == 1);
  CHECK(b(2, 0) == 0.5);
  // V(1) = 7; V(0) = max(3.25 + .9 (V(0)/4 + 3 * 7/4), 1).
  const auto solved = in_sample_values(model, supported(counts, 1));
  CHECK(solved.v[1] == Approx(7));
  CHECK(solved.v[0] == Approx((3.25 + 0.9 * 0.75 * 7) / (1 - 0.9 * 0.25)));
}

TEST_CASE("many steps give back the problem they came from", "[tabular][model]") {
  const auto mdp = random_mdp(3);
  tessera::Random random(4);
  std::vector<Step> steps;
  for (std::int64_t s = 0; s + 1 < mdp.states(); ++s)
    for (std::int64_t a = 0; a < mdp.actions(); ++a)
      for (int i = 0; i < 4000; ++i) {
        double u = random.uniform();
        Step step{s, a, -1, 0, false};
        mdp.each_outcome(s, a, [&](std::int64_t after, double probability, double reward) {
          if (step.next < 0 && (u -= probability) < 0)
            step.next = after, step.reward = reward, step.ended = mdp.terminal(after);
        });
        steps.push_back(step);
      }
  const auto counted = maximum_likelihood(7, 4, steps, {0}, mdp.discount());
  CHECK(apart(counted.model.rewards(), mdp.rewards()) < 0.05);
  CHECK(apart(optimal_values(counted.model).v, optimal_values(mdp).v) < 0.1);
}

TEST_CASE("steps that no model can have come from", "[tabular][model]") {
  using Catch::Contains;
  CHECK_THROWS_WITH(maximum_likelihood(2, 2, {}, {0}, 1), Contains("no steps"));
  CHECK_THROWS_WITH(maximum_likelihood(2, 2, {{2, 0, 0, 0, false}}, {0}, 1), Contains("state 2 does not exist"));
  CHECK_THROWS_WITH(maximum_likelihood(2, 2, {{0, 2, 0, 0, false}}, {0}, 1), Contains("action 2"));
  CHECK_THROWS_WITH(maximum_likelihood(2, 2, {{0, 0, 3, 0, false}}, {0}, 1), Contains("next state 3"));
  CHECK_THROWS_WITH(maximum_likelihood(2, 2, {{0, 0, 0, 0, false}}, {5}, 1), Contains("first state 5"));
}
