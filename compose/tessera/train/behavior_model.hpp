#pragma once
#include <cstdint>
#include <functional>
#include <vector>

#include <tessera/dataset/dataset.hpp>
#include <tessera/nn/tensor.hpp>

namespace tessera::ope {
struct BehaviorOptions {
  std::int64_t updates = 5'000;  ///< of each of the two models; no more than 50 passes over its episodes
  std::int64_t batch = 256;
  std::uint64_t seed = 0;
  at::Device device = at::kCPU;
  std::function<bool()> keep_going{};  ///< asked after every update; false stops, and the result is empty
};

/// log b(a_t|s_t) of the logged actions, from the propensities that were logged with them.  Throws an Error where one is
/// not above 0.
std::vector<double> logged_log_propensities(const Dataset& data);
/// The same by a model of the behavior where they were not logged.  The episodes are parted in two halves; a model is
/// fitted to each by maximum likelihood, and speaks of the other (cross-fitting), since of what it has learned from it
/// would be too sure.  Continuous actions: a Gaussian whose mean and std depend on the state; discrete ones: a softmax.
/// Of a log of one episode its two halves.
std::vector<double> fitted_log_propensities(const Dataset& data, const BehaviorOptions& options = {});
}  // namespace tessera::ope

#ifndef TESSERA_COMPILED
#include <tessera/train/behavior_model.impl.hpp>
#endif
