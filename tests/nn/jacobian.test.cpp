#include <tessera/nn/jacobian.hpp>
#include <tessera/nn/network.hpp>
#include <tessera/nn/random.hpp>

#include "helpers/tensors.hpp"

using namespace tessera;
using namespace support;

namespace {
/// A small network of doubles: 3 inputs, 2 outputs, 2 free parameters.
struct Small {
  nn::Mlp mlp;
  at::Tensor parameters;
  at::Tensor states = at::randn({5, 3}, at::kDouble);
  explicit Small(const MlpOptions& h) : mlp(h, 3, 1, {2, 2, 0.3}) {
    auto single = at::empty({1, mlp.row()}, at::kFloat);
    mlp.initialize(single, nn::generator(at::kCPU, 4, 0, 0));
    parameters = single.to(at::kDouble);
  }
  at::Tensor out(const at::Tensor& p) const { return mlp.forward(mlp.look(p), states).squeeze(0); }
};
}  // namespace

TEST_CASE("products with a network's slope in its parameters", "[nn]") {
  torch::manual_seed(1);
  for (const auto& h :
       {MlpOptions{.hidden = {4, 3}, .activation = activation::tanh},
        MlpOptions{.hidden = {4}, .activation = activation::silu},
        MlpOptions{.hidden = {4}, .activation = activation::gelu, .layer_norm = true}, MlpOptions{.hidden = {}}}) {
    const Small net(h);
    const nn::Jacobian slope(net.mlp, net.parameters, net.states);
    CHECK(close(slope.value().out, net.out(net.parameters)));
    CHECK(close(slope.value().state_independent, row({0.3, 0.3}), 1e-6));
    const auto v = at::randn_like(net.parameters);
    const double h_ = 1e-6;
    const auto along = (net.out(net.parameters + h_ * v) - net.out(net.parameters - h_ * v)) / (2 * h_);
    const auto jv = slope.times(v);
    CHECK(close(jv.out, along, 1e-6));
    CHECK(close(jv.state_independent, net.mlp.look(v).state_independent));
    CHECK(close(slope.times(v).out, jv.out));  // it may be asked again
    // J^T u, where u.J v = v.J^T u for any v.
    const head<at::Tensor> u{at::randn({5, 2}, at::kDouble), at::randn({2}, at::kDouble)};
    const auto back = slope.transposed_times(u);
    CHECK(number((back * v).sum()) ==
          Approx(number((u.out * jv.out).sum() + (u.state_independent * jv.state_independent).sum())));
    const auto other = at::randn_like(v);
    CHECK(number((back * other).sum()) ==
          Approx(number((u.out * slope.times(other).out).sum() +
                        (u.state_independent * slope.times(other).state_independent).sum())));
    CHECK_FALSE(back.requires_grad());
  }
}

TEST_CASE("a network moves by what it is told, and forgets its gradient", "[nn]") {
  nn::Network net({.hidden = {4}}, {}, 3, 0, {2, 2}, false, at::kCPU, nn::generator(at::kCPU, 4, 0, 0));
  const auto x = at::randn({6, 3});
  net.trained(x).out.sum().backward();
  const auto gradient = net.gathered_gradient();
  CHECK(gradient.sizes() == net.parameters().sizes());
  CHECK(gradient.abs().max().item<float>() > 0);
  CHECK(close(net.jacobian(x).transposed_times({at::ones({6, 2}), at::zeros({2})}), gradient, 1e-4));
  const auto before = net.parameters().clone(), was = net.fixed(x).out;
  const auto version = net.version();
  net.move(0.5 * at::ones_like(before));
  CHECK(close(net.parameters(), before + 0.5));
  CHECK(net.gathered_gradient().abs().max().item<float>() == 0);
  CHECK(net.version() != version);
  CHECK_FALSE(at::allclose(net.fixed(x).out, was));
}
