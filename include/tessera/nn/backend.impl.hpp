#pragma once
#include <cstdint>
#include <map>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include <tessera/nn/backend.hpp>
#include <tessera/nn/gemm.hpp>
#include <tessera/nn/node.hpp>
#include <tessera/nn/ranks.hpp>
#include <tessera/nn/torch.hpp>
#include <tessera/support/error.hpp>
#include <tessera/support/inline.hpp>

namespace tessera {
TESSERA_INLINE void torch_backend::require_gradients() {
  if (c10::InferenceMode::is_enabled())
    throw Error("update: called inside of c10::InferenceMode, where libtorch keeps no gradients; end it before");
}
TESSERA_INLINE torch_backend::tensor torch_backend::constant(double x, const tensor& like) {
  return at::full({}, x, like.options().requires_grad(false));
}
TESSERA_INLINE torch_backend::tensor torch_backend::listed(std::span<const double> numbers, const tensor& like) {
  const auto make = [&] {
    return at::tensor(at::ArrayRef<double>(numbers.data(), numbers.size()), at::kDouble)
        .to(like.device(), like.scalar_type());
  };
  if (like.is_cpu()) return make();
  // Elsewhere the same list is brought to the device once: an update that is recorded there cannot bring it.  Kept
  // until the program ends, when the device's driver may be gone before these are.
  using key = std::tuple<std::string, at::ScalarType, std::vector<double>>;
  static auto& lists = *new std::map<key, tensor>;
  static std::mutex access;
  const std::lock_guard guard(access);
  auto& found = lists[key(like.device().str(), like.scalar_type(), {numbers.begin(), numbers.end()})];
  if (!found.defined()) found = make();
  return found;
}
TESSERA_INLINE torch_backend::tensor torch_backend::one_hot(const tensor& a, std::int64_t size) {
  return at::one_hot(a, size).to(at::kFloat);
}
TESSERA_INLINE torch_backend::tensor torch_backend::whole(const tensor& x) { return x.to(at::kLong); }
TESSERA_INLINE torch_backend::tensor torch_backend::pick(const tensor& q, const tensor& a) {
  return q.gather(2, a.view({1, -1, 1}).expand({q.size(0), a.size(0), 1})).squeeze(2);
}
TESSERA_INLINE torch_backend::tensor torch_backend::draw(noise kind, std::uint64_t seed, std::int64_t index,
                                                         std::int64_t draw, std::int64_t columns, const tensor& like) {
  if (kind == noise::none) return {};
  nn::Randoms numbers(like.device(), seed, nn::stream::draws + std::uint64_t(draw), std::uint64_t(index));
  // Of an update that several ranks make, each has its rows of the joint batch's noise.
  const auto rows = like.size(0);
  const auto* joint = nn::JointUpdates::here();
  if (joint && rows % joint->rows() != 0) joint = nullptr;
  const auto type = like.options().requires_grad(false);
  const auto all = joint ? rows * joint->size() : rows;
  const auto eps = kind == noise::normal ? numbers.normal({all, columns}, type) : numbers.uniform({all, columns}, type);
  return joint ? eps.narrow(0, rows * joint->rank(), rows) : eps;
}

TESSERA_INLINE void torch_backend::backward(std::span<const tensor> summands) {
  tensor sum = summands.front();
  for (std::size_t i = 1; i < summands.size(); ++i) sum = sum + summands[i];
  // A root gradient that is kept, because libtorch would make a new one each time.
  static const tensor one = at::ones({}, at::kFloat);
  tensor top = sum.is_cpu() && sum.scalar_type() == at::kFloat && sum.dim() == 0 ? one : at::ones_like(sum);
  torch::autograd::backward(nn::libtorch_list(&sum, 1), nn::libtorch_list(&top, 1));
}

TESSERA_INLINE void torch_backend::require_precision(precision p, const device& where) {
  if (p == precision::float32) return;
  if (!where.is_cpu())
    throw Error("precision bf16: is of the CPU's matrix products, and the device is " + where.str() +
                "; leave one of them out");
  if (const auto why = nn::why_no_bf16(); !why.empty()) throw Error("precision bf16: " + why + "; leave it out");
}

TESSERA_INLINE torch_backend::tensor torch_backend::observations(const tensor& x, std::int64_t size,
                                                                 const device& where) {
  if (!x.defined())
    throw Error("act: the observations are an undefined tensor; give (B, " + std::to_string(size) + ") numbers");
  if (x.dim() != 2 || x.size(1) != size || x.size(0) < 1) {
    std::string shape;
    for (const auto n : x.sizes()) shape += (shape.empty() ? "" : ", ") + std::to_string(n);
    throw Error("act: the observations have shape (" + shape + "), where (B, " + std::to_string(size) +
                ") with B at least 1 is expected" +
                (x.dim() == 1 && x.size(0) == size
                     ? "; of one observation make a row by view({1, -1}), or hand it over as std::span<const float>"
                     : "; the policy was made for observations of " + std::to_string(size) + " numbers"));
  }
  const bool there = x.device().type() == where.type() && (!where.has_index() || x.device().index() == where.index());
  if (!there)
    throw Error("act: the observations are on " + x.device().str() + ", and the policy is on " + where.str() +
                "; move them there");
  return x.scalar_type() == at::kFloat ? x : x.to(at::kFloat);
}

TESSERA_INLINE torch_backend::tensor torch_backend::are_finite(const tensor& x) {
  if (!x.is_cpu() || !x.is_contiguous()) return at::isfinite(x).all();
  const float* const p = x.data_ptr<float>();
  float sum = 0;
  for (std::int64_t i = 0; i < x.numel(); ++i) sum += p[i] * 0.0f;
  return sum == 0 ? tensor() : at::zeros({}, at::kBool);
}

TESSERA_INLINE void torch_backend::require_finite(const tensor& finite, const tensor& x) {
  if (!finite.defined() || finite.item<bool>()) return;
  const auto bad = at::isfinite(x).logical_not().to(at::kCPU).nonzero();
  throw Error("act: the observation is not finite in row " + std::to_string(bad[0][0].item<std::int64_t>()) +
              ", column " + std::to_string(bad[0][1].item<std::int64_t>()) + "; no action follows from it");
}

TESSERA_INLINE torch_backend::tensor torch_backend::one_observation(std::span<const float> x, const device& where) {
  return at::from_blob(const_cast<float*>(x.data()), {1, std::int64_t(x.size())}, at::kFloat).clone().to(where);
}
TESSERA_INLINE std::vector<float> torch_backend::numbers(const tensor& x) {
  const auto host = x.to(at::kCPU, at::kFloat).contiguous();
  return {host.data_ptr<float>(), host.data_ptr<float>() + host.numel()};
}

TESSERA_INLINE std::int64_t torch_backend::index(const tensor& x) { return x.item<std::int64_t>(); }
TESSERA_INLINE std::uint64_t torch_backend::name_key(std::string_view name) {
  std::uint64_t key = 14695981039346656037u;  // FNV-1a
  for (char c : name) key = (key ^ std::uint64_t(static_cast<unsigned char>(c))) * 1099511628211u;
  return key;
}
}  // namespace tessera
