#pragma once
#include <cstdint>
#include <vector>

#include <tessera/deploy/network.hpp>
#include <tessera/deploy/program.hpp>

namespace support {
/// tanh-headed policy of two numbers with one hidden layer of two, whose actions are in [-1, 3]:
///   h = relu([1 -1; 2 0.5]^T x + [0, 0.25]),  a = 1 + 2 tanh(h [0.5, -1]^T + 0.1)
inline tessera::deploy::Program small_policy() {
  namespace deploy = tessera::deploy;
  deploy::Program p;
  p.signature = {.algorithm = "bc",
                 .observation_size = 2,
                 .action_size = 1,
                 .action_low = {-1},
                 .action_high = {3},
                 .observation_names = {"angle", "speed \"x\"\n"}};
  const auto x = append(p, {.what = deploy::op::observation, .columns = 2});
  const auto w = constant(p, 2, 2, {1, -1, 2, 0.5}), b = constant(p, 1, 2, {0, 0.25});
  const auto h = apply(p, deploy::op::relu, append(p, {.what = deploy::op::linear, .in = {x, w, b}}));
  const auto w2 = constant(p, 2, 1, {0.5, -1}), b2 = constant(p, 1, 1, {0.1f});
  auto a = apply(p, deploy::op::tanh, append(p, {.what = deploy::op::linear, .in = {h, w2, b2}}));
  a = multiply(p, add(p, clamp(p, a, -1, 1), 1.0f), 2.0f);
  add(p, a, -1.0f);
  return p;
}
/// Scores of three actions, x [1 0 -1; 0 1 -1], whose codes begin at 5.
inline tessera::deploy::Program small_discrete_policy() {
  namespace deploy = tessera::deploy;
  deploy::Program p;
  p.signature = {
      .algorithm = "discrete-bc", .observation_size = 2, .action_size = 3, .discrete = true, .first_action = 5};
  const auto x = append(p, {.what = deploy::op::observation, .columns = 2});
  const auto w = constant(p, 2, 3, {1, 0, -1, 0, 1, -1});
  append(p, {.what = deploy::op::argmax, .in = {append(p, {.what = deploy::op::linear, .in = {x, w}})}, .from = 5});
  return p;
}
/// The best of three actions x + z_k, by  Q = -(a - 1)^2,  z the caller's.
inline tessera::deploy::Program small_best_of() {
  namespace deploy = tessera::deploy;
  deploy::Program p;
  p.signature = {.algorithm = "mine", .observation_size = 1, .action_size = 1, .action_low = {-9}, .action_high = {9}};
  const auto x = append(p, {.what = deploy::op::observation, .columns = 1});
  const auto z = append(p, {.what = deploy::op::noise, .rows = 3, .columns = 1});
  const auto a = apply(p, deploy::op::add, z, x);
  const auto e = add(p, a, -1.0f);
  apply(p, deploy::op::pick, a, multiply(p, multiply(p, e, e), -1.0f));
  return p;
}
}  // namespace support
