#pragma once
#include <c10/core/InferenceMode.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <type_traits>
#include <vector>

#include <tessera/dataset/normalizer.hpp>
#include <tessera/dataset/require_sound.hpp>
#include <tessera/nn/loss_nodes.hpp>
#include <tessera/nn/network.hpp>
#include <tessera/nn/precision.hpp>
#include <tessera/nn/random.hpp>
#include <tessera/nn/randoms.hpp>
#include <tessera/nn/scalar.hpp>
#include <tessera/nn/threads.hpp>
#include <tessera/nn/units.hpp>
#include <tessera/options/precision.hpp>
#include <tessera/support/error.hpp>

namespace tessera {
/// The operations that a learner needs, implemented with libtorch.
struct torch_backend {
  using tensor = at::Tensor;
  // Inside of c10::InferenceMode too, whose tensors autograd does not take: what is computed here are plain ones.
  struct no_grad {
    c10::InferenceMode inference{false};
    at::NoGradGuard off{};
  };
  struct with_grad {
    c10::InferenceMode inference{false};
    at::AutoGradMode on{true};
  };
  /// Throws an Error where libtorch keeps no gradients.
  static void require_gradients();
  using units = nn::Units;

  /// While it lives, the passes that this thread begins have their matrix products in a precision.
  using in_precision = nn::in_precision;
  /// Throws an Error, in one line, where products in it are not to be had, or would not be faster.
  static void require_precision(precision p, const at::Device& where);

  using device = at::Device;
  static device cpu() { return at::kCPU; }

  /// Its tensors take memory, so a learner first checks that there is enough (`check_memory`).
  static constexpr bool takes_memory = true;

  /// The `members` argument of a network without a member axis.
  static constexpr std::int64_t single = 0;

  struct network : nn::Network {
    template <class Problem, class Options>
    network(const Problem& on, std::string_view name, const Options& h, const AdamOptions& adam, std::int64_t inputs,
            std::int64_t members, const head_layout& top, bool with_target)
        : nn::Network(h, adam, inputs, members, top, with_target, on.device,
                      nn::generator(at::kCPU, on.seed, nn::stream::initialization, name_key(name))) {}
  };
  struct scalar : nn::Scalar {
    template <class Problem>
    scalar(double value, const AdamOptions& adam, const Problem& on) : nn::Scalar(value, adam, on.device) {}
  };

  /// x as a scalar on the device of `like`.
  static tensor constant(double x, const tensor& like);
  template <std::size_t N>
  static tensor cat(const std::array<tensor, N>& pieces, int axis) {
    return at::cat(at::TensorList(pieces), axis);
  }
  template <std::size_t N>
  static tensor filled(const std::array<std::int64_t, N>& sizes, double x, const device& where) {
    return at::full(sizes, x, at::TensorOptions(at::kFloat).device(where));
  }
  /// Numbers as a row, (n), of the kind of `like`.
  static tensor listed(std::span<const double> numbers, const tensor& like);
  /// One-hot vectors: indices (B) -> (B, size).
  static tensor one_hot(const tensor& a, std::int64_t size);
  /// Integers as indices.
  static tensor whole(const tensor& x);
  static tensor stop(const tensor& x) { return x.detach(); }
  static std::int64_t columns(const tensor& x) { return x.size(-1); }
  /// Q (N, B, A) at indices (B) -> (N, B).
  static tensor pick(const tensor& q, const tensor& a);

  static tensor draw(noise kind, std::uint64_t seed, std::int64_t index, std::int64_t draw, std::int64_t columns,
                     const tensor& like);

  /// Differentiates the sum of the given scalars.
  static void backward(std::span<const tensor> summands);

  // Observations as a program passes them to a policy: (B, n) numbers, on the policy's device.
  static tensor observations(const tensor& x, std::int64_t size, const device& where);
  // Whether all numbers are finite, as a scalar on their device: read it once there is nothing else to do.
  static tensor are_finite(const tensor& x);
  // Throws an Error that names the first observation which is not finite, if there is one.  It waits for the device, as
  // reading the action does anyway.
  static void require_finite(const tensor& finite, const tensor& x);
  static tensor one_observation(std::span<const float> x, const device& where);
  static std::vector<float> numbers(const tensor& x);
  static std::int64_t index(const tensor& x);

  /// A data source's choice of transitions and units.
  template <class R, class Data, class Params>
  static Prepared prepare(const Data& data, const Params& p) {
    nn::settle_threads();
    if constexpr (std::is_same_v<Data, Dataset>) require_sound(data);
    Prepared out;
    R::template get<tessera::data>::prepare(p.data, data, out);
    return out;
  }

 private:
  static std::uint64_t name_key(std::string_view name);
};
}  // namespace tessera

#ifndef TESSERA_COMPILED
#include <tessera/nn/backend.impl.hpp>
#endif
