#include <tessera/critic/fixed_policy_backup.hpp>

#include "helpers/fixed_step.hpp"

using namespace tessera;
using namespace support;

namespace {
// Two transitions, the second terminal; the members' values at the logged actions are 0 and 1.
template <class Step>
void two_transitions(Step& step) {
  step.actions = matrix(2, 1, {0.1, 0.2});
  step.rewards = row({1, 2});
  step.mask = row({1, 0});
  step.trained_q = [](place where, const at::Tensor&) {
    CHECK(where == now);
    return matrix(2, 2, {0, 0, 1, 1});
  };
  step.states = [](place where) {
    CHECK(where == next);
    return matrix(2, 3, {0, 0, 0, 0, 0, 0});
  };
}
// With targets (y, 2): member 0 has (y^2 + 4) / 2, member 1 ((1 - y)^2 + 1) / 2.
double loss_at(double y) { return (y * y + 4) / 2 + ((1 - y) * (1 - y) + 1) / 2; }
}  // namespace

TEST_CASE("fitted Q evaluation takes the mean of the critics at an action of the policy's, by hand", "[critic]") {
  FixedStep<FixedActions> step;
  two_transitions(step);
  FixedPolicyBackup::params h;
  h.discount = 0.5;
  SECTION("of a policy that does not draw there is one") {
    step.fixed_policy = row({0.5, -0.25});
    step.target_q = [](place where, const at::Tensor& a) {
      CHECK(where == next);
      CHECK(close(a, matrix(2, 1, {0.5, -0.25})));
      return matrix(2, 2, {4, 9, 2, 9});  // the mean at the first: 3
    };
    CHECK(number(only(FixedPolicyBackup::loss(h, step), "critic/td")) == Approx(loss_at(1 + 0.5 * 3)));
    // Values above 2.4 are not possible, or none below 3.5.
    h.least = -1, h.largest = 2.4;
    CHECK(number(only(FixedPolicyBackup::loss(h, step), "critic/td")) == Approx(loss_at(1 + 0.5 * 2.4)));
    h.least = 3.5, h.largest = 9;
    CHECK(number(only(FixedPolicyBackup::loss(h, step), "critic/td")) == Approx(loss_at(1 + 0.5 * 3.5)));
  }
  SECTION("of three draws the uniform number says which") {
    step.fixed_policy = matrix(2, 3, {0.1, 0.2, 0.3, 0.4, 0.5, 0.6});
    step.noise = {matrix(2, 1, {0.5, 1.0})};  // 1.5 and 3: the second, and the last
    step.target_q = [](place, const at::Tensor& a) {
      CHECK(close(a, matrix(2, 1, {0.2, 0.6})));
      return matrix(2, 2, {4, 9, 2, 9});
    };
    CHECK(number(only(FixedPolicyBackup::loss(h, step), "critic/td")) == Approx(loss_at(1 + 0.5 * 3)));
  }
}

TEST_CASE("fitted Q evaluation over discrete actions takes the exact mean, by hand", "[critic]") {
  FixedStep<FixedProbabilities> step;
  two_transitions(step);
  step.actions = torch::tensor({0, 1}, at::kLong);
  step.fixed_policy = matrix(2, 2, {0.75, 0.25, 0.5, 0.5});
  // Members (2, 8) and (4, 0): their means are (3, 4), and of these 3.25.
  step.target_all = only_at(next, row({2, 8, 7, 7, 4, 0, 7, 7}).view({2, 2, 2}));
  FixedPolicyBackup::params h;
  h.discount = 0.8;
  CHECK(number(only(FixedPolicyBackup::loss(h, step), "critic/td")) == Approx(loss_at(1 + 0.8 * 3.25)));
}
