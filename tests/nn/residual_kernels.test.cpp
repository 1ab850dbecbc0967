#include <tessera/nn/residual_kernels.hpp>
//
#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <thread>

#include <tessera/nn/kernels.hpp>
#include <tessera/nn/mlp_kernel_node.hpp>
#include <tessera/nn/network.hpp>
#include <tessera/nn/random.hpp>
#include <tessera/nn/threads.hpp>

using namespace tessera;
using namespace tessera::nn;

namespace {
// The largest difference, relative to the reference's largest value.
double apart(const at::Tensor& got, const at::Tensor& wanted) {
  return (got - wanted).abs().max().item<double>() / std::max(wanted.abs().max().item<double>(), 1e-12);
}
void restore_threads() { set_threads(int(std::max(1u, std::thread::hardware_concurrency()))); }

/// How the times of the rows are: one; five; so many that each row has its own.
enum class Times { one, few, many };
struct Shape {
  std::int64_t batch, members, state, action, outputs;
  ResidualMlpOptions net;
};
ResidualMlpOptions small(std::int64_t width, std::int64_t blocks, std::vector<std::int64_t> time_hidden) {
  ResidualMlpOptions h;
  h.width = width, h.blocks = blocks, h.expansion = 2, h.frequencies = 3, h.time_hidden = std::move(time_hidden);
  h.norm_epsilon = 1e-2;  // large enough to be seen
  return h;
}
ResidualMlpOptions wide() {  // a layer of several pieces
  auto h = small(256, 2, {24, 20});
  h.expansion = 4, h.norm_epsilon = 1e-6;
  return h;
}

struct Case {
  Mlp mlp;
  at::Generator g = generator(at::kCPU, 1, 2, 3);
  at::Tensor w, reference_w;
  explicit Case(const Shape& s) : mlp(s.net, s.state + s.action + 1, s.members, {s.outputs}) {
    w = at::empty({s.members, mlp.row()}, at::kFloat);
    mlp.initialize(w, g);
    w.add_(normal(w.sizes()), 0.05);  // biases, gains and shifts too
    reference_w = w.to(at::kDouble).requires_grad_();
  }
  at::Tensor normal(at::IntArrayRef sizes) { return at::empty(sizes, at::kFloat).normal_(0, 1, g); }
  at::Tensor times(at::IntArrayRef sizes, Times kind) {
    auto t = at::empty(sizes, at::kFloat).uniform_(0, 5, g);
    return kind == Times::one ? at::full(sizes, 3.0f) : kind == Times::few ? t.floor() : t;
  }
  at::Tensor gradient() const { return at::zeros({1, mlp.members(), mlp.row()}, at::kFloat); }
  at::Tensor pass(std::int64_t members, const at::Tensor& gradient, const at::Tensor& state, const at::Tensor& action,
                  at::IntArrayRef sizes, bool graph) {
    const auto out = at::full(sizes, std::nanf(""));
    MlpKernelNode::forward({&mlp, members, w, gradient, leaf, state, action, graph ? trace : nullptr}, anchor, out);
    return out;
  }
  std::shared_ptr<MlpTrace> trace = std::make_shared<MlpTrace>();
  at::Tensor anchor = at::zeros({0}).requires_grad_(), leaf;
};

// Values and gradients of the kernels against the plain operations' in double precision.
void compare(const Shape& shape, Times kind) {
  Case c(shape);
  INFO("batch " << shape.batch << " members " << shape.members << " blocks " << shape.net.blocks << " times "
                << int(kind) << " threads " << pool().threads());
  c.leaf = c.w.detach().requires_grad_();
  const auto [batch, members, n, d, outputs, net] = shape;
  const auto x = at::cat({c.normal({batch, n + d}), c.times({batch, 1}, kind)}, 1);
  const auto weight = c.normal({members, batch, outputs});
  const auto reference_x = x.to(at::kDouble).requires_grad_();
  const auto reference = c.mlp.forward(c.mlp.look(c.reference_w), reference_x);
  (reference * weight).sum().backward();
  const at::IntArrayRef sizes = weight.sizes();

  const auto constant = c.pass(members, {}, x, {}, sizes, false);
  CHECK(apart(constant, reference) < 1e-5);
  // The input in one piece, and in two; the gradient twice, of the graph that is kept.
  for (const bool two : {false, true}) {
    auto gradient = c.gradient();
    const auto leaf = x.detach().requires_grad_();
    const auto state = two ? leaf.narrow(1, 0, n) : leaf;
    const auto action = two ? leaf.narrow(1, n, d + 1).clone() : at::Tensor();
    const auto out = c.pass(members, gradient, state, action, sizes, true);
    CHECK(apart(out, constant) < 1e-6);
    (out * weight).sum().backward({}, true);
    CHECK(apart(gradient.sum(0), c.reference_w.grad()) < 1e-5);
    CHECK(apart(leaf.grad(), reference_x.grad()) < 1e-5);
    (out * weight).sum().backward();
    CHECK(apart(gradient.sum(0), 2 * c.reference_w.grad()) < 1e-5);
    // Of data: the parameters' gradient alone.
    gradient.zero_();
    (c.pass(members, gradient, x, {}, sizes, true) * weight).sum().backward();
    CHECK(apart(gradient.sum(0), c.reference_w.grad()) < 1e-5);
  }

  // The first member alone, its parameters constants: the action's gradient, and that one's own gradient.
  const auto action = x.narrow(1, n, d + 1).clone().requires_grad_();
  const auto first = c.pass(1, {}, x.narrow(1, 0, n), action, {1, batch, outputs}, true);
  const auto double_action = action.detach().to(at::kDouble).requires_grad_();
  const auto plain =
      c.mlp.forward(c.mlp.look(c.reference_w), at::cat({x.narrow(1, 0, n).to(at::kDouble), double_action}, 1))
          .narrow(0, 0, 1);
  const auto upstream = weight.narrow(0, 0, 1);
  const auto slope = torch::autograd::grad({(first * upstream).sum()}, {action}, {}, true)[0];
  const auto plain_slope = torch::autograd::grad({(plain * upstream).sum()}, {double_action}, {}, true, true)[0];
  CHECK(apart(slope, plain_slope) < 1e-5);
  const auto again = torch::autograd::grad({(first * upstream).sum()}, {action}, {}, true, true)[0];
  const auto curvature = torch::autograd::grad({again.square().sum()}, {c.leaf}, {}, false, false, true)[0];
  const auto plain_curvature =
      torch::autograd::grad({plain_slope.square().sum()}, {c.reference_w}, {}, false, false, true)[0];
  CHECK(apart(curvature, plain_curvature) < 1e-4);
}

// Several actions a state: the same against plain operations on repeated states.
void compare_many(const Shape& shape, std::int64_t repeat, Times kind) {
  Case c(shape);
  INFO("batch " << shape.batch << " members " << shape.members << " actions " << repeat << " times " << int(kind));
  const auto [batch, members, n, d, outputs, net] = shape;
  const auto state = c.normal({batch, n}).requires_grad_(),
             action = at::cat({c.normal({batch, repeat, d}), c.times({batch, repeat, 1}, kind)}, 2).requires_grad_();
  const auto weight = c.normal({members, batch, repeat, outputs});
  const auto double_state = state.detach().to(at::kDouble).requires_grad_(),
             double_action = action.detach().to(at::kDouble).requires_grad_();
  const auto reference =
      c.mlp.forward(c.mlp.look(c.reference_w), nn::joined(double_state, double_action)).view(weight.sizes());
  (reference * weight).sum().backward();
  CHECK(apart(c.pass(members, {}, state.detach(), action.detach(), weight.sizes(), false), reference) < 1e-5);
  auto gradient = c.gradient();
  const auto out = c.pass(members, gradient, state, action, weight.sizes(), true);
  CHECK(apart(out, reference) < 1e-5);
  (out * weight).sum().backward();
  CHECK(apart(gradient.sum(0), c.reference_w.grad()) < 1e-5);
  CHECK(apart(state.grad(), double_state.grad()) < 1e-5);
  CHECK(apart(action.grad(), double_action.grad()) < 1e-5);

  // The trace then serves a pass of another shape, and this one again.
  const auto rows = at::cat({state, action.select(1, 0)}, 1).detach();
  c.pass(members, c.gradient(), rows, {}, {members, batch, outputs}, true).sum().backward();
  gradient.zero_();
  (c.pass(members, gradient, state, action, weight.sizes(), true) * weight).sum().backward();
  CHECK(apart(gradient.sum(0), c.reference_w.grad()) < 1e-5);
}

// Each member with rows, and so with times, of its own.
void compare_apart(const Shape& shape, Times kind) {
  Case c(shape);
  INFO("batch " << shape.batch << " members " << shape.members << " times " << int(kind));
  const auto [batch, members, n, d, outputs, net] = shape;
  const auto x = at::cat({c.normal({members, batch, n + d}), c.times({members, batch, 1}, kind)}, 2).requires_grad_();
  const auto weight = c.normal({members, batch, outputs});
  const auto double_x = x.detach().to(at::kDouble).requires_grad_();
  const auto reference = c.mlp.forward_apart(c.mlp.look(c.reference_w), double_x);
  (reference * weight).sum().backward();
  CHECK(apart(c.pass(members, {}, x.detach(), {}, weight.sizes(), false), reference) < 1e-5);
  auto gradient = c.gradient();
  (c.pass(members, gradient, x, {}, weight.sizes(), true) * weight).sum().backward();
  CHECK(apart(gradient.sum(0), c.reference_w.grad()) < 1e-5);
  CHECK(apart(x.grad(), double_x.grad()) < 1e-5);
}
}  // namespace

TEST_CASE("a residual network's kernels agree with plain operations in every shape", "[nn]") {
  set_threads(GENERATE(1, 2, 3));
  const auto kind = GENERATE(Times::one, Times::few, Times::many);
  for (const Shape& shape : {Shape{1, 1, 3, 1, 1, small(6, 2, {5, 4})},
                             {7, 2, 4, 2, 2, small(6, 1, {5})},
                             {70, 3, 3, 2, 20, small(17, 3, {7, 5, 9})},
                             {257, 1, 3, 1, 1, small(16, 0, {4, 4})},
                             {130, 1, 17, 6, 6, wide()}})
    compare(shape, kind);
  restore_threads();
}

TEST_CASE("a residual network's kernels at several actions a state agree with plain operations", "[nn]") {
  set_threads(GENERATE(1, 2, 3));
  const auto kind = GENERATE(Times::one, Times::few, Times::many);
  compare_many({1, 1, 3, 2, 2, small(6, 2, {5, 4})}, 64, kind);
  compare_many({40, 2, 3, 1, 1, small(16, 2, {5, 4})}, 9, kind);
  restore_threads();
}

TEST_CASE("a residual network's kernels at members' own rows agree with plain operations", "[nn]") {
  set_threads(GENERATE(1, 2, 3));
  const auto kind = GENERATE(Times::one, Times::few, Times::many);
  compare_apart({5, 2, 3, 2, 2, small(6, 2, {5, 4})}, kind);
  compare_apart({64, 3, 3, 1, 1, small(16, 1, {5, 4})}, kind);
  restore_threads();
}

TEST_CASE("a residual network without features, and of no rows", "[nn]") {
  Case c({9, 1, 0, 0, 2, small(6, 2, {5, 4})});
  c.leaf = c.w.detach().requires_grad_();
  const auto t = c.times({9, 1}, Times::few).requires_grad_(), exact_t = t.detach().to(at::kDouble).requires_grad_();
  const auto reference = c.mlp.forward(c.mlp.look(c.reference_w), exact_t);
  reference.square().sum().backward();
  auto gradient = c.gradient();
  c.pass(1, gradient, t, {}, {1, 9, 2}, true).square().sum().backward();
  CHECK(apart(gradient.sum(0), c.reference_w.grad()) < 1e-5);
  CHECK(apart(t.grad(), exact_t.grad()) < 1e-5);
  gradient.zero_();
  c.pass(1, gradient, at::zeros({0, 1}), {}, {1, 0, 2}, true).sum().backward();
  CHECK(gradient.abs().max().item<double>() == 0);
}

TEST_CASE("a residual network in float has the passes of one in double", "[nn][network]") {
  const auto make = [](at::ScalarType type) {
    return Network(small(16, 2, {5, 4}), {.learning_rate = 0.01}, 6, 0, {2}, true, at::kCPU,
                   generator(at::kCPU, 1, 0, 0), type);
  };
  auto net = make(at::kFloat), plain = make(at::kDouble);
  auto g = generator(at::kCPU, 4, 5, 6);
  for (int step = 0; step < 20; ++step) {
    const auto state = at::empty({64, 3}).normal_(0, 1, g), other = at::empty({9, 6}).normal_(0, 1, g);
    const auto in = at::cat({at::empty({64, 2}).normal_(0, 1, g), at::empty({64, 1}).uniform_(0, 5, g).floor()}, 1);
    const auto loss = [&](Network& of, at::ScalarType type) {
      return (of.trained(state.to(type), in.to(type)).out - state.to(type).narrow(1, 0, 2)).square().mean();
    };
    loss(net, at::kFloat).backward(), loss(plain, at::kDouble).backward();
    net.apply_and_follow(0.1), plain.apply_and_follow(0.1);
    CHECK(apart(net.target_parameters(), plain.target_parameters()) < 1e-4);
    const auto wanted = plain.fixed(other.to(at::kDouble)).out;
    CHECK(apart(net.fixed(other).out, wanted) < 1e-3);
    const auto rows = at::cat({state, in}, 1);
    const auto both = net.trained_and_fixed(rows, rows.flip({0}));
    CHECK(apart(both[1].out.flip({0}), both[0].out) < 1e-5);
    CHECK(apart(net.both_fixed(other, other)[1].out, wanted) < 1e-3);
  }
}

TEST_CASE("mish and its derivative follow the standard library", "[nn]") {
  constexpr std::int64_t rows = 57, n = 141;
  for (const bool biased : {false, true}) {
    std::vector<float> bias(n), a(rows * n), slope(a.size());
    for (std::size_t j = 0; j < bias.size(); ++j) bias[j] = biased ? 0.125f * float(j % 7) : 0.0f;
    for (std::size_t i = 0; i < a.size(); ++i) a[i] = float(i) * 0.01f - 40.0f;
    const auto before = a;
    kernels::mish(a.data(), slope.data(), biased ? bias.data() : nullptr, rows, n);
    for (std::size_t i = 0; i < a.size(); ++i) {
      const double x = double(before[i] + bias[i % n]), t = std::tanh(std::log1p(std::exp(x)));
      REQUIRE(double(a[i]) == Approx(x * t).epsilon(1e-5).margin(1e-7));
      REQUIRE(double(slope[i]) == Approx(t + x * (1 - t * t) / (1 + std::exp(-x))).epsilon(1e-5).margin(1e-6));
    }
    auto alone = before;
    kernels::mish(alone.data(), nullptr, biased ? bias.data() : nullptr, rows, n);
    CHECK(alone == a);
  }
  std::vector<float> special{std::nanf(""), 1e30f, 88.0f, -88.0f};
  std::vector<float> slope(special.size());
  kernels::mish(special.data(), slope.data(), nullptr, 1, 4);
  CHECK((std::isnan(special[0]) && std::isnan(slope[0])));
  CHECK((special[1] == 1e30f && slope[1] == Approx(1) && special[2] == 88 && slope[2] == Approx(1)));
  CHECK((std::abs(special[3]) < 1e-30f && std::abs(slope[3]) < 1e-30f));
}
