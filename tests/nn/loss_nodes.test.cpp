#include <tessera/nn/loss_nodes.hpp>
//
#include <tessera/math/nodes.hpp>
#include <tessera/nn/loss_kernels.hpp>
#include <tessera/nn/node.hpp>
#include <tessera/nn/threads.hpp>

#include "helpers/tensors.hpp"

using namespace support;
using namespace tessera;
using at::Tensor;

namespace {
using Function = std::function<Tensor(const std::vector<Tensor>&)>;

Tensor normal(at::IntArrayRef sizes) {
  static auto g = at::detail::createCPUGenerator(7);
  return at::empty(sizes, at::kFloat).normal_(0, 1, g);
}

// Value, gradients and gradients of gradients of a function in float32 against its plain form in doubles.  Inputs that
// `fitted` does not name are constants.  Gradients of gradients are the plain form's in float32, and left out where
// that loses too many digits.
void agree(const Function& node, const Function& plain, const std::vector<Tensor>& inputs,
           const std::vector<std::size_t>& fitted, bool twice = true) {
  const auto run = [&](const Function& f, at::ScalarType type) {
    std::vector<Tensor> x, leaves;
    for (std::size_t i = 0; i < inputs.size(); ++i) {
      x.push_back(inputs[i].to(inputs[i].is_floating_point() ? type : inputs[i].scalar_type()).clone());
      if (std::find(fitted.begin(), fitted.end(), i) != fitted.end()) leaves.push_back(x.back().requires_grad_());
    }
    const auto y = f(x);
    std::vector<Tensor> out{y};
    if (leaves.empty()) return out;
    const auto upstream = at::linspace(0.5, 1.5, y.numel(), y.options()).view(y.sizes());
    for (const auto& g : torch::autograd::grad({y}, leaves, {upstream}, true)) out.push_back(g);
    if (!twice) return out;
    const auto first = torch::autograd::grad({y}, leaves, {upstream}, true, true);
    Tensor sum = at::zeros({}, y.options());
    for (const auto& g : first) sum = sum + g.square().sum();
    if (sum.requires_grad())  // a function that is linear in pieces has no second derivative
      for (const auto& g : torch::autograd::grad({sum}, leaves, {}, false, false, true))
        out.push_back(g.defined() ? g : at::zeros({}, y.options()));
    return out;
  };
  const auto got = run(node, at::kFloat), wanted = run(plain, at::kDouble);
  REQUIRE(got.size() == wanted.size());
  for (std::size_t i = 0; i < got.size(); ++i) {
    CAPTURE(i, got[i].sizes(), wanted[i].sizes());
    REQUIRE(got[i].sizes() == wanted[i].sizes());
    const double scale = number(wanted[i].abs().max());
    CHECK(number((got[i].to(at::kDouble) - wanted[i]).abs().max()) <= 2e-5 * scale + 1e-6);
  }
}

// Calls f(B, N) for batches and ensembles of many shapes.
void shapes(const std::function<void(std::int64_t, std::int64_t)>& f) {
  for (std::int64_t batch : {1, 7, 256, 257})
    for (std::int64_t members : {1, 2, 10}) {
      CAPTURE(batch, members);
      f(batch, members);
    }
}
}  // namespace

TEST_CASE("losses as one node are their plain forms", "[nn]") {
  shapes([](auto b, auto n) {
    agree([](const auto& x) { return math::squared_td(x[0], x[1]); },
          [](const auto& x) { return math::plain::squared_td(x[0], x[1]); }, {normal({n, b}), normal({b})}, {0});
    agree([](const auto& x) { return math::squared_td(x[0], x[1]); },
          [](const auto& x) { return math::plain::squared_td(x[0], x[1]); }, {normal({n, b}), normal({b})}, {0, 1});
    agree([](const auto& x) { return math::min(x[0]); }, [](const auto& x) { return math::plain::min(x[0]); },
          {normal({n, b})}, {0});
    agree([](const auto& x) { return math::min(x[0]); }, [](const auto& x) { return math::plain::min(x[0]); },
          {normal({n, b, 3})}, {0});
    for (double temperature : {1.0, 0.3})
      agree([=](const auto& x) { return math::log_sum_exp_gap(x[0], x[1], temperature); },
            [=](const auto& x) { return math::plain::log_sum_exp_gap(x[0], x[1], temperature); },
            {3 * normal({n, b, 5}), normal({n, b})}, {0, 1});
  });
  shapes([](auto b, auto) {
    for (double tau : {0.3, 0.5, 0.9}) {
      agree([=](const auto& x) { return math::expectile_loss(x[0], x[1], tau); },
            [=](const auto& x) { return math::plain::expectile_loss(x[0], x[1], tau); }, {normal({b}), normal({b})},
            {1});
      agree([=](const auto& x) { return math::quantile_loss(x[0], x[1], tau); },
            [=](const auto& x) { return math::plain::quantile_loss(x[0], x[1], tau); }, {normal({b}), normal({b})},
            {1});
    }
    agree([](const auto& x) { return math::expectile_loss(x[0], x[1], 0.7); },
          [](const auto& x) { return math::plain::expectile_loss(x[0], x[1], 0.7); }, {normal({b}), normal({b})},
          {0, 1});
    agree([](const auto& x) { return math::gumbel_loss(x[0], x[1], 0.7); },
          [](const auto& x) { return math::plain::gumbel_loss(x[0], x[1], 0.7, 5.0); }, {3 * normal({b}), normal({b})},
          {1});
    agree([](const auto& x) { return math::weighted_nll(x[0], x[1]); },
          [](const auto& x) { return math::plain::weighted_nll(x[0], x[1]); }, {normal({b}).exp(), normal({b})}, {1});
    agree([](const auto& x) { return math::weighted_nll_sum(x[0], x[1]); },
          [](const auto& x) { return math::plain::weighted_nll_sum(x[0], x[1]); }, {normal({b}).exp(), normal({b})},
          {1});
    agree([](const auto& x) { return math::td_target(x[0], 0.9, x[1], x[2]); },
          [](const auto& x) { return math::plain::td_target(x[0], 0.9, x[1], x[2]); },
          {normal({b}), normal({b}), normal({b})}, {});
    agree([](const auto& x) { return math::exp_weight(x[0], 3, 10); },
          [](const auto& x) { return math::plain::exp_weight(x[0], 3, 10); }, {normal({b})}, {});
  });
}

TEST_CASE("densities and samples as one node are their plain forms", "[nn]") {
  for (std::int64_t b : {1, 7, 256, 257})
    for (std::int64_t d : {1, 6, 17}) {
      CAPTURE(b, d);
      for (bool shared : {true, false}) {
        const auto log_std = shared ? 0.5 * normal({d}) : 0.5 * normal({b, d});
        for (const auto& fitted : std::vector<std::vector<std::size_t>>{{1, 2}, {0, 1, 2}, {2}, {0}}) {
          agree([](const auto& x) { return math::normal_log_prob(x[0], x[1], x[2]); },
                [](const auto& x) { return math::plain::normal_log_prob(x[0], x[1], x[2]); },
                {normal({b, d}), normal({b, d}), log_std}, fitted);
          agree([](const auto& x) { return math::tanh_mean_normal_log_prob(x[0], x[1], x[2], -0.3, 0.4); },
                [](const auto& x) { return math::plain::tanh_mean_normal_log_prob(x[0], x[1], x[2], -0.3, 0.4); },
                {normal({b, d}), normal({b, d}), log_std}, fitted);
        }
      }
      const auto both = [](const drawn<Tensor>& s) { return at::cat({s.action, s.log_prob.unsqueeze(1)}, 1); };
      agree([&](const auto& x) { return both(math::tanh_normal_sample(x[0], x[1], -5, 0.5)); },
            [&](const auto& x) { return both(math::plain::tanh_normal_sample(x[0], x[1], -5, 0.5)); },
            {normal({b, 2 * d}), normal({b, d})}, {0});
      // Either half alone.
      agree([](const auto& x) { return math::tanh_normal_sample(x[0], x[1], -5, 0.5).action; },
            [](const auto& x) { return math::plain::tanh_normal_sample(x[0], x[1], -5, 0.5).action; },
            {normal({b, 2 * d}), normal({b, d})}, {0});
      agree([](const auto& x) { return math::tanh_normal_sample(x[0], x[1], -5, 0.5).log_prob; },
            [](const auto& x) { return math::plain::tanh_normal_sample(x[0], x[1], -5, 0.5).log_prob; },
            {normal({b, 2 * d}), normal({b, d})}, {0});
    }
}

TEST_CASE("the likelihood of bounded normals as one node is its plain form", "[nn]") {
  const auto node = [](const auto& x) { return math::bounded_normal_nll(x[0], x[1], x[2], x[3]); };
  const auto plain = [](const auto& x) { return math::plain::bounded_normal_nll(x[0], x[1], x[2], x[3], 0); };
  for (const double beta : {0.5, 1.0})
    agree([=](const auto& x) { return math::bounded_normal_nll(x[0], x[1], x[2], x[3], beta); },
          [=](const auto& x) { return math::plain::bounded_normal_nll(x[0], x[1], x[2], x[3], beta); },
          {normal({3, 7, 12}), normal({6}) - 2, normal({6}), normal({3, 7, 6})}, {0, 1, 2});
  // With weights, of which some are 0; the same for all members too, and ones are none.
  const auto weighted = [](const auto& x) { return math::bounded_normal_nll(x[0], x[1], x[2], x[3], x[4], 0.5); };
  const auto plainly = [](const auto& x) { return math::plain::bounded_normal_nll(x[0], x[1], x[2], x[3], x[4], 0.5); };
  for (std::int64_t d : {1, 6, 700}) {
    const auto w = normal({3, 7, d}).clamp_min(0), of_row = normal({7, 1}).clamp_min(0).expand({3, 7, d});
    for (const auto& x : {w, of_row})
      agree(weighted, plainly, {normal({3, 7, 2 * d}), normal({d}) - 2, normal({d}), normal({3, 7, d}), x}, {0, 1, 2});
  }
  {
    const auto out = normal({2, 9, 8}), low = normal({4}) - 2, high = normal({4}), y = normal({2, 9, 4});
    const auto of = [&](auto loss) {
      const auto x = leaf(out);
      const auto value = loss(x);
      value.backward();
      return std::array{value.detach(), x.grad()};
    };
    const auto one = of([&](const auto& x) { return math::bounded_normal_nll(x, low, high, y, 0.5); });
    const auto ones =
        of([&](const auto& x) { return math::bounded_normal_nll(x, low, high, y, at::ones_like(y), 0.5); });
    CHECK((at::equal(one[0], ones[0]) && at::equal(one[1], ones[1])));
  }
  shapes([&](auto b, auto n) {
    for (std::int64_t d : {1, 6, 18}) {
      const auto y = normal({n, b, d}), low = -2 + normal({d}), high = low + 0.5 + normal({d}).abs();
      for (const auto& fitted : std::vector<std::vector<std::size_t>>{{0, 1, 2}, {0}, {1, 2}, {2}, {}, {0, 1, 2, 3}})
        agree(node, plain, {normal({n, b, 2 * d}), low, high, y}, fitted);
      // Far beyond the bounds, on either side; bounds far apart, and the wrong way round.
      const auto far = at::cat({normal({n, b, d}), 40 * normal({n, b, d})}, 2);
      agree(node, plain, {far, low, high, y}, {0, 1, 2});
      agree(node, plain, {far, at::full({d}, -10.0f), at::full({d}, 0.5f), 0.01 * y}, {0, 1, 2}, false);
      agree(node, plain, {far, high, low, y}, {0, 1, 2});
    }
  });
  // Rows longer than what the kernel takes at once; one member's batch over several tasks, and several members' in one.
  agree(node, plain, {normal({2, 3, 1400}), normal({700}) - 2, normal({700}), normal({2, 3, 700})}, {0, 1, 2});
  const int before = nn::pool().threads();
  for (int threads : {1, 2, 3, 7}) {
    CAPTURE(threads);
    nn::set_threads(threads);
    for (std::int64_t members : {1, 3, 7})
      agree(node, plain, {normal({members, 500, 36}), normal({18}) - 2, normal({18}), normal({members, 500, 18})},
            {0, 1, 2});
  }
  nn::set_threads(before);

  const auto none = normal({2, 0, 3});
  CHECK(std::isnan(
      number(math::bounded_normal_nll(normal({2, 0, 6}), normal({3}), normal({3}), none))));  // a mean of nothing
}

TEST_CASE("a node takes inputs whose rows lie apart", "[nn]") {
  const auto rows = normal({9, 11});
  agree(
      [](const auto& x) {
        return math::normal_log_prob(x[0].narrow(1, 2, 3), x[1].narrow(1, 0, 3), x[1].narrow(1, 3, 3));
      },
      [](const auto& x) {
        return math::plain::normal_log_prob(x[0].narrow(1, 2, 3), x[1].narrow(1, 0, 3), x[1].narrow(1, 3, 3));
      },
      {rows, 0.5 * normal({9, 6})}, {1});
  // An output with other columns next to it, bounds that are pieces of one leaf, and what all members are to fit.
  const auto pieces = [](const auto& x, const Tensor& out) {
    return std::array{out, x[1].narrow(0, 4, 3), x[1].narrow(0, 0, 3), x[2].narrow(1, 1, 3).expand({2, 4, 3})};
  };
  const auto nll = [](const auto& a) { return math::bounded_normal_nll(a[0], a[1], a[2], a[3]); };
  const auto plain_nll = [](const auto& a) { return math::plain::bounded_normal_nll(a[0], a[1], a[2], a[3], 0); };
  agree([=](const auto& x) { return nll(pieces(x, x[0].narrow(2, 2, 6))); },
        [=](const auto& x) { return plain_nll(pieces(x, x[0].narrow(2, 2, 6))); },
        {normal({2, 4, 9}), normal({7}), normal({4, 5})}, {0, 1});
  agree(
      [=](const auto& x) {
        return nll(pieces(x, x[0].permute({1, 2, 0})));
      },
      [=](const auto& x) {
        return plain_nll(pieces(x, x[0].permute({1, 2, 0})));
      },
      {normal({6, 2, 4}), normal({7}), normal({4, 5})}, {0, 1});
  agree([](const auto& x) { return math::td_target(x[0].select(1, 4), 0.9, x[0].select(1, 5), x[0].select(1, 6)); },
        [](const auto& x) {
          return math::plain::td_target(x[0].select(1, 4), 0.9, x[0].select(1, 5), x[0].select(1, 6));
        },
        {rows}, {});
}

TEST_CASE("members that share the least share its gradient", "[nn]") {
  const auto q = leaf(matrix(2, 3, {1, 2, 5, 1, 3, 4}).to(at::kFloat));
  math::min(q).backward(row({1, 1, 1}).to(at::kFloat));
  CHECK(close(q.grad(), matrix(2, 3, {0.5, 1, 0, 0.5, 0, 1})));
}

TEST_CASE("numbers that are not finite are not hidden", "[nn]") {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  const auto q = row({1, nan}).to(at::kFloat), zero = row({0, 0}).to(at::kFloat);
  CHECK(std::isnan(number(math::squared_td(q.unsqueeze(0), zero))));
  CHECK(std::isnan(number(math::expectile_loss(q, zero, 0.7))));
  CHECK(std::isnan(number(math::min(at::stack({zero, q}))[1])));
  CHECK(std::isnan(number(math::min(at::stack({q, zero}))[1])));
  CHECK(std::isnan(number(math::weighted_nll(zero, q))));
  CHECK(std::isnan(number(math::td_target(zero, 0.9, zero, q)[1])));
  const auto out = at::zeros({1, 2, 2});
  for (int column : {0, 1}) {
    const auto spoilt = out.clone();
    spoilt[0][1][column] = nan;
    CHECK(std::isnan(
        number(math::bounded_normal_nll(spoilt, at::full({1}, -1.0f), at::ones({1}), at::zeros({1, 2, 1})))));
  }
}

TEST_CASE("elementary functions of the kernels", "[nn]") {
  for (double x = -80; x < 80; x += 0.37) {
    CAPTURE(x);
    CHECK(double(nn::kernels::exp(float(x))) == Approx(std::exp(double(float(x)))).epsilon(5e-7));
    CHECK(double(nn::kernels::softplus(float(x))) ==
          Approx(std::log1p(std::exp(double(float(x))))).epsilon(1e-6).margin(1e-7));
    const auto soft = nn::kernels::soften(float(x));
    CHECK(double(soft.slope) == Approx(1 / (1 + std::exp(-double(float(x))))).epsilon(1e-6));
    CHECK(double(soft.rest) == Approx(1 / (1 + std::exp(double(float(x))))).epsilon(1e-6));
    CHECK(double(nn::kernels::tanh(float(x / 10))) == Approx(std::tanh(double(float(x / 10)))).epsilon(5e-7));
  }
  for (double x = 1e-30; x < 1e30; x *= 1.7) {
    CAPTURE(x);
    CHECK(double(nn::kernels::log(float(x))) == Approx(std::log(double(float(x)))).epsilon(5e-7).margin(2e-7));
    CHECK(double(nn::kernels::sqrt(float(x))) == Approx(std::sqrt(double(float(x)))).epsilon(3e-7));
  }
  CHECK(nn::kernels::sqrt(0.0f) == 0.0f);
  CHECK(std::isnan(nn::kernels::softplus(std::numeric_limits<float>::quiet_NaN())));
  for (std::uint32_t payload : {0x7fc00000u, 0xffc00000u, 0x7fc000ffu, 0xffffffffu})
    CHECK(std::isnan(nn::kernels::exp(nn::kernels::of_bits(std::int32_t(payload)))));
}
