#pragma once
#include <tessera/nn/torch.hpp>
//
#include <catch2/catch.hpp>
#include <functional>
#include <initializer_list>
#include <vector>

/// Small tensors of doubles, in which hand-computed numbers can be compared to ten digits.
namespace support {
inline at::Tensor row(std::initializer_list<double> x) { return torch::tensor(std::vector<double>(x), at::kDouble); }
inline at::Tensor matrix(std::int64_t rows, std::int64_t columns, std::initializer_list<double> x) {
  return row(x).view({rows, columns});
}
inline at::Tensor leaf(at::Tensor x) { return x.detach().clone().requires_grad_(); }
inline double number(const at::Tensor& x) { return x.item<double>(); }

/// Whether two tensors have one shape and agree in every element.
inline bool close(const at::Tensor& a, const at::Tensor& b, double tolerance = 1e-10) {
  if (a.sizes() != b.sizes()) return false;
  return at::allclose(a.to(at::kDouble), b.to(at::kDouble), tolerance, tolerance);
}

/// Central differences of f at x, for doubles.
inline at::Tensor slope(const std::function<double(const at::Tensor&)>& f, const at::Tensor& x, double h = 1e-6) {
  at::NoGradGuard guard;
  const auto flat = x.detach().contiguous().view({-1});
  auto result = at::zeros_like(flat);
  for (std::int64_t i = 0; i < flat.numel(); ++i) {
    auto up = flat.clone(), down = flat.clone();
    up[i] += h;
    down[i] -= h;
    result[i] = (f(up.view(x.sizes())) - f(down.view(x.sizes()))) / (2 * h);
  }
  return result.view(x.sizes());
}
}  // namespace support
