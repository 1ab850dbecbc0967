#include <tessera/critic/policy_backup.hpp>
#include <tessera/critic/smoothed_policy_backup.hpp>
#include <tessera/critic/soft_backup.hpp>
#include <tessera/critic/value_backup.hpp>
#include <tessera/policy/categorical.hpp>
#include <tessera/policy/deterministic.hpp>
#include <tessera/policy/gaussian.hpp>
#include <tessera/policy/tanh_gaussian.hpp>

#include <cmath>

#include "helpers/fixed_step.hpp"

using namespace tessera;
using namespace support;

namespace {
/// Two transitions, the second terminal; Q of the two members at the logged actions is 0 and 1 everywhere.
template <class Step>
at::Tensor two_transitions(Step& step) {
  const auto q = leaf(matrix(2, 2, {0, 0, 1, 1}));
  step.actions = matrix(2, 1, {0.1, 0.2});
  step.rewards = row({1, 2});
  step.mask = row({1, 0});
  step.trained_q = [q, &step](place where, const at::Tensor& a) {
    CHECK(where == now);
    CHECK(at::equal(a, step.actions));
    return q;
  };
  return q;
}
/// With targets y = (1 + gamma v, 2): the loss and the gradient of q.
void check_td(const terms<at::Tensor>& sum, const at::Tensor& q, double y) {
  const auto loss = only(sum, "critic/td");
  // Member 0: (y^2 + 4) / 2, member 1: ((1 - y)^2 + 1) / 2.
  CHECK(number(loss) == Approx((y * y + 4) / 2 + ((1 - y) * (1 - y) + 1) / 2));
  loss.backward();
  CHECK(close(q.grad(), matrix(2, 2, {-y, -2, 1 - y, -1}), 1e-7));
}
}  // namespace

TEST_CASE("backup of a policy's sample, computed by hand", "[critic]") {
  FixedStep<GaussianPolicy> step;
  const auto q = two_transitions(step);
  // Samples at s': tanh 0 + e^0 * (.5, -.25).
  step.heads[next] = {matrix(2, 1, {0, 0}), row({0})};
  step.noise = {matrix(2, 1, {0.5, -0.25})};
  step.target_q = [](place where, const at::Tensor& a) {
    CHECK(where == next);
    CHECK(close(a, matrix(2, 1, {0.5, -0.25})));
    return matrix(2, 2, {4, 9, 3, 9});  // the minimum at the first: 3
  };
  PolicyBackup::params h;
  h.discount = 0.5;
  check_td(PolicyBackup::loss(h, step), q, 1 + 0.5 * 3);
}

TEST_CASE("backup of the target policy's sample, computed by hand", "[critic]") {
  FixedStep<GaussianPolicy> step;
  const auto q = two_transitions(step);
  // Samples (.25, 0) + e^0 * (.5, -.25) of the target policy; the policy itself is not asked.
  step.target_heads[next] = {matrix(2, 1, {std::atanh(0.25), 0}), row({0})};
  step.noise = {matrix(2, 1, {0.5, -0.25})};
  step.target_q = [](place where, const at::Tensor& a) {
    CHECK(where == next);
    CHECK(close(a, matrix(2, 1, {0.75, -0.25})));
    return matrix(2, 2, {4, 9, 3, 9});
  };
  TargetPolicyBackup::params h;
  h.discount = 0.5;
  check_td(TargetPolicyBackup::loss(h, step), q, 1 + 0.5 * 3);
}

TEST_CASE("backup of a policy over finitely many actions, computed by hand", "[critic]") {
  FixedStep<CategoricalPolicy> step;
  const auto q = two_transitions(step);
  step.actions = torch::tensor({0, 1}, at::kLong);
  step.heads[next] = {matrix(2, 2, {std::log(3.0), 0, 0, 0}), {}};  // pi(.|s') of the first = (.75, .25)
  // Members (2, 8) and (4, 0): the minimum for each action is (2, 0), with mean 1.5.
  step.target_all = only_at(next, row({2, 8, 7, 7, 4, 0, 7, 7}).view({2, 2, 2}));
  PolicyBackup::params h;
  h.discount = 0.8;
  check_td(PolicyBackup::loss(h, step), q, 1 + 0.8 * 1.5);
}

TEST_CASE("backup of a smoothed target policy, computed by hand", "[critic]") {
  FixedStep<DeterministicPolicy> step;
  const auto q = two_transitions(step);
  step.target_heads[next] = {matrix(2, 1, {std::atanh(0.25), std::atanh(0.9)}), {}};
  step.noise = {matrix(2, 1, {-10, 1})};
  step.target_q = [](place where, const at::Tensor& a) {
    CHECK(where == next);
    // .25 - min(.2 * 10, .5); .9 + .2 is beyond the box
    CHECK(close(a, matrix(2, 1, {-0.25, 1})));
    return a.squeeze(1).unsqueeze(0).expand({2, 2}) * 4;
  };
  SmoothedPolicyBackup::params h;
  h.discount = 0.5;
  check_td(SmoothedPolicyBackup::loss(h, step), q, 1 - 0.5 * 1);
}

TEST_CASE("soft backup, computed by hand", "[critic]") {
  for (bool entropy : {true, false}) {
    FixedStep<TanhGaussianPolicy> step;
    const auto q = two_transitions(step);
    step.heads[next] = {matrix(2, 2, {0.3, std::log(0.5), 0, 0}), {}};
    step.noise = {matrix(2, 1, {(0.42364893 - 0.3) / 0.5, 0})};  // the first action is .4, its log pi -.082016081
    step.target_q = [](place where, const at::Tensor& a) {
      CHECK(where == next);
      CHECK(number(a[0][0]) == Approx(0.4));
      return matrix(2, 2, {4, 9, 3, 9});
    };
    step.actor_temperature = always(torch::tensor(2.0, at::kDouble));
    SoftBackup::params h;
    h.discount = 0.5;
    h.entropy = entropy;
    check_td(SoftBackup::loss(h, step), q, 1 + 0.5 * (3 + (entropy ? 2 * 0.082016081 : 0)));
  }
}

TEST_CASE("backup of a state value, computed by hand", "[critic]") {
  FixedStep<GaussianPolicy> step;
  const auto q = two_transitions(step);
  step.estimate = only_at(next, row({-3, 100}));
  ValueBackup::params h;
  h.discount = 0.9;
  check_td(ValueBackup::loss(h, step), q, 1 - 0.9 * 3);
  // The same text serves discrete actions.
  FixedStep<CategoricalPolicy> discrete;
  const auto p = two_transitions(discrete);
  discrete.estimate = step.estimate;
  check_td(ValueBackup::loss(h, discrete), p, 1 - 0.9 * 3);
}
