#pragma once
#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include <tessera/data/normalizer.hpp>
#include <tessera/data/error.hpp>
#include <tessera/data/require_sound.hpp>
#include <tessera/nn/loss_nodes.hpp>
#include <tessera/nn/network.hpp>
#include <tessera/nn/scalar.hpp>
#include <tessera/nn/threads.hpp>
#include <tessera/nn/units.hpp>

namespace tessera {
/// What a learner asks of its numbers, answered by libtorch.
struct torch_backend {
  using tensor = at::Tensor;
  using no_grad = at::NoGradGuard;
  struct with_grad {
    at::AutoGradMode on{true};
  };
  using units = nn::Units;

  using device = at::Device;
  static device cpu() { return at::kCPU; }

  /// Its numbers take memory, which a learner asks for only where there is enough (`check_memory`).
  static constexpr bool takes_memory = true;

  /// `members` of a network without a member axis.
  static constexpr std::int64_t single = 0;

  struct network : nn::Network {
    template <class Problem>
    network(const Problem& on, std::string_view name, const MlpOptions& h, const AdamOptions& adam, std::int64_t inputs,
            std::int64_t members, const head_layout& top, bool with_target)
        : nn::Network(h, adam, inputs, members, top, with_target, on.device,
                      nn::generator(at::kCPU, on.seed, nn::stream::initialization, name_key(name))) {}
  };
  struct scalar : nn::Scalar {
    template <class Problem>
    scalar(double value, const AdamOptions& adam, const Problem& on) : nn::Scalar(value, adam, on.device) {}
  };

  /// x as a scalar on the device of `like`.
  static tensor constant(double x, const tensor& like) { return at::full({}, x, like.options().requires_grad(false)); }
  template <std::size_t N>
  static tensor cat(const std::array<tensor, N>& pieces, int axis) {
    return at::cat(at::TensorList(pieces), axis);
  }
  template <std::size_t N>
  static tensor filled(const std::array<std::int64_t, N>& sizes, double x, const device& where) {
    return at::full(sizes, x, at::TensorOptions(at::kFloat).device(where));
  }
  /// Indices (B) -> (B, size) of zeros and ones.
  static tensor one_hot(const tensor& a, std::int64_t size) { return at::one_hot(a, size).to(at::kFloat); }
  /// Whole numbers as indices.
  static tensor whole(const tensor& x) { return x.to(at::kLong); }
  static tensor stop(const tensor& x) { return x.detach(); }
  static std::int64_t columns(const tensor& x) { return x.size(-1); }
  /// Q (N, B, A) at indices (B) -> (N, B).
  static tensor pick(const tensor& q, const tensor& a) {
    return q.gather(2, a.view({1, -1, 1}).expand({q.size(0), a.size(0), 1})).squeeze(2);
  }

  static tensor draw(noise kind, std::uint64_t seed, std::int64_t index, std::int64_t draw, std::int64_t columns,
                     const tensor& like) {
    if (kind == noise::none) return {};
    const auto g = nn::generator(like.device(), seed, nn::stream::draws + std::uint64_t(draw), std::uint64_t(index));
    auto eps = at::empty({like.size(0), columns}, like.options().requires_grad(false));
    return kind == noise::normal ? eps.normal_(0, 1, g) : eps.uniform_(0, 1, g);
  }

  /// Differentiates the sum of the given scalars.
  static void backward(std::span<const tensor> summands) {
    tensor sum = summands.front();
    for (std::size_t i = 1; i < summands.size(); ++i) sum = sum + summands[i];
    // A root gradient that is kept: libtorch would make one each time.
    static const tensor one = at::ones({}, at::kFloat);
    tensor top = sum.is_cpu() && sum.scalar_type() == at::kFloat && sum.dim() == 0 ? one : at::ones_like(sum);
    torch::autograd::backward(nn::libtorch_list(&sum, 1), nn::libtorch_list(&top, 1));
  }

  // Observations as a program hands them to a policy: (B, n) numbers, on the policy's device.
  static tensor observations(const tensor& x, std::int64_t size, const device& where) {
    if (!x.defined()) throw Error("act: the observations are an undefined tensor; give (B, " + std::to_string(size) + ") numbers");
    if (x.dim() != 2 || x.size(1) != size || x.size(0) < 1) {
      std::string shape;
      for (const auto n : x.sizes()) shape += (shape.empty() ? "" : ", ") + std::to_string(n);
      throw Error("act: the observations have shape (" + shape + "), where (B, " + std::to_string(size) + ") with B at least 1 is expected" +
                  (x.dim() == 1 && x.size(0) == size ? "; of one observation make a row by view({1, -1}), or hand it over as std::span<const float>"
                                                     : "; the policy was made for observations of " + std::to_string(size) + " numbers"));
    }
    const bool there = x.device().type() == where.type() && (!where.has_index() || x.device().index() == where.index());
    if (!there) throw Error("act: the observations are on " + x.device().str() + ", and the policy is on " + where.str() + "; move them there");
    return x.scalar_type() == at::kFloat ? x : x.to(at::kFloat);
  }
  // Whether all numbers are finite, a scalar on their device: to be asked for once there is nothing else to do.
  static tensor are_finite(const tensor& x) {
    if (!x.is_cpu() || !x.is_contiguous()) return at::isfinite(x).all();
    const float* const p = x.data_ptr<float>();
    float sum = 0;
    for (std::int64_t i = 0; i < x.numel(); ++i) sum += p[i] * 0.0f;
    return sum == 0 ? tensor() : at::zeros({}, at::kBool);
  }
  // An Error that names the first of the observations which is not finite, if so it was.  It waits for the device, as who reads the action
  // does anyway.
  static void require_finite(const tensor& finite, const tensor& x) {
    if (!finite.defined() || finite.item<bool>()) return;
    const auto bad = at::isfinite(x).logical_not().to(at::kCPU).nonzero();
    throw Error("act: the observation is not finite in row " + std::to_string(bad[0][0].item<std::int64_t>()) + ", column " +
                std::to_string(bad[0][1].item<std::int64_t>()) + "; no action follows from it");
  }
  static tensor one_observation(std::span<const float> x, const device& where) {
    return at::from_blob(const_cast<float*>(x.data()), {1, std::int64_t(x.size())}, at::kFloat).clone().to(where);
  }
  static std::vector<float> numbers(const tensor& x) {
    const auto host = x.to(at::kCPU, at::kFloat).contiguous();
    return {host.data_ptr<float>(), host.data_ptr<float>() + host.numel()};
  }
  static std::int64_t index(const tensor& x) { return x.item<std::int64_t>(); }

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
  static std::uint64_t name_key(std::string_view name) {
    std::uint64_t key = 14695981039346656037u;  // FNV-1a
    for (char c : name) key = (key ^ std::uint64_t(static_cast<unsigned char>(c))) * 1099511628211u;
    return key;
  }
};
}  // namespace tessera
