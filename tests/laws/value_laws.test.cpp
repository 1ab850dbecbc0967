#include "laws/value_laws.hpp"

#include <tessera/algorithms.hpp>

#include <cmath>

using namespace tessera;
using laws::in_a_state;
using laws::root;
using laws::value_laws;

namespace {
constexpr auto plain = [](auto&) {};
template <class V>
using Host = recipe<policy<CategoricalPolicy>, critic<ValueBackup>, value<V>, actor<AdvantageWeighted>>;

// The sum over actions of w f(q).
double mean(const std::vector<double>& w, const std::vector<double>& q, const auto& f) {
  double sum = 0;
  for (std::size_t i = 0; i < q.size(); ++i) sum += w[i] * f(q[i]);
  return sum;
}
double itself(double x) { return x; }
// Where the logged actions' error costs as much above as below:  E |tau - 1[q < v]| f(v - q) = 0.
constexpr auto expectile = [](const in_a_state& of, const auto& h) {
  return root(
      [&](double v) { return mean(of.b, of.q, [&](double q) { return (q < v ? 1 - h.tau : h.tau) * (v - q); }); }, -50,
      50);
};
constexpr auto quantile = [](const in_a_state& of, const auto& h) {
  return root([&](double v) { return mean(of.b, of.q, [&](double q) { return q < v ? 1 - h.tau : -h.tau; }); }, -50,
              50);
};
double soft_maximum(const in_a_state& of, double t) {
  return t * std::log(mean(of.b, of.q, [&](double q) { return std::exp(q / t); }));
}
constexpr auto sparse = [](const in_a_state& of, const auto& h) {
  return root(
      [&](double v) {
        return 1 - mean(of.b, of.q, [&](double q) { return std::max(0.0, 1 + (q - v) / (2 * h.alpha)); });
      },
      -50, 50);
};
constexpr auto mean_of_policy = [](const in_a_state& of, const auto&) { return mean(of.pi, of.q, itself); };
constexpr auto mean_of_log = [](const in_a_state& of, const auto&) { return mean(of.b, of.q, itself); };
double entropy(const in_a_state& of) {
  return -mean(of.pi, of.pi, [](double pi) { return std::log(pi); });
}
}  // namespace

TEST_CASE("a value of the logged actions lies among theirs, and is the statistic it names", "[value][laws]") {
  CHECK(value_laws<Host<Expectile>>(plain, expectile));
  CHECK(value_laws<Host<Expectile>>([](auto& p) { p.value.tau = 0.9; }, expectile));
  CHECK(value_laws<Host<Quantile>>(plain, quantile));
  CHECK(value_laws<Host<Gumbel>>(plain, [](const in_a_state& of, const auto& h) { return soft_maximum(of, h.beta); }));
  CHECK(value_laws<Host<Exponential>>(plain,
                                      [](const in_a_state& of, const auto& h) { return soft_maximum(of, h.alpha); }));
  CHECK(value_laws<Host<Sparse>>(plain, sparse));
  CHECK(value_laws<Host<Sparse>>([](auto& p) { p.value.alpha = 0.2; }, sparse));
}

TEST_CASE("a value of the policy's actions lies among theirs, and is the statistic it names", "[value][laws]") {
  CHECK(value_laws<Host<PolicyMean>>(plain, mean_of_policy));
  CHECK(value_laws<Host<FittedPolicyMean>>(plain, mean_of_policy));
  // With the entropy, which lies above the largest by t H at most.
  CHECK(value_laws<Host<SoftPolicyMean>::with<actor<FixedTemperatureMaximizeQ>>>(
      [](auto& p) { p.actor.temperature = 0.3; },
      [](const in_a_state& of, const auto&) { return mean(of.pi, of.q, itself) + 0.3 * entropy(of); },
      [](const in_a_state& of) { return 0.3 * entropy(of); }));
}

TEST_CASE("a value of returns lies among them, and is their mean", "[value][laws]") {
  CHECK(value_laws<recipe<policy<CategoricalPolicy>, value<ReturnRegression>, actor<AdvantageWeighted>>>(plain,
                                                                                                         mean_of_log));
  CHECK(value_laws<recipes::MorelNpg::with<policy<CategoricalPolicy>, value<RolloutBaseline>>>(
      [](auto& p) { p.value.discount = 0.8, p.value.passes = 1; }, mean_of_log));
}

namespace {
struct Beyond : Expectile {
  template <class Step>
  static typename Step::tensor estimate(const params&, Step& step, place where) {
    return 2 * step.v(where, as::fixed) + 3;
  }
};
struct Contrary : Expectile {
  template <class Step>
  static terms<typename Step::tensor> loss(const params& h, Step& step) {
    return {"value/expectile",
            math::expectile_loss(math::min(step.q(now, logged_action, as::target)), step.v(now), 1 - h.tau)};
  }
};
struct Open : Expectile {
  template <class Step>
  static typename Step::tensor estimate(const params&, Step& step, place where) {
    return step.v(where);
  }
};
struct Meddling : Expectile {
  template <class Step>
  static terms<typename Step::tensor> loss(const params& h, Step& step) {
    return {"value/expectile", math::expectile_loss(math::min(step.q(now, logged_action)), step.v(now), h.tau)};
  }
};
struct Still : Expectile {
  template <class Step>
  static typename Step::tensor estimate(const params&, Step& step, place) {
    return step.v(now, as::fixed);
  }
};
struct Freezing : Gumbel {
  static double temperature(const params& h) { return h.beta - 1; }
};
}  // namespace

TEST_CASE("the laws of values find out who breaks them", "[value][laws]") {
  CHECK(value_laws<Host<Beyond>>(plain, expectile).breaks("the estimate lies between"));
  CHECK(value_laws<Host<Contrary>>(plain, expectile).breaks("the estimate is the statistic"));
  CHECK(value_laws<Host<Open>>(plain, expectile).breaks("estimate and advantage have no gradient"));
  CHECK(value_laws<Host<Meddling>>(plain, expectile).breaks("the gradient reaches its network alone"));
  CHECK(value_laws<Host<Still>>(plain, expectile).breaks("the estimate at the next state"));
  CHECK(value_laws<Host<Freezing>>(plain, [](const in_a_state& of, const auto& h) {
          return soft_maximum(of, h.beta);
        }).breaks("the least temperature is positive"));
  // Without its entropy's bonus a soft mean is not between.
  CHECK(value_laws<Host<SoftPolicyMean>::with<actor<FixedTemperatureMaximizeQ>>>(
            [](auto& p) { p.actor.temperature = 5; },
            [](const in_a_state& of, const auto&) { return mean(of.pi, of.q, itself) + 5 * entropy(of); })
            .breaks("the estimate lies between"));
}
