// Numbers that are not finite go through every fused kernel as through its plain twin: a NaN that a kernel hides trains
// on for hundreds of updates with losses that look well.
#include <tessera/nn/adam.hpp>
#include <tessera/nn/loss_kernels.hpp>
#include <tessera/nn/loss_nodes.hpp>
#include <tessera/nn/mlp_kernel_node.hpp>
#include <tessera/nn/polyak.hpp>

#include <cmath>
#include <limits>
#include <map>

#include "helpers/tensors.hpp"

using namespace support;
using namespace tessera;
using at::Tensor;

namespace {
constexpr float no_number = std::numeric_limits<float>::quiet_NaN(), inf = std::numeric_limits<float>::infinity();
using Function = std::function<Tensor(const std::vector<Tensor>&)>;

Tensor normal(at::IntArrayRef sizes) {
  static auto g = at::detail::createCPUGenerator(11);
  return at::empty(sizes, at::kFloat).normal_(0, 1, g);
}

// The tensor with one number replaced, of those at the first, the middle and the last place; f is called with each.
void spoilt(const Tensor& x, const std::function<void(const Tensor&)>& f) {
  const auto n = x.numel();
  for (float bad : {no_number, inf, -inf})
    for (std::int64_t at : {std::int64_t(0), n / 2, n - 1}) {
      const auto y = x.clone(at::MemoryFormat::Contiguous);
      y.view(-1)[at] = bad;
      CAPTURE(bad, at, n);
      f(y);
    }
}

bool same_kind(double a, double b) { return std::isnan(a) ? std::isnan(b) : std::isinf(a) ? a == b : std::isfinite(b); }
// Every value: NaN for NaN, infinity for the same infinity, a number for a number.
void same_values(const Tensor& got, const Tensor& wanted) {
  REQUIRE(got.sizes() == wanted.sizes());
  const auto a = got.detach().to(at::kDouble).contiguous().view(-1),
             b = wanted.detach().to(at::kDouble).contiguous().view(-1);
  for (std::int64_t i = 0; i < a.numel(); ++i)
    if (!same_kind(a[i].item<double>(), b[i].item<double>())) {
      CAPTURE(i, a[i].item<double>(), b[i].item<double>());
      FAIL_CHECK("another kind of number");
      return;
    }
}
// Every gradient: not finite where the twin's is not.  Where the twin's is finite though its value is not (libtorch's
// clamp lets no gradient of NaN through), it may be either.
void no_gradient_hidden(const Tensor& got, const Tensor& wanted, bool value_is_finite) {
  REQUIRE(got.sizes() == wanted.sizes());
  const auto hidden = at::logical_and(at::isfinite(got), at::logical_not(at::isfinite(wanted)));
  CHECK(hidden.sum().item<std::int64_t>() == 0);
  if (value_is_finite) CHECK(at::isfinite(got).equal(at::isfinite(wanted)));
}

// A function and its twin at inputs of which one has one number that is not finite.  `exact`: infinity stays infinity
// in the value; else it may be NaN too, where the twin's formula is another.
void passes_on(const Function& node, const Function& plain, const std::vector<Tensor>& inputs,
               const std::vector<std::size_t>& fitted, bool exact = true) {
  for (std::size_t k = 0; k < inputs.size(); ++k)
    spoilt(inputs[k], [&](const Tensor& bad) {
      CAPTURE(k);
      const auto run = [&](const Function& f) {
        std::vector<Tensor> x, leaves;
        for (std::size_t i = 0; i < inputs.size(); ++i) {
          x.push_back((i == k ? bad : inputs[i]).clone());
          if (std::find(fitted.begin(), fitted.end(), i) != fitted.end()) leaves.push_back(x.back().requires_grad_());
        }
        std::vector<Tensor> out{f(x)};
        if (!leaves.empty())
          for (const auto& g : torch::autograd::grad({out[0].sum()}, leaves, {}, true)) out.push_back(g);
        return out;
      };
      const auto got = run(node), wanted = run(plain);
      if (exact) same_values(got[0], wanted[0]);
      else CHECK(at::isfinite(got[0]).equal(at::isfinite(wanted[0])));
      const bool finite = at::isfinite(wanted[0]).all().item<bool>();
      for (std::size_t i = 1; i < got.size(); ++i) {
        CAPTURE(fitted[i - 1]);
        no_gradient_hidden(got[i], wanted[i], finite);
      }
    });
}
}  // namespace

TEST_CASE("what is not finite goes through losses as through their plain forms", "[nn][not-finite]") {
  constexpr std::int64_t b = 67;  // longer than any vector, and no multiple of one
  for (std::int64_t n : {1, 2, 5}) {
    CAPTURE(n);
    passes_on([](const auto& x) { return math::squared_td(x[0], x[1]); },
              [](const auto& x) { return math::plain::squared_td(x[0], x[1]); }, {normal({n, b}), normal({b})}, {0});
    passes_on([](const auto& x) { return math::min(x[0]); }, [](const auto& x) { return math::plain::min(x[0]); },
              {normal({n, b})}, {0});
    for (std::int64_t k : {1, 3, 37})
      passes_on([](const auto& x) { return math::log_sum_exp_gap(x[0], x[1], 0.7); },
                [](const auto& x) { return math::plain::log_sum_exp_gap(x[0], x[1], 0.7); },
                {normal({n, b, k}), normal({n, b})}, {0, 1});
  }
  for (double tau : {0.3, 0.5, 0.9}) {
    passes_on([=](const auto& x) { return math::expectile_loss(x[0], x[1], tau); },
              [=](const auto& x) { return math::plain::expectile_loss(x[0], x[1], tau); }, {normal({b}), normal({b})},
              {1});
    passes_on([=](const auto& x) { return math::quantile_loss(x[0], x[1], tau); },
              [=](const auto& x) { return math::plain::quantile_loss(x[0], x[1], tau); }, {normal({b}), normal({b})},
              {1});
  }
  passes_on([](const auto& x) { return math::gumbel_loss(x[0], x[1], 0.7); },
            [](const auto& x) { return math::plain::gumbel_loss(x[0], x[1], 0.7, 5.0); }, {normal({b}), normal({b})},
            {1});
  passes_on([](const auto& x) { return math::weighted_nll(x[0], x[1]); },
            [](const auto& x) { return math::plain::weighted_nll(x[0], x[1]); }, {normal({b}).exp(), normal({b})}, {1});
  passes_on([](const auto& x) { return math::weighted_nll_sum(x[0], x[1]); },
            [](const auto& x) { return math::plain::weighted_nll_sum(x[0], x[1]); }, {normal({b}).exp(), normal({b})},
            {1});
  passes_on([](const auto& x) { return math::td_target(x[0], 0.9, x[1], x[2]); },
            [](const auto& x) { return math::plain::td_target(x[0], 0.9, x[1], x[2]); },
            {normal({b}), normal({b}).sign().clamp_min(0), normal({b})}, {});
  for (double max : {10.0, double(inf)})
    passes_on([=](const auto& x) { return math::exp_weight(x[0], 3, max); },
              [=](const auto& x) { return math::plain::exp_weight(x[0], 3, max); }, {normal({b})}, {});
}

TEST_CASE("what is not finite goes through densities as through their plain forms", "[nn][not-finite]") {
  for (std::int64_t d : {1, 17}) {
    const std::int64_t b = 67;
    CAPTURE(d);
    for (bool shared : {true, false}) {
      const auto log_std = shared ? 0.5 * normal({d}) : 0.5 * normal({b, d});
      passes_on([](const auto& x) { return math::normal_log_prob(x[0], x[1], x[2]); },
                [](const auto& x) { return math::plain::normal_log_prob(x[0], x[1], x[2]); },
                {normal({b, d}), normal({b, d}), log_std}, {0, 1, 2});
      passes_on([](const auto& x) { return math::tanh_mean_normal_log_prob(x[0], x[1], x[2], -5, 2); },
                [](const auto& x) { return math::plain::tanh_mean_normal_log_prob(x[0], x[1], x[2], -5, 2); },
                {normal({b, d}), normal({b, d}), log_std}, {0, 1, 2});
    }
    passes_on([](const auto& x) { return math::tanh_normal_sample(x[0], x[1], -5, 2).action; },
              [](const auto& x) { return math::plain::tanh_normal_sample(x[0], x[1], -5, 2).action; },
              {normal({b, 2 * d}), normal({b, d})}, {0});
    // The kernel has z = eps at once, where the twin divides what it has multiplied: of infinity that is NaN.
    passes_on([](const auto& x) { return math::tanh_normal_sample(x[0], x[1], -5, 2).log_prob; },
              [](const auto& x) { return math::plain::tanh_normal_sample(x[0], x[1], -5, 2).log_prob; },
              {normal({b, 2 * d}), normal({b, d})}, {0}, false);
    for (double beta : {0.0, 0.5})
      passes_on([=](const auto& x) { return math::bounded_normal_nll(x[0], x[1], x[2], x[3], beta); },
                [=](const auto& x) { return math::plain::bounded_normal_nll(x[0], x[1], x[2], x[3], beta); },
                {normal({2, 9, 2 * d}), at::full({d}, -5.0f), at::full({d}, 0.5f), normal({2, 9, d})}, {0, 1, 2},
                false);
  }
}

TEST_CASE("a number too large for e^x is infinite, and one far below zero is zero", "[nn][not-finite]") {
  CHECK(nn::kernels::exp(89.0f) == inf);
  CHECK(nn::kernels::exp(inf) == inf);
  CHECK(nn::kernels::exp(-inf) == 0);
  CHECK(nn::kernels::exp(-100.0f) == 0);
  CHECK(double(nn::kernels::exp(88.0f)) == Approx(std::exp(88.0)));
  CHECK(double(nn::kernels::exp(-87.0f)) == Approx(std::exp(-87.0)).epsilon(1e-5));
  CHECK(nn::kernels::any_log(inf) == inf);
  CHECK(nn::kernels::any_log(0) == -inf);
  CHECK(std::isnan(nn::kernels::any_log(no_number)));
  CHECK(std::isnan(nn::kernels::any_log(-1)));
  CHECK(nn::kernels::tanh(inf) == 1);
  CHECK(nn::kernels::tanh(-inf) == -1);
  CHECK(std::isnan(nn::kernels::tanh(no_number)));
}

namespace {
enum class Norm { none, first, last };
// Each of a network's numbers, and of its inputs, in turn: the kernels against the plain operations.
void network_passes_on(activation f, Norm norm, std::int64_t members, std::int64_t repeat,
                       std::vector<std::int64_t> hidden) {
  const std::int64_t batch = 21, n = 5, d = 3, outputs = 2;
  const MlpOptions h{
      .hidden = std::move(hidden), .activation = f, .layer_norm = norm != Norm::none, .norm_last = norm == Norm::last};
  const nn::Mlp mlp(h, n + d, members, {outputs});
  auto w = at::empty({members, mlp.row()}, at::kFloat);
  mlp.initialize(w, at::detail::createCPUGenerator(5));
  w.add_(normal(w.sizes()), 0.05);
  const auto state = normal({batch, n}), action = repeat > 1 ? normal({batch, repeat, d}) : normal({batch, d});
  CAPTURE(int(f), int(norm), members, repeat, h.hidden.size());
  const auto compare = [&](const Tensor& parameters, const Tensor& s, const Tensor& a) {
    const auto w_leaf = parameters.clone().requires_grad_(), s_leaf = s.clone().requires_grad_(),
               a_leaf = a.clone().requires_grad_();
    const auto wanted = mlp.forward(mlp.look(w_leaf), nn::joined(s_leaf, a_leaf));
    wanted.sum().backward();
    auto gradient = at::zeros({nn::MlpKernels::gradient_parts(members), members, mlp.row()}, at::kFloat);
    const auto leaf = parameters.detach().requires_grad_(), s_in = s.clone().requires_grad_(),
               a_in = a.clone().requires_grad_();
    const auto anchor = at::zeros({0}).requires_grad_();
    const auto out = at::empty({members, batch * repeat, outputs}, at::kFloat);
    nn::MlpKernelNode::forward(
        {&mlp, members, parameters, gradient, leaf, s_in, a_in, std::make_shared<nn::MlpTrace>()}, anchor, out);
    out.sum().backward();
    same_values(out, wanted);
    const bool finite = at::isfinite(wanted).all().item<bool>();
    no_gradient_hidden(gradient.sum(0), w_leaf.grad(), finite);
    no_gradient_hidden(s_in.grad(), s_leaf.grad(), finite);
    no_gradient_hidden(a_in.grad(), a_leaf.grad(), finite);
  };
  compare(w, state, action);
  spoilt(state, [&](const Tensor& bad) { compare(w, bad, action); });
  spoilt(action, [&](const Tensor& bad) { compare(w, state, bad); });
  const auto parts = mlp.look(w);
  for (std::size_t i = 0; i < parts.layers.size(); ++i) {
    CAPTURE(i);
    for (auto part : {&nn::Mlp::layer_view::weight, &nn::Mlp::layer_view::bias, &nn::Mlp::layer_view::gain,
                      &nn::Mlp::layer_view::shift}) {
      if (!(parts.layers[i].*part).defined()) continue;
      spoilt((parts.layers[i].*part).select(0, members - 1), [&](const Tensor& bad) {
        const auto with = w.clone();
        (mlp.look(with).layers[i].*part).select(0, members - 1).copy_(bad);
        compare(with, state, action);
      });
    }
  }
}
}  // namespace

TEST_CASE("what is not finite goes through networks as through plain operations", "[nn][not-finite]") {
  for (auto f : {activation::relu, activation::gelu, activation::tanh, activation::silu})
    for (auto norm : {Norm::none, Norm::first, Norm::last}) {
      network_passes_on(f, norm, 1, 1, {35, 37});
      network_passes_on(f, norm, 2, 1, {37});
      network_passes_on(f, norm, 2, 3, {37, 35});
    }
}

TEST_CASE("what is not finite goes through an optimizer's step and a target's as through plain operations",
          "[nn][not-finite]") {
  constexpr std::int64_t n = 67;
  for (double clip : {0.0, 0.5})
    for (double decay : {0.0, 0.01}) {
      const AdamOptions h{.weight_decay = decay, .decoupled = false, .max_gradient_norm = clip};
      const auto x0 = normal({n}), g0 = normal({n});
      const auto compare = [&](const Tensor& x_from, const Tensor& g_from) {
        auto x = x_from.clone(), g = g_from.clone(), y = x_from.to(at::kDouble), gd = g_from.to(at::kDouble);
        nn::Adam fused(h, x), plain(h, y);
        for (int step = 0; step < 2; ++step) {
          fused.step(x, g), plain.step(y, gd);
          g.copy_(g0), gd.copy_(g0);
          CAPTURE(step, clip, decay);
          CHECK(at::isfinite(x).equal(at::isfinite(y)));
        }
      };
      compare(x0, g0);
      spoilt(x0, [&](const Tensor& bad) { compare(bad, g0); });
      spoilt(g0, [&](const Tensor& bad) { compare(x0, bad); });
    }
  const auto target = normal({n}), source = normal({n});
  const auto follow = [&](const Tensor& t, const Tensor& s) {
    auto fused = t.clone(), plain = t.to(at::kDouble);
    nn::polyak(fused, s, 0.005);
    nn::polyak(plain, s.to(at::kDouble), 0.005);
    same_values(fused, plain);
  };
  spoilt(target, [&](const Tensor& bad) { follow(bad, source); });
  spoilt(source, [&](const Tensor& bad) { follow(target, bad); });
}
