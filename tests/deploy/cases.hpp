#pragma once
#include <cstdint>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include <tessera/deploy/network.hpp>
#include <tessera/deploy/program.hpp>

#include "../helpers/programs.hpp"

/// Programs that have every operation among them, and the observations and noise that they are asked at.
namespace support {
struct Case {
  std::string name;
  tessera::deploy::Program program;
};

inline std::vector<float> drawn(std::size_t count, unsigned seed, float scale = 1) {
  std::mt19937 random(seed);
  std::normal_distribution<float> draw(0, scale);
  std::vector<float> out(count);
  for (auto& x : out) x = draw(random);
  return out;
}
inline std::vector<float> drawn_row(std::uint64_t count, unsigned seed) {
  return drawn(std::size_t(count), seed, 0.4f);
}

inline Case perceptron_case(tessera::activation a, bool norm, bool last) {
  namespace deploy = tessera::deploy;
  tessera::MlpOptions h;
  h.hidden = {37, 16}, h.activation = a, h.layer_norm = norm, h.norm_last = last;
  deploy::Program p;
  p.signature = {
      .algorithm = "td3-bc", .observation_size = 3, .action_size = 2, .action_low = {-2, 0}, .action_high = {2, 10}};
  auto x = append(p, {.what = deploy::op::observation, .columns = 3});
  x = add(p, x, constant(p, 1, 3, {0.5f, -100, 3}));
  x = clamp(p, multiply(p, x, constant(p, 1, 3, {2, 0.01f, 1})), -10, 10);
  deploy::Network net(p, h, drawn_row(mlp_row(h, 3, {4}), 5), {3}, false, {4}, {{1, 2}});
  const auto action = clamp(p, apply(p, deploy::op::tanh, net({x})[0]), -1, 1);
  const auto wide = multiply(p, add(p, action, 1.0f), constant(p, 1, 2, {2, 5}));
  add(p, wide, constant(p, 1, 2, {-2, 0}));
  return {tessera::enumerators(a)[std::size_t(a)] + std::string(norm ? last ? "_norm_last" : "_norm" : ""), p};
}
/// The best of five that a diffusion of two steps draws, by the lesser of two critics; with what no policy has yet.
inline Case best_of_case(bool fixed) {
  namespace deploy = tessera::deploy;
  using deploy::op;
  deploy::Program p;
  p.signature = {
      .algorithm = "idql", .observation_size = 2, .action_size = 2, .action_low = {-1, -1}, .action_high = {1, 1}};
  const auto s = append(p, {.what = op::observation, .columns = 2});
  const auto z = append(p, {.what = op::noise, .rows = 10, .columns = 2});
  tessera::ResidualMlpOptions r;
  r.width = 24, r.blocks = 1, r.expansion = 2, r.frequencies = 4, r.time_hidden = {8};
  deploy::Network net(p, r, drawn_row(mlp_row(r, 5, {2}), 6), {2, 2}, {2}, {{0, 2}});
  auto x = append(p, {.what = op::rows, .in = {z}, .rows = 5, .from = 0});
  x = add(p, x, multiply(p, net({s, x}, 1)[0], -0.5f));
  const auto more = append(p, {.what = op::rows, .in = {z}, .rows = 5, .from = 5});
  x = add(p, x, multiply(p, more, apply(p, op::exp, constant(p, 1, 2, {-1, -2}))));
  x = clamp(p, add(p, x, multiply(p, net({s, x}, 0)[0], -0.5f)), -1, 1);
  tessera::MlpOptions h;
  h.hidden = {20, 20};
  std::int32_t q = -1;
  for (unsigned i = 0; i < 2; ++i) {
    deploy::Network critic(p, h, drawn_row(mlp_row(h, 4, {1}), 7 + i), {2, 2}, false, {1}, {{0, 1}});
    const auto next = critic({s, x})[0];
    q = i == 0 ? next : apply(p, op::minimum, q, next);
  }
  apply(p, op::pick, x, q);
  if (fixed) fix_noise(p, drawn(20, 9));
  return {fixed ? "best_of_fixed" : "best_of_given", p};
}
inline Case supported_case() {
  namespace deploy = tessera::deploy;
  deploy::Program p;
  p.signature = {
      .algorithm = "discrete-bcq", .observation_size = 3, .action_size = 6, .discrete = true, .first_action = -2};
  const auto x = append(p, {.what = deploy::op::observation, .columns = 3});
  tessera::MlpOptions h;
  h.hidden = {21};
  deploy::Network q(p, h, drawn_row(mlp_row(h, 3, {6}), 1), {3}, false, {6}, {{0, 6}});
  deploy::Network b(p, h, drawn_row(mlp_row(h, 3, {6}), 2), {3}, false, {6}, {{0, 6}});
  const auto scores = q({x})[0];
  const auto kept = append(p, {.what = deploy::op::likely, .in = {scores, b({x})[0]}, .low = -1.2f});
  append(p, {.what = deploy::op::argmax, .in = {kept}, .from = -2});
  return {"supported", p};
}
inline std::vector<Case> cases() {
  using tessera::activation;
  return {{"small", small_policy()},
          {"discrete", small_discrete_policy()},
          {"best_of_small", small_best_of()},
          perceptron_case(activation::relu, false, false),
          perceptron_case(activation::gelu, true, false),
          perceptron_case(activation::tanh, false, false),
          perceptron_case(activation::silu, true, true),
          best_of_case(true),
          best_of_case(false),
          supported_case()};
}
/// Observations near and far, of that size.
inline std::vector<std::vector<float>> observations_for(std::int64_t size) {
  std::vector<std::vector<float>> out;
  unsigned seed = 100;
  for (const float scale : {0.0f, 1e-38f, 0.01f, 1.0f, 1.0f, 1.0f, 10.0f, 1e4f, 1e20f})
    out.push_back(drawn(std::size_t(size), ++seed, scale));
  return out;
}
inline std::vector<float> noise_for(const tessera::deploy::Program& p) {
  return drawn(p.noise() ? p.noise()->size() : 0, 42);
}
}  // namespace support
