#include <tessera/nn/mlp_kernels.hpp>
//
#include <catch2/catch.hpp>
#include <cmath>
#include <numbers>
#include <numeric>
#include <tuple>

#include <tessera/nn/kernels.hpp>
#include <tessera/nn/mlp_kernel_node.hpp>
#include <tessera/nn/pool.hpp>
#include <tessera/nn/random.hpp>

using namespace tessera;
using namespace tessera::nn;

namespace {
// The largest difference, relative to the reference's largest value.
double apart(const at::Tensor& got, const at::Tensor& wanted) {
  return (got - wanted).abs().max().item<double>() / std::max(wanted.abs().max().item<double>(), 1e-12);
}

/// Where LayerNorm stands in a hidden layer: nowhere, before the activation, after it.
enum class Norm { none, first, last };
MlpOptions options(const std::vector<std::int64_t>& hidden, activation f, Norm norm) {
  MlpOptions h{.hidden = hidden, .activation = f, .layer_norm = norm != Norm::none, .norm_last = norm == Norm::last};
  if (h.norm_last) h.norm_epsilon = 1e-2;  // another than the default, and large enough to be seen
  return h;
}
struct Shape {
  std::int64_t batch, members, inputs, outputs;
  std::vector<std::int64_t> hidden;
};
struct ManyShape {
  std::int64_t batch, members, repeat, state, action, outputs;
  std::vector<std::int64_t> hidden;
};

// Values and gradients of the kernels against the plain operations' in double precision.
void compare(const Shape& shape, activation f, Norm norm) {
  const Mlp mlp(options(shape.hidden, f, norm), shape.inputs, shape.members, {shape.outputs});
  auto g = generator(at::kCPU, 1, 2, 3);
  auto w = at::empty({shape.members, mlp.row()}, at::kFloat);
  mlp.initialize(w, g);
  w.add_(at::empty_like(w).normal_(0, 0.05, g));  // biases, gains and shifts too
  mlp.look(w).layers.back().bias.add_(1);         // and no lone output that cancels to nothing
  const auto x =
      at::empty({shape.batch, shape.inputs + 3}, at::kFloat).normal_(0, 1, g).narrow(1, 2, shape.inputs);  // rows apart
  const auto weight = at::empty({shape.members, shape.batch, shape.outputs}, at::kFloat).normal_(0, 1, g);

  const auto reference_w = w.to(at::kDouble).requires_grad_(), reference_x = x.to(at::kDouble).requires_grad_();
  const auto reference = mlp.forward(mlp.look(reference_w), reference_x);
  (reference * weight).sum().backward();

  INFO("batch " << shape.batch << " members " << shape.members << " outputs " << shape.outputs << " activation "
                << int(f) << " norm " << int(norm));
  const auto anchor = at::zeros({0}).requires_grad_();
  const auto w_leaf = w.detach().requires_grad_();
  const auto pass = [&](at::Tensor gradient, at::Tensor state, at::Tensor action, bool graph, std::int64_t members) {
    const auto out = at::empty({members, shape.batch, shape.outputs}, at::kFloat);
    MlpKernelNode::forward(
        {&mlp, members, w, gradient, w_leaf, state, action, graph ? std::make_shared<MlpTrace>() : nullptr}, anchor,
        out);
    return out;
  };
  const auto constant = pass({}, x, {}, false, shape.members);
  CHECK(apart(constant, reference) < 1e-5);

  // The input in one piece; in two that lie side by side; in two that lie apart.
  for (std::int64_t cut : {std::int64_t(0), shape.inputs / 2})
    for (bool side_by_side : {true, false}) {
      auto gradient = at::zeros({MlpKernels::gradient_parts(shape.members), shape.members, mlp.row()}, at::kFloat);
      const auto leaf = x.detach().requires_grad_();
      const auto state = cut > 0 ? leaf.narrow(1, 0, cut) : leaf;
      auto action = cut > 0 ? leaf.narrow(1, cut, shape.inputs - cut) : at::Tensor();
      if (cut > 0 && !side_by_side) action = action.clone();
      const auto out = pass(gradient, state, action, true, shape.members);
      CHECK(apart(out, constant) < 1e-6);
      (out * weight).sum().backward();
      CHECK(apart(gradient.sum(0), reference_w.grad()) < 1e-5);
      CHECK(apart(leaf.grad(), reference_x.grad()) < 1e-5);
    }

  // The first member alone, its parameters constants; the action's gradient alone.
  const std::int64_t cut = shape.inputs / 2;
  const auto action = x.narrow(1, cut, shape.inputs - cut).clone().requires_grad_();
  const auto first = pass({}, x.narrow(1, 0, cut), action, true, 1);
  CHECK(apart(first, reference.narrow(0, 0, 1)) < 1e-5);
  const auto slope = torch::autograd::grad({(first * weight.narrow(0, 0, 1)).sum()}, {action}, {}, true, true)[0];
  const auto double_action = action.detach().to(at::kDouble).requires_grad_();
  const auto plain =
      mlp.forward(mlp.look(reference_w), at::cat({x.narrow(1, 0, cut).to(at::kDouble), double_action}, 1))
          .narrow(0, 0, 1);
  const auto plain_slope =
      torch::autograd::grad({(plain * weight.narrow(0, 0, 1)).sum()}, {double_action}, {}, true, true)[0];
  CHECK(apart(slope, plain_slope) < 1e-5);
  // And that gradient's own gradient, in the parameters: what a penalty on it differentiates.
  if (!shape.hidden.empty()) {
    const auto curvature = torch::autograd::grad({slope.square().sum()}, {w_leaf}, {}, false, false, true)[0];
    const auto plain_curvature =
        torch::autograd::grad({plain_slope.square().sum()}, {reference_w}, {}, false, false, true)[0];
    CHECK(apart(curvature, plain_curvature) < 1e-4);
  }

  // Two batches in one pass: the first with gradient, the second without.
  auto gradient = at::zeros({MlpKernels::gradient_parts(shape.members), shape.members, mlp.row()}, at::kFloat);
  const auto other = at::empty_like(x).normal_(0, 1, g);
  const auto out = at::empty_like(constant), other_out = at::empty_like(constant);
  MlpKernelNode::forward({&mlp, shape.members, w, gradient, w_leaf, x, {}, std::make_shared<MlpTrace>()}, anchor, out,
                         other, other_out);
  CHECK(apart(out, reference) < 1e-5);
  CHECK(apart(other_out, mlp.forward(mlp.look(w.to(at::kDouble)), other.to(at::kDouble))) < 1e-5);
  CHECK_FALSE(other_out.requires_grad());
  (out * weight).sum().backward();
  CHECK(apart(gradient.sum(0), reference_w.grad()) < 1e-5);
}

// Several actions a state: the same against plain operations on repeated states.
void compare_many(const ManyShape& shape, activation f, Norm norm) {
  const auto [batch, members, repeat, n, d, outputs, hidden] = shape;
  const Mlp mlp(options(hidden, f, norm), n + d, members, {outputs});
  auto g = generator(at::kCPU, 1, 2, 3);
  const auto normal = [&](at::IntArrayRef sizes) { return at::empty(sizes, at::kFloat).normal_(0, 1, g); };
  auto w = at::empty({members, mlp.row()}, at::kFloat);
  mlp.initialize(w, g);
  w.add_(normal(w.sizes()), 0.05);
  const auto state = normal({batch, n + 2}).narrow(1, 1, n), action = normal({batch, repeat, d}),
             weight = normal({members, batch, repeat, outputs});

  const auto in_double = [](const at::Tensor& t) { return t.to(at::kDouble).clone().requires_grad_(); };
  const auto reference_w = in_double(w), reference_state = in_double(state), reference_action = in_double(action);
  const auto rows = at::cat({reference_state.repeat_interleave(repeat, 0), reference_action.reshape({-1, d})}, 1);
  const auto reference = mlp.forward(mlp.look(reference_w), rows).view(weight.sizes());
  (reference * weight).sum().backward();

  INFO("batch " << batch << " members " << members << " actions " << repeat << " of " << d << " outputs " << outputs
                << " activation " << int(f) << " norm " << int(norm) << " threads " << pool().threads());
  const auto anchor = at::zeros({0}).requires_grad_(), w_leaf = w.detach().requires_grad_();
  const auto trace = std::make_shared<MlpTrace>();
  const auto pass = [&](at::Tensor gradient, at::Tensor s, at::Tensor a, bool graph, std::int64_t count) {
    const auto out = at::full({count, batch, repeat, outputs}, std::nanf(""));
    MlpKernelNode::forward({&mlp, count, w, gradient, w_leaf, s, a, graph ? trace : nullptr}, anchor, out);
    return out;
  };
  const auto parts = MlpKernels::gradient_parts(members);
  const auto constant = pass({}, state, action, false, members);
  CHECK(apart(constant, reference) < 1e-5);

  // Data; then inputs that require gradient, of which the actions lie apart: in rows, and in states.
  auto gradient = at::zeros({parts, members, mlp.row()}, at::kFloat);
  (pass(gradient, state, action, true, members) * weight).sum().backward();
  CHECK(apart(gradient.sum(0), reference_w.grad()) < 1e-5);
  for (bool states : {false, true}) {
    gradient.zero_();
    const auto state_leaf = state.detach().requires_grad_(), action_leaf = action.detach().requires_grad_();
    const auto spread = states ? at::cat({action_leaf, action_leaf}, 1).narrow(1, 0, repeat)
                               : at::cat({action_leaf, action_leaf}, 2).narrow(2, 0, d);
    const auto out = pass(gradient, state_leaf, spread, true, members);
    CHECK(apart(out, constant) < 1e-6);
    (out * weight).sum().backward();
    CHECK(apart(gradient.sum(0), reference_w.grad()) < 1e-5);
    CHECK(apart(state_leaf.grad(), reference_state.grad()) < 1e-5);
    CHECK(apart(action_leaf.grad(), reference_action.grad()) < 1e-5);
  }

  // The first member alone, its parameters constants; the actions' gradient alone, and its own gradient.
  const auto action_leaf = action.detach().requires_grad_();
  const auto first = pass({}, state, action_leaf, true, 1);
  CHECK(apart(first, reference.narrow(0, 0, 1)) < 1e-5);
  const auto slope = torch::autograd::grad({(first * weight.narrow(0, 0, 1)).sum()}, {action_leaf}, {}, true)[0];
  const auto plain = mlp.forward(mlp.look(reference_w), nn::joined(reference_state, reference_action))
                         .narrow(0, 0, 1)
                         .view(first.sizes());
  const auto plain_slope =
      torch::autograd::grad({(plain * weight.narrow(0, 0, 1)).sum()}, {reference_action}, {}, true, true)[0];
  CHECK(apart(slope, plain_slope) < 1e-5);
  if (!hidden.empty()) {
    const auto again =
        torch::autograd::grad({(first * weight.narrow(0, 0, 1)).sum()}, {action_leaf}, {}, true, true)[0];
    const auto curvature = torch::autograd::grad({again.square().sum()}, {w_leaf}, {}, false, false, true)[0];
    const auto plain_curvature =
        torch::autograd::grad({plain_slope.square().sum()}, {reference_w}, {}, false, false, true)[0];
    CHECK(apart(curvature, plain_curvature) < 1e-4);
  }

  // One trace serves passes of other shapes, and this one again.
  gradient.zero_();
  const auto single = at::empty({members, batch, outputs}, at::kFloat);
  MlpKernelNode::forward({&mlp, members, w, gradient, w_leaf, state, action.select(1, 0), trace}, anchor, single);
  CHECK(apart(single, reference.select(2, 0)) < 1e-5);
  single.sum().backward();
  gradient.zero_();
  (pass(gradient, state, action, true, members) * weight).sum().backward();
  CHECK(apart(gradient.sum(0), reference_w.grad()) < 1e-5);
}

// Each member with states of its own: the same against plain operations.
void compare_apart(const Shape& shape, activation f, Norm norm) {
  const auto [batch, members, inputs, outputs, hidden] = shape;
  const Mlp mlp(options(hidden, f, norm), inputs, members, {outputs});
  auto g = generator(at::kCPU, 1, 2, 3);
  const auto normal = [&](at::IntArrayRef sizes) { return at::empty(sizes, at::kFloat).normal_(0, 1, g); };
  auto w = at::empty({members, mlp.row()}, at::kFloat);
  mlp.initialize(w, g);
  w.add_(normal(w.sizes()), 0.05);
  const auto weight = normal({members, batch, outputs}), x = normal({members, batch, inputs});
  INFO("batch " << batch << " members " << members << " outputs " << outputs << " activation " << int(f) << " norm "
                << int(norm) << " threads " << pool().threads());
  const auto reference_w = w.to(at::kDouble).requires_grad_(), reference_x = x.to(at::kDouble).requires_grad_();
  const auto reference = mlp.forward_apart(mlp.look(reference_w), reference_x);
  (reference * weight).sum().backward();

  const auto anchor = at::zeros({0}).requires_grad_(), w_leaf = w.detach().requires_grad_();
  const auto trace = std::make_shared<MlpTrace>();
  const auto pass = [&](at::Tensor gradient, at::Tensor state, bool graph) {
    const auto out = at::full({state.size(0), batch, outputs}, std::nanf(""));
    MlpKernelNode::forward({&mlp, state.size(0), w, gradient, w_leaf, state, {}, graph ? trace : nullptr}, anchor, out);
    return out;
  };
  // Members one after another; rows with other columns next to them; members' rows interleaved.
  const auto wide = normal({members, batch, inputs + 3});
  wide.narrow(2, 1, inputs).copy_(x);
  for (const auto& state : {x, wide.narrow(2, 1, inputs), x.transpose(0, 1).contiguous().transpose(0, 1),
                            x.transpose(1, 2).contiguous().transpose(1, 2)}) {
    CHECK(apart(pass({}, state, false), reference) < 1e-5);
    for (bool of_input : {false, true}) {
      auto gradient = at::zeros({MlpKernels::gradient_parts(members), members, mlp.row()}, at::kFloat);
      const auto leaf = state.detach().requires_grad_(of_input);
      const auto out = pass(gradient, leaf, true);
      CHECK(apart(out, reference) < 1e-5);
      (out * weight).sum().backward();
      CHECK(apart(gradient.sum(0), reference_w.grad()) < 1e-5);
      if (of_input) CHECK(apart(leaf.grad(), reference_x.grad()) < 1e-5);
    }
  }

  // Some members at their own states, their parameters constants; and the slope's own gradient.
  for (std::int64_t count : {std::int64_t(1), (members + 1) / 2}) {
    CHECK(apart(pass({}, x.narrow(0, 0, count), false), reference.narrow(0, 0, count)) < 1e-5);
    const auto leaf = x.narrow(0, 0, count).detach().requires_grad_(),
               double_leaf = leaf.detach().to(at::kDouble).requires_grad_();
    const auto slope =
        torch::autograd::grad({(pass({}, leaf, true) * weight.narrow(0, 0, count)).sum()}, {leaf}, {}, true, true)[0];
    const auto plain = mlp.forward_apart(mlp.look(reference_w).first(count), double_leaf);
    const auto plain_slope =
        torch::autograd::grad({(plain * weight.narrow(0, 0, count)).sum()}, {double_leaf}, {}, true, true)[0];
    CHECK(apart(slope, plain_slope) < 1e-5);
    CHECK(apart(slope, reference_x.grad().narrow(0, 0, count)) < 1e-5);
    const auto curvature = torch::autograd::grad({slope.square().sum()}, {w_leaf}, {}, false, false, true)[0];
    const auto plain_curvature =
        torch::autograd::grad({plain_slope.square().sum()}, {reference_w}, {}, false, false, true)[0];
    CHECK(apart(curvature, plain_curvature) < 1e-4);
  }

  // One state for all members.
  const auto same = x.narrow(0, 0, 1).expand({members, -1, -1}), leaf = same.detach().requires_grad_();
  auto gradient = at::zeros({MlpKernels::gradient_parts(members), members, mlp.row()}, at::kFloat);
  pass(gradient, leaf, true).sum().backward();
  const auto shared = mlp.forward(mlp.look(reference_w), x[0].to(at::kDouble));
  reference_w.mutable_grad().zero_();
  shared.sum().backward();
  CHECK(leaf.grad().sizes() == same.sizes());
  CHECK(apart(gradient.sum(0), reference_w.grad()) < 1e-5);
}
}  // namespace

TEST_CASE("the kernels agree with plain operations in every shape") {
  set_threads(GENERATE(1, 2, 3));
  const auto f = GENERATE(activation::relu, activation::gelu, activation::tanh, activation::silu);
  const auto norm = GENERATE(Norm::none, Norm::first, Norm::last);
  for (const Shape& shape : {Shape{1, 1, 3, 1, {16}},
                             {7, 2, 5, 2, {16, 16}},
                             {256, 1, 17, 12, {256, 256}},
                             {257, 10, 4, 1, {16}},
                             {256, 2, 23, 1, {256, 256}},
                             {64, 2, 6, 40, {32, 48, 16}}})
    compare(shape, f, norm);
  set_threads(int(std::max(1u, std::thread::hardware_concurrency())));
}

TEST_CASE("several actions a state agree with plain operations on repeated states") {
  set_threads(GENERATE(1, 2, 3));
  const auto f = GENERATE(activation::relu, activation::gelu, activation::tanh, activation::silu);
  const auto norm = GENERATE(Norm::none, Norm::first, Norm::last);
  for (const ManyShape& shape : {ManyShape{1, 1, 30, 17, 6, 1, {32}},
                                 {5, 2, 7, 3, 1, 2, {16, 40}},
                                 {64, 2, 30, 17, 6, 1, {256, 256}},
                                 {33, 10, 3, 4, 2, 1, {48}},
                                 {7, 3, 1, 4, 2, 1, {16, 16}},
                                 {9, 1, 5, 20, 23, 20, {35, 16, 64}},
                                 {6, 2, 9, 2, 3, 1, {1}}})
    compare_many(shape, f, norm);
  set_threads(int(std::max(1u, std::thread::hardware_concurrency())));
}

TEST_CASE("members with states of their own agree with plain operations") {
  set_threads(GENERATE(1, 2, 3));
  const auto f = GENERATE(activation::relu, activation::gelu, activation::tanh, activation::silu);
  const auto norm = GENERATE(Norm::none, Norm::first, Norm::last);
  for (std::int64_t members : {1, 2, 7})
    for (std::int64_t batch : {1, 7, 256}) compare_apart({batch, members, 5, members == 2 ? 17 : 4, {35, 16}}, f, norm);
  compare_apart({256, 7, 23, 36, {200, 200}}, f, norm);
  compare_apart({9, 3, 20, 1, {16}}, f, norm);
  set_threads(int(std::max(1u, std::thread::hardware_concurrency())));
}

TEST_CASE("a state whose rows are one row's memory") {
  const Mlp mlp({.hidden = {16}}, 5, 2, {3});
  auto w = at::empty({2, mlp.row()}, at::kFloat);
  mlp.initialize(w, generator(at::kCPU, 1, 2, 3));
  const auto row = at::randn({1, 5}), anchor = at::zeros({0}).requires_grad_();
  for (const auto& x : {row.expand({40, 5}), row.expand({2, 40, 5}), row.as_strided({1, 5}, {0, 1})}) {
    const auto out = at::full({2, x.size(-2), 3}, std::nanf(""));
    MlpKernelNode::forward({&mlp, 2, w, {}, {}, x, {}, nullptr}, anchor, out);
    CHECK(apart(out, mlp.forward(mlp.look(w), row).expand(out.sizes())) < 1e-5);
  }
}

TEST_CASE("the tasks of a pass are all of it, and leave no thread idle for long") {
  for (int threads : {1, 2, 3, 4, 8, 16}) {
    set_threads(threads);
    for (std::int64_t units : {1, 2, 3, 5, 7, 10, 14})
      for (std::int64_t rows : {1, 31, 64, 256, 2000}) {
        CAPTURE(threads, units, rows);
        for (const auto& tasks : {MlpKernels::shares(units, rows), MlpKernels::backward_shares(units, rows)}) {
          std::vector<double> covered(std::size_t(units), 0.0);
          double longest = 0;
          for (std::int64_t t = 0; t < tasks.count(); ++t) {
            const auto [unit, slice, slices] = tasks[t];
            REQUIRE((slice < slices && slices == (unit < tasks.whole ? 1 : tasks.slices)));
            covered[std::size_t(unit)] += 1.0 / double(slices);
          }
          for (double x : covered) CHECK(x == Approx(1));
          CHECK((tasks.slices == 1 || rows / tasks.slices >= 32));
          CHECK(tasks.whole % threads == 0);
          CHECK(tasks.slices <= threads);
          // Rounds of whole units, and then of slices.
          longest = double(tasks.whole / threads) +
                    std::ceil(double((units - tasks.whole) * tasks.slices) / threads) / double(tasks.slices);
          if (rows >= 256 && threads <= 4) CHECK(longest <= double(units) / threads + 0.26);
        }
        CHECK(MlpKernels::backward_shares(units, rows).slices <= MlpKernels::gradient_parts(units));
      }
  }
  set_threads(2);
  CHECK(MlpKernels::gradient_parts(7) == 2);  // three rounds of whole members, and one of halves
  CHECK(MlpKernels::gradient_parts(10) == 1);
  CHECK(MlpKernels::gradient_parts(1) == 2);
  set_threads(int(std::max(1u, std::thread::hardware_concurrency())));
}

TEST_CASE("threads may grow and shrink under a network") {
  const Mlp mlp({.hidden = {64, 64}}, 5, 1, {3});
  auto w = at::empty({1, mlp.row()}, at::kFloat);
  mlp.initialize(w, generator(at::kCPU, 1, 2, 3));
  const auto x = at::ones({256, 5}), anchor = at::zeros({0}).requires_grad_();
  at::Tensor first;
  for (int threads : {1, 4, 2}) {
    set_threads(threads);
    auto gradient = at::zeros({2, 1, mlp.row()}, at::kFloat);  // of a network that was made with two
    const auto out = at::empty({1, 256, 3}, at::kFloat);
    MlpKernelNode::forward({&mlp, 1, w, gradient, {}, x, {}, std::make_shared<MlpTrace>()}, anchor, out);
    out.sum().backward();
    if (!first.defined()) first = gradient.sum(0);
    CHECK(apart(gradient.sum(0), first) < 1e-5);
  }
  set_threads(int(std::max(1u, std::thread::hardware_concurrency())));
}

TEST_CASE("layers of one unit, and none at all") {
  compare({7, 2, 3, 2, {1}}, activation::tanh, Norm::none);
  compare({7, 1, 3, 2, {}}, activation::relu, Norm::none);
  compare({5, 3, 20, 1, {}}, activation::relu, Norm::none);
  compare_many({7, 2, 5, 3, 2, 2, {}}, activation::relu, Norm::none);
  compare_many({7, 1, 5, 17, 6, 1, {}}, activation::relu, Norm::none);
  compare_many({4, 2, 40, 20, 40, 33, {}}, activation::relu, Norm::none);
}

TEST_CASE("the activations' kernels follow the standard library") {
  // Rows whose length is no multiple of a vector's, with a bias and without.
  constexpr std::int64_t rows = 57, n = 71;
  const auto input = [](std::size_t i) { return float(i) * 0.01f - 20.0f; };
  for (const bool biased : {false, true}) {
    CAPTURE(biased);
    std::vector<float> bias(n), x(rows * n), a(x.size()), slope(x.size());
    for (std::size_t j = 0; j < bias.size(); ++j) bias[j] = biased ? 0.125f * float(j % 7) : 0.0f;
    const float* const row = biased ? bias.data() : nullptr;
    const auto reset = [&] {
      for (std::size_t i = 0; i < a.size(); ++i) a[i] = input(i), x[i] = a[i] + bias[i % n];
    };
    const auto values = [&](auto f) {
      for (std::size_t i = 0; i < a.size(); ++i) REQUIRE(a[i] == Approx(f(double(x[i]))).epsilon(1e-5).margin(1e-7));
    };
    const auto slopes = [&](auto f) {
      for (std::size_t i = 0; i < a.size(); ++i)
        REQUIRE(slope[i] == Approx(f(double(x[i]))).epsilon(1e-5).margin(1e-6));
    };
    reset();
    kernels::relu(a.data(), row, rows, n);
    values([](double u) { return std::max(u, 0.0); });
    reset();
    kernels::tanh(a.data(), row, rows, n);
    for (std::size_t i = 0; i < a.size(); ++i)
      REQUIRE(a[i] == Approx(std::tanh(double(x[i]))).epsilon(1e-6).margin(1e-9));

    const auto sigmoid = [](double u) { return 1 / (1 + std::exp(-u)); };
    const auto silu = [=](double u) { return u * sigmoid(u); };
    reset();
    kernels::silu(a.data(), nullptr, row, rows, n);
    values(silu);
    reset();
    kernels::silu(a.data(), slope.data(), row, rows, n);
    values(silu);
    slopes([=](double u) { return sigmoid(u) * (1 + u * (1 - sigmoid(u))); });

    const auto inner = [](double u) { return std::tanh(std::sqrt(2 / std::numbers::pi) * (u + 0.044715 * u * u * u)); };
    for (float* to : {static_cast<float*>(nullptr), slope.data()}) {
      reset();
      kernels::gelu(a.data(), to, row, rows, n);
      for (std::size_t i = 0; i < a.size(); ++i)
        REQUIRE(a[i] == Approx(0.5 * x[i] * (1 + inner(x[i]))).epsilon(1e-5).margin(1e-6));
    }
    slopes([=](double u) {
      const double t = inner(u), speed = std::sqrt(2 / std::numbers::pi) * (1 + 3 * 0.044715 * u * u);
      return 0.5 * (1 + t) + 0.5 * u * (1 - t * t) * speed;
    });
  }
}

TEST_CASE("the pool runs every task once, also from within a task") {
  for (int threads : {1, 2, 5}) {
    Pool p(threads);
    CHECK(p.threads() == threads);
    for (int round = 0; round < 200; ++round) {
      std::vector<std::atomic<int>> count(37);
      auto inner = [&](std::int64_t i) { ++count[std::size_t(i)]; };
      auto task = [&](std::int64_t i) {
        if (i == 3) {
          auto one = [&](std::int64_t) { inner(3); };
          p.run(1, one);
        } else {
          inner(i);
        }
      };
      p.run(37, task);
      for (const auto& c : count) REQUIRE(c == 1);
    }
  }
}
