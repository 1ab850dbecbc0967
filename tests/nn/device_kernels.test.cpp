#include <tessera/nn/device_kernels.hpp>
//
#include <algorithm>
#include <array>
#include <cmath>
#include <functional>
#include <tuple>
#include <vector>

#include <tessera/math/bounded_normal.hpp>
#include <tessera/math/ensemble.hpp>
#include <tessera/math/expectile.hpp>
#include <tessera/math/normal.hpp>
#include <tessera/math/target.hpp>
#include <tessera/nn/adam.hpp>
#include <tessera/nn/torch.hpp>

#include "helpers/device.hpp"
#include "helpers/emulated_cuda.hpp"
#include "helpers/tensors.hpp"

using namespace support;
using namespace tessera;
using at::Tensor;
using nn::DeviceKernels;

namespace {
// Those of the device in TESSERA_TEST_DEVICE, if it has kernels; else CUDA's, emulated, on the CPU's numbers.
const DeviceKernels& kernels() {
  const auto* const real = nn::device_kernels(other_device().type());
  return real ? *real : emulated::kernels();
}
at::TensorOptions numbers(at::ScalarType type = at::kFloat) {
  return at::TensorOptions(type).device(&kernels() == &emulated::kernels() ? at::Device(at::kCPU) : other_device());
}
Tensor normal(at::IntArrayRef sizes) {
  static auto g = at::detail::createCPUGenerator(7);
  return at::empty(sizes, at::kFloat).normal_(0, 1, g).to(numbers());
}
void check_near(const Tensor& got, const Tensor& wanted, double tolerance = 1e-5) {
  REQUIRE(got.sizes() == wanted.sizes());
  if (wanted.numel() == 0) return;
  const auto w = wanted.to(at::kDouble);
  CHECK(number((got.to(at::kDouble) - w).abs().max()) <= tolerance * (number(w.abs().max()) + 0.1));
}
// What f returns, whatever the order of a block's threads.
std::vector<Tensor> in_any_order(const std::function<std::vector<Tensor>()>& f) {
  std::vector<Tensor> first;
  emulated::in_each_order([&] {
    const auto out = f();
    if (first.empty()) first = out;
    REQUIRE(out.size() == first.size());
    for (std::size_t i = 0; i < out.size(); ++i)
      if (out[i].defined()) CHECK(out[i].equal(first[i]));
  });
  return first;
}

Tensor activate(const Tensor& x, activation f) {
  return f == activation::relu   ? at::relu(x)
         : f == activation::gelu ? at::gelu(x, "tanh")
         : f == activation::tanh ? at::tanh(x)
                                 : at::silu(x);
}
constexpr auto activations = {activation::relu, activation::gelu, activation::tanh, activation::silu};

// Parameters of a layer as a network has them: views of a buffer with a row for each member.
struct Layer {
  Tensor buffer;
  std::int64_t width;
  Layer(std::int64_t members, std::int64_t width_) : buffer(normal({members, 3 * width_ + 21})), width(width_) {}
  Tensor part(const Tensor& of, int i) const { return of.narrow(1, 5 + i * (width + 3), width).unsqueeze(1); }
  DeviceKernels::Norm norm(const Tensor& of, activation f, bool last) const {
    return {part(of, 0), part(of, 1), part(of, 2), f, last, 1e-5};
  }
};
// Rows of a network (no members) or of an ensemble.
struct Shape {
  std::int64_t members, rows, width;
  Tensor random() const { return members == 0 ? normal({rows, width}) : normal({members, rows, width}); }
  Layer layer() const { return {std::max<std::int64_t>(members, 1), width}; }
};
const std::vector<Shape> shapes = {{0, 1, 1},   {0, 17, 33}, {1, 33, 17},  {2, 1, 256},
                                   {2, 256, 1}, {10, 7, 31}, {3, 130, 65}, {0, 256, 256}};
}  // namespace

TEST_CASE("a layer's bias and activation are libtorch's, and so are their gradients", "[nn][cuda]") {
  for (const auto& s : shapes)
    for (const auto f : activations) {
      CAPTURE(s.members, s.rows, s.width, int(f));
      const auto layer = s.layer();
      const auto z = s.random(), g = s.random(), before = normal(layer.buffer.sizes());
      const bool by_output = f == activation::relu || f == activation::tanh;
      const auto got = in_any_order([&] {
        const auto x = z.clone(), a = by_output ? x : at::empty_like(x);
        kernels().bias_activation(x, a, layer.part(layer.buffer, 0), f);
        const auto gradient = before.clone();
        const auto kept = x;
        const auto dx = kernels().activation_backward(g, kept, f, layer.part(gradient, 0));
        const auto alone = kernels().activation_backward(g, kept, f, {});
        kernels().add_row_sums(layer.part(gradient, 1), g);
        return std::vector<Tensor>{a, x, dx, alone, gradient};
      });
      const auto x = leaf(z.to(at::kDouble)), parameters = leaf(layer.buffer.to(at::kDouble));
      auto bias = layer.part(parameters, 0);
      if (s.members == 0) bias = bias.squeeze(0);
      const auto sum = x + bias, a = activate(sum, f);
      a.backward(g.to(at::kDouble));
      check_near(got[0], a);
      if (!by_output) check_near(got[1], sum);
      check_near(got[2], x.grad());
      CHECK(got[3].equal(got[2]));
      const auto wanted = before.to(at::kDouble) + parameters.grad();
      layer.part(wanted, 1).add_(g.to(at::kDouble).view({-1, s.rows, s.width}).sum(1, true));
      check_near(got[4], wanted);
    }
}

TEST_CASE("a layer with LayerNorm is libtorch's, and so are its gradients", "[nn][cuda]") {
  for (const auto& s : shapes)
    for (const auto f : activations)
      for (const bool last : {false, true}) {
        CAPTURE(s.members, s.rows, s.width, int(f), last);
        const auto layer = s.layer();
        const auto z = s.random(), g = s.random(), before = normal(layer.buffer.sizes());
        const auto norm = layer.norm(layer.buffer, f, last);
        const auto rows = z.numel() / s.width;
        const auto got = in_any_order([&] {
          const auto x = z.clone(), a = at::empty_like(x), over = z.clone(), mean = at::empty({rows}, numbers()),
                     inverse = at::empty_like(mean);
          kernels().norm(x, a, mean, inverse, norm);
          kernels().norm(over, over, {}, {}, norm);
          CHECK(over.equal(a));
          const auto gradient = before.clone();
          const auto into = layer.norm(gradient, f, last);
          const auto dx = kernels().norm_backward(g, x, mean, inverse, norm, &into);
          CHECK(kernels().norm_backward(g, x, mean, inverse, norm, nullptr).equal(dx));
          return std::vector<Tensor>{a, dx, gradient, x};
        });
        const auto x = leaf(z.to(at::kDouble)), parameters = leaf(layer.buffer.to(at::kDouble));
        const auto part = [&](int i) {
          return s.members == 0 ? layer.part(parameters, i).squeeze(0) : layer.part(parameters, i);
        };
        auto a = x + part(0);
        check_near(got[3], a);
        if (last) a = activate(a, f);
        a = at::layer_norm(a, {s.width}, {}, {}, 1e-5) * part(1) + part(2);
        if (!last) a = activate(a, f);
        a.backward(g.to(at::kDouble));
        check_near(got[0], a);
        check_near(got[1], x.grad(), 1e-4);  // rows without a spread are divided by the root of epsilon
        check_near(got[2], before.to(at::kDouble) + parameters.grad(), 1e-4);
      }
}

TEST_CASE("relu and its slope treat zeros and NaN as libtorch's do", "[nn][cuda]") {
  const auto z = row({-1, 0, 2, NAN}).to(numbers()).view({1, 4}), a = z.clone();
  kernels().bias_activation(a, a, at::zeros({1, 1, 4}, numbers()), activation::relu);
  CHECK(a.narrow(1, 0, 3).equal(row({0, 0, 2}).to(numbers()).view({1, 3})));
  CHECK(std::isnan(a[0][3].item<float>()));
  const auto d = kernels().activation_backward(at::full({1, 4}, 3.0f, numbers()), a, activation::relu, {});
  CHECK(d.equal(row({0, 0, 3, 3}).to(numbers()).view({1, 4})));
}

namespace {
// A function's value and gradients in the inputs of `fitted`, times 0.7: by kernels, and plain, in double precision.
using Node = std::function<std::vector<Tensor>(const std::vector<Tensor>&, const Tensor&)>;
using Plain = std::function<Tensor(const std::vector<Tensor>&)>;
void same(const Node& node, const Plain& plain, const std::vector<Tensor>& in, const std::vector<std::size_t>& fitted,
          double tolerance = 1e-5) {
  std::vector<Tensor> x, leaves;
  for (std::size_t i = 0; i < in.size(); ++i) {
    x.push_back(in[i].to(at::kDouble));
    if (std::find(fitted.begin(), fitted.end(), i) != fitted.end()) leaves.push_back(x.back().requires_grad_());
  }
  const auto y = plain(x);
  const auto top = y.dim() == 0 ? at::full({}, 0.7f, numbers()) : normal(y.sizes());
  const auto got = in_any_order([&] { return node(in, top); });
  check_near(got[0], y, tolerance);
  if (fitted.empty()) return;
  const auto wanted = torch::autograd::grad({y}, leaves, {top.to(at::kDouble)});
  for (std::size_t i = 0; i < fitted.size(); ++i) check_near(got[1 + i], wanted[i], tolerance);
}
}  // namespace

TEST_CASE("losses and densities by kernels are their plain forms", "[nn][cuda]") {
  const auto& k = kernels();
  for (const std::int64_t b : {1, 7, 257, 1500}) {
    for (const std::int64_t n : {1, 2, 10}) {
      if (b == 1500 && n != 2) continue;  // enough that a block's threads have several numbers
      CAPTURE(b, n);
      same(
          [&](auto& x, auto& top) {
            return std::vector{k.squared_td(x[0], x[1]), k.squared_td_backward(top, x[0], x[1])};
          },
          [](auto& x) { return math::plain::squared_td(x[0], x[1]); }, {normal({n, b}), normal({b})}, {0});
      same(
          [&](auto& x, auto& top) {
            const auto y = k.min(x[0]);
            return std::vector{y, k.min_backward(top, x[0], y)};
          },
          [](auto& x) { return math::plain::min(x[0]); }, {normal({n, b})}, {0});
      for (const double temperature : {1.0, 0.3})
        same(
            [&](auto& x, auto& top) {
              const auto d = k.log_sum_exp_gap_backward(top, x[0], temperature);
              return std::vector{k.log_sum_exp_gap(x[0], x[1], temperature), d[0], d[1]};
            },
            [&](auto& x) { return math::plain::log_sum_exp_gap(x[0], x[1], temperature); },
            {3 * normal({n, b, b > 300 ? 2 : 33}), normal({n, b})}, {0, 1});
    }
    using loss = DeviceKernels::loss;
    const auto of_difference = [&](loss what, double first, double second, const Plain& plain, double scale) {
      same(
          [&](auto& x, auto& top) {
            return std::vector{k.of_difference(what, x[0], x[1], first, second),
                               k.of_difference_backward(top, what, x[0], x[1], first, second)};
          },
          plain, {scale * normal({b}), normal({b})}, {1});
    };
    for (const double tau : {0.3, 0.9}) {
      of_difference(
          loss::expectile, tau, 0, [&](auto& x) { return math::plain::expectile_loss(x[0], x[1], tau); }, 1);
      of_difference(
          loss::quantile, tau, 0, [&](auto& x) { return math::plain::quantile_loss(x[0], x[1], tau); }, 1);
    }
    of_difference(
        loss::gumbel, 0.7, 2, [](auto& x) { return math::plain::gumbel_loss(x[0], x[1], 0.7, 2.0); }, 3);
    same(
        [&](auto& x, auto& top) {
          return std::vector{k.weighted_sum(x[0], x[1], -0.25), k.weighted_sum_backward(top, x[0], -0.25)};
        },
        [](auto& x) { return -0.25 * (x[0] * x[1]).sum(); }, {normal({b}), normal({b})}, {1});
    const auto wide = normal({b, 3});
    same([&](auto& x, auto&) { return std::vector{k.td_target(x[0], 0.9, x[1], x[2])}; },
         [](auto& x) { return math::plain::td_target(x[0], 0.9, x[1], x[2]); },
         {wide.select(1, 1), wide.select(1, 2), normal({b})}, {});
    same([&](auto& x, auto&) { return std::vector{k.exp_weight(x[0], 3, 10)}; },
         [](auto& x) { return math::plain::exp_weight(x[0], 3, 10); }, {normal({b})}, {});
  }
  // At an even spread, members share the gradient; of NaN nothing is the minimum.
  const auto q = row({1, 2, 1, NAN}).to(numbers()).view({2, 2}), y = k.min(q);
  CHECK(k.min_backward(at::ones({2}, numbers()), q, y).select(1, 0).equal(row({0.5, 0.5}).to(numbers())));
  CHECK(std::isnan(y[1].item<float>()));
}

TEST_CASE("normal densities and squashed samples by kernels are their plain forms", "[nn][cuda]") {
  const auto& k = kernels();
  for (const std::int64_t b : {1, 7, 257})
    for (const std::int64_t d : {1, 6, 17}) {
      CAPTURE(b, d);
      const auto a = normal({b, d + 2}).narrow(1, 1, d);  // rows apart
      for (const bool shared : {true, false})
        for (const bool squash : {true, false}) {
          const auto log_std = shared ? 0.5 * normal({d}) : 0.5 * normal({b, d});
          const DeviceKernels::Bounds bounds{squash, squash ? -0.3 : -INFINITY, squash ? 0.4 : INFINITY};
          const auto wanted = [&](auto& x) {
            return squash ? math::plain::tanh_mean_normal_log_prob(x[0], x[1], x[2], -0.3, 0.4)
                          : math::plain::normal_log_prob(x[0], x[1], x[2]);
          };
          for (const auto& fitted : std::vector<std::vector<std::size_t>>{{0, 1, 2}, {1}, {2}})
            same(
                [&](auto& x, auto& top) {
                  std::array<bool, 3> wants{};
                  for (const auto i : fitted) wants[i] = true;
                  const auto g = k.normal_log_prob_backward(top, x[0], x[1], x[2], bounds, wants);
                  std::vector out{k.normal_log_prob(x[0], x[1], x[2], bounds)};
                  for (const auto i : fitted) out.push_back(g[i]);
                  for (std::size_t i = 0; i < 3; ++i) CHECK(g[i].defined() == wants[i]);
                  return out;
                },
                wanted, {a, normal({b, d}), log_std}, fitted);
        }
      const auto both = [](const Tensor& action, const Tensor& density) {
        return at::cat({action, density.unsqueeze(1)}, 1);
      };
      same(
          [&](auto& x, auto& top) {
            const auto [action, density] = k.tanh_normal_sample(x[0], x[1], -5, 0.5);
            const auto ga = top.narrow(1, 0, d).contiguous(), gl = top.select(1, d).contiguous();
            const auto all = k.tanh_normal_sample_backward(ga, gl, x[0], x[1], action, -5, 0.5);
            const auto halves = k.tanh_normal_sample_backward(ga, {}, x[0], x[1], action, -5, 0.5) +
                                k.tanh_normal_sample_backward({}, gl, x[0], x[1], action, -5, 0.5);
            check_near(all, halves);
            return std::vector{both(action, density), all};
          },
          [&](auto& x) {
            const auto s = math::plain::tanh_normal_sample(x[0], x[1], -5, 0.5);
            return both(s.action, s.log_prob);
          },
          {normal({b, 2 * d}), normal({b, d})}, {0}, 2e-5);
    }
}

TEST_CASE("the likelihood of bounded normals by kernels is its plain form", "[nn][cuda]") {
  const auto& k = kernels();
  for (const std::int64_t b : {1, 33, 300})
    for (const std::int64_t n : {1, 3})
      for (const double beta : {0.0, 0.5})
        for (const bool weighted : {false, true}) {
          CAPTURE(b, n, beta, weighted);
          const std::int64_t d = b == 33 ? 1 : 5;
          const auto weight = weighted ? normal({n, b, d}).abs() : Tensor();
          const auto out = normal({n, b + 1, 2 * d}).narrow(1, 1, b), y = normal({b, n, d}).transpose(0, 1);
          same(
              [&](auto& x, auto& top) {
                const auto g = k.bounded_normal_nll_backward(top, x[0], x[1], x[2], x[3], weight, beta);
                return std::vector{k.bounded_normal_nll(x[0], x[1], x[2], x[3], weight, beta), g[0], g[1], g[2]};
              },
              [&](auto& x) {
                return weighted ? math::plain::bounded_normal_nll(x[0], x[1], x[2], x[3], weight.to(at::kDouble), beta)
                                : math::plain::bounded_normal_nll(x[0], x[1], x[2], x[3], beta);
              },
              {out, normal({d}) - 2, normal({d}), y}, {0, 1, 2}, 2e-5);
        }
}

TEST_CASE("Adam's kernels make the CPU's steps", "[nn][cuda][adam]") {
  const auto& k = kernels();
  for (const std::int64_t n : {1, 300, 20000})
    for (const auto& [decay, decoupled, norm, cosine, rate] :
         std::vector<std::tuple<double, bool, double, std::int64_t, double>>{
             {0, true, 0, 0, 0.2}, {0.1, true, 0, 3, 0}, {0.1, false, 0.5 * std::sqrt(double(n)), 0, 0.1}}) {
      CAPTURE(n, decay, norm);
      const AdamOptions h{.learning_rate = 3e-3,
                          .beta1 = 0.8,
                          .beta2 = 0.99,
                          .epsilon = 1e-6,
                          .cosine_steps = cosine,
                          .weight_decay = decay,
                          .decoupled = decoupled,
                          .max_gradient_norm = norm};
      const auto start = normal({n}), aim = normal({n}), noise = normal({5, n});
      const auto got =
          in_any_order([&, decay = decay, decoupled = decoupled, norm = norm, cosine = cosine, rate = rate] {
            const auto x = start.clone(), target = aim.clone(), g = at::zeros_like(x), m = at::zeros_like(x),
                       v = at::zeros_like(x), steps = at::zeros({k.adam_counters(n)}, numbers(at::kDouble));
            for (int t = 0; t < 5; ++t) {
              g.copy_(noise[t] * (t % 2 == 0 ? 1.0 : 0.1));  // some longer than the bound, some not
              k.adam(x, g, m, v, rate > 0 ? target : Tensor(), steps,
                     {h.beta1, h.beta2, h.learning_rate, h.epsilon, decoupled ? 0 : decay, decoupled ? decay : 0,
                      cosine, rate, norm});
              CHECK(number(g.abs().max()) == 0);
              CHECK((steps == t + 1).all().item<bool>());
            }
            return std::vector{x, target};
          });
      auto x = start.to(at::kDouble), target = aim.to(at::kDouble), g = at::zeros_like(x);
      nn::Adam adam(h, x);
      for (int t = 0; t < 5; ++t) {
        g.copy_(noise[t] * (t % 2 == 0 ? 1.0 : 0.1));
        adam.step(x, g, rate > 0 ? &target : nullptr, rate);
      }
      check_near(got[0], x);
      check_near(got[1], target);
    }
  // A gradient that is not a number spoils all parameters, as it does in libtorch.
  const auto x = at::ones({300}, numbers()), g = x.clone(), m = at::zeros_like(x), v = at::zeros_like(x);
  g[7] = NAN;
  k.adam(x, g, m, v, {}, at::zeros({k.adam_counters(300)}, numbers(at::kDouble)),
         {0.9, 0.99, 0.1, 1e-8, 0, 0, 0, 0, 1});
  CHECK(x.isnan().all().item<bool>());
}

TEST_CASE("a block whose threads do not all come to a barrier is an error of the emulation", "[nn][cuda]") {
  const auto half = [] {
    if (nn::cuda::threadIdx.x < 16) nn::cuda::__syncthreads();
  };
  const auto be = [](unsigned x, unsigned, unsigned) { nn::cuda::threadIdx = {x, 0, 0}; };
  CHECK_THROWS_WITH(emulated::Block::here().run(half, {32, 1, 1}, be), Catch::Contains("in vain"));
  // What hangs on the order of threads is seen in another order.
  std::vector<int> last;
  emulated::in_each_order([&] {
    int written = -1;
    emulated::Block::here().run([&] { written = int(nn::cuda::threadIdx.x); }, {32, 1, 1}, be);
    last.push_back(written);
  });
  CHECK(last[0] != last[1]);
}
