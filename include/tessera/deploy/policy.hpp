#pragma once
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include <Eigen/Core>

#include <tessera/deploy/file.hpp>
#include <tessera/deploy/program.hpp>

/// Acting without libtorch: with Eigen alone, and nlohmann's JSON where a file is read.
namespace tessera::deploy {
/// How a call ended.
enum class outcome {
  acted,
  observation_not_finite,  ///< nothing was computed
  action_not_finite,       ///< the observation is so far from anything that a number of the network overflowed
};

/// A policy that acts: in single precision, one observation a call, without allocating memory.  Each thread needs a
/// copy of its own, for a call writes into the policy's memory.
class Policy {
 public:
  /// Of a file that `tessera export --to safetensors` or `--to json` wrote.  Throws Error where it is none, or damaged.
  /// A run's checkpoint does not say by itself how its networks make an action, its recipe does:
  /// `run_policy<recipes::Td3Bc>(run)`, of <tessera/train/run_policy.hpp>, makes a Policy of that.
  static Policy load(const std::string& path) { return Policy(read_policy(path)); }
  explicit Policy(Program program);

  const Signature& signature() const { return program_.signature; }
  const Program& program() const { return program_; }
  /// Of everything in it, as `content_hash`.
  std::uint64_t hash() const { return hash_; }
  std::int64_t observation_size() const { return signature().observation_size; }
  std::int64_t action_size() const { return signature().outputs(); }  ///< 1 of a discrete action: its code
  std::int64_t noise_size() const { return noise_; }                  ///< 0 where it takes none

  /// Never throws; the pointers have room for observation_size(), noise_size() and action_size() numbers.  `action` is
  /// unchanged unless it `acted`.
  outcome try_act(const float* observation, float* action) noexcept { return try_act(observation, nullptr, action); }
  outcome try_act(const float* observation, const float* noise, float* action) noexcept;

  /// The same, checked: throws Error where a size is another, or a number is not finite.
  void act(std::span<const float> observation, std::span<float> action) { act(observation, {}, action); }
  void act(std::span<const float> observation, std::span<const float> noise, std::span<float> action);
  std::vector<float> act(std::span<const float> observation);
  /// The code of a discrete action.
  std::int64_t code(std::span<const float> observation);

 private:
  using Rows = Eigen::Array<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
  const float* at(std::int32_t i) const;
  void compute(const Value& v, float* out) noexcept;
  void linear(const Value& v, float* out) noexcept;

  Program program_;
  Layout layout_;
  Eigen::ArrayXf memory_;
  std::vector<std::int32_t> active_;  // which inputs of a layer are not 0
  std::int64_t noise_ = 0;
  std::uint64_t hash_ = 0;
  const float *observation_ = nullptr, *given_ = nullptr;
};
}  // namespace tessera::deploy

#ifndef TESSERA_COMPILED
#include <tessera/deploy/policy.impl.hpp>
#endif
