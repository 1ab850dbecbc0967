#include <tessera/tabular/finite_mdp.hpp>

#include <limits>

#include "helpers/files.hpp"
#include "support.hpp"

using namespace tessera::tabular;
using namespace support;

namespace {
/// Two states and one action: 0 goes to 1 with probability .75 for a reward of 4, else it stays for 0; 1 stays.
MdpArrays arrays() {
  return {.states = 2, .actions = 1, .transitions = {0.25, 0.75, 0, 1}, .rewards = {0, 4, 0, 0}, .start = {1, 0}};
}
}  // namespace

TEST_CASE("an MDP from arrays", "[tabular][mdp]") {
  const auto mdp = make_mdp(arrays());
  CHECK(mdp.states() == 2);
  CHECK(mdp.actions() == 1);
  CHECK(mdp.discount() == 1);
  CHECK(mdp.rewards()(0, 0) == Approx(3));
  CHECK_FALSE(mdp.terminal(0));
  CHECK(mdp.terminal(1));  // kept by its action, without reward
  CHECK(mdp.transitions().nonZeros() == 2);
  std::vector<double> seen;
  mdp.each_outcome(0, 0, [&](std::int64_t after, double probability, double reward) {
    seen.insert(seen.end(), {double(after), probability, reward});
  });
  CHECK(seen == std::vector<double>{0, 0.25, 0, 1, 0.75, 4});
  mdp.each_outcome(1, 0, [&](auto...) { FAIL("nothing leads out of a terminal state"); });
}

TEST_CASE("rewards by pair, named terminals, replaced discounts and rewards", "[tabular][mdp]") {
  auto from = arrays();
  from.rewards = {3, 0};
  from.terminal = std::vector<std::int64_t>{};
  const auto mdp = make_mdp(from);
  CHECK_FALSE(mdp.terminal(1));
  CHECK(mdp.rewards()(0, 0) == Approx(3));
  CHECK(mdp.with_discount(0.5).discount() == 0.5);
  Table r(2, 1);
  r << -1, 2;
  const auto other = mdp.with_rewards(r);
  CHECK(other.rewards() == r);
  other.each_outcome(0, 0, [](std::int64_t, double, double reward) { CHECK(reward == -1); });
  // A reward in a state that keeps itself: it is not an end.
  from.terminal.reset();
  from.rewards = {3, 1};
  CHECK_FALSE(make_mdp(from).terminal(1));
}

TEST_CASE("outcomes in any order, and twice the same", "[tabular][mdp]") {
  const FiniteMdp mdp({.states = 2,
                       .actions = 2,
                       .outcomes = {{0, 1, 1, 0.5, 2}, {0, 0, 0, 1, 1}, {0, 1, 1, 0.25, 8}, {0, 1, 0, 0.25, 0}},
                       .start = {0.5, 0.5},
                       .terminal = {1}});
  CHECK(mdp.rewards()(0, 0) == Approx(1));
  CHECK(mdp.rewards()(0, 1) == Approx(3));
  mdp.each_outcome(0, 1, [](std::int64_t after, double probability, double reward) {
    CHECK(probability == Approx(after == 1 ? 0.75 : 0.25));
    CHECK(reward == Approx(after == 1 ? 4 : 0));
  });
}

TEST_CASE("probabilities that nearly sum to 1 are divided by their sum", "[tabular][mdp]") {
  auto from = arrays();
  from.transitions = {0.25f, 0.750004, 0, 1};
  const auto mdp = make_mdp(from);
  CHECK(mdp.transitions().row(0).sum() == Approx(1).epsilon(1e-15));
}

TEST_CASE("what is no MDP is refused in one line", "[tabular][mdp]") {
  const auto of = [](auto change) {
    auto from = arrays();
    change(from);
    return error_of([&] { make_mdp(from); });
  };
  using Catch::Contains;
  CHECK_THAT(of([](auto& m) { m.transitions[0] = 0.5; }), Contains("state 0, action 0") && Contains("1.25"));
  CHECK_THAT(of([](auto& m) { m.transitions = {-0.25, 1.25, 0, 1}; }), Contains("next state 0") && Contains("-0.25"));
  CHECK_THAT(of([](auto& m) { m.transitions[0] = std::numeric_limits<double>::quiet_NaN(); }), Contains("nan"));
  CHECK_THAT(of([](auto& m) { m.rewards[1] = std::numeric_limits<double>::infinity(); }),
             Contains("not a finite number"));
  CHECK_THAT(of([](auto& m) { m.transitions.pop_back(); }),
             Contains("3 transition probabilities") && Contains("take 4"));
  CHECK_THAT(of([](auto& m) {
               m.rewards = {1, 2, 3};
             }),
             Contains("3 rewards") && Contains("are 4") && Contains("are 2"));
  CHECK_THAT(of([](auto& m) { m.start = {1}; }), Contains("1 start probabilities for 2 states"));
  CHECK_THAT(of([](auto& m) { m.start = {1, 1}; }), Contains("start") && Contains("2.0"));
  CHECK_THAT(of([](auto& m) { m.discount = 1.5; }), Contains("discount 1.5"));
  CHECK_THAT(of([](auto& m) { m.terminal = std::vector<std::int64_t>{2}; }),
             Contains("terminal state 2 does not exist"));
  CHECK_THAT(of([](auto& m) { m.states = 0, m.transitions = {}, m.rewards = {}; }), Contains("0 states"));
  const auto mdp = make_mdp(arrays());
  CHECK_THROWS_WITH(mdp.with_rewards(Table::Zero(1, 2)), Contains("(1, 2)") && Contains("(2, 1)"));
  CHECK_THROWS_WITH(mdp.with_discount(-1), Contains("discount -1"));
  CHECK_THROWS_WITH(require_policy(mdp, Table::Ones(3, 1)), Contains("(3, 1)"));
  CHECK_THROWS_WITH(require_policy(mdp, Table::Constant(2, 1, 0.5)), Contains("state 0") && Contains("0.5"));
  CHECK_THROWS_WITH(deterministic_policy(mdp, {0, 1}), Contains("action 1 in state 1"));
  CHECK_THROWS_WITH(deterministic_policy(mdp, {0}), Contains("1 actions for 2 states"));
}

TEST_CASE("an index drawn by its share", "[tabular][mdp]") {
  Vector p(5);
  p << 0, 0.25, 0, 0.75, 0;
  CHECK(drawn_from(p, 0) == 1);
  CHECK(drawn_from(p, 0.249) == 1);
  CHECK(drawn_from(p, 0.25) == 3);
  CHECK(drawn_from(p, 0.999) == 3);
  CHECK(drawn_from(p * 0.5, 0.999) == 3);  // what is left over goes to the last that may be
}
