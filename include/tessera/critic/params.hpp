#pragma once
#include <tessera/concepts/critic.hpp>
#include <tessera/concepts/wants.hpp>
#include <tessera/math/ensemble.hpp>
#include <tessera/math/target.hpp>
#include <tessera/nn/options.hpp>

namespace tessera {
/// Hyper-parameters that every critic update has.
struct CriticParams {
  MlpOptions net{};
  AdamOptions adam{};
  std::int64_t members = 2;
  double discount = 0.99;
  double polyak = 0.005;

  static constexpr doc docs[] = {
      {"net", "each member's network"},
      {"adam", "the critic's optimiser"},
      {"members", "N, critics in the ensemble; targets use the least of them", 1, 1000},
      {"discount", "gamma, per step, in [0, 1]", 0, 1},
      {"polyak", "rate at which target networks follow: target <- rate * online + (1 - rate) * target", 0, 1},
  };
};
}  // namespace tessera
