#include <tessera/nn/randoms.hpp>
//
#include <cmath>

#include <tessera/nn/clock.hpp>
#include <tessera/nn/random.hpp>

#include "helpers/device.hpp"
#include "helpers/emulated_cuda.hpp"

using namespace support;
using namespace tessera;

namespace {
// splitmix64's number i of a key, from its definition.
std::uint64_t number(std::uint64_t key, std::uint64_t i) {
  std::uint64_t x = key + (i + 1) * 0x9e3779b97f4a7c15u;
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
  return x ^ (x >> 31);
}
}  // namespace

TEST_CASE("on the CPU random numbers are the generator's", "[nn][random]") {
  nn::Randoms numbers(at::kCPU, 3, 4, 5);
  const auto a = numbers.between({10}, 0, 7), b = numbers.normal({2, 3}, at::kFloat);
  const auto g = nn::generator(at::kCPU, 3, 4, 5);
  CHECK(a.equal(at::empty({10}, at::kLong).random_(0, 7, g)));
  CHECK(b.equal(at::empty({2, 3}, at::kFloat).normal_(0, 1, g)));
}

TEST_CASE("on a device each random number is a function of the key and its place", "[nn][random]") {
  // The first numbers of splitmix64 of seed 0, as published with the algorithm.
  CHECK(number(0, 0) == 0xe220a8397b1dcdafu);
  CHECK(number(0, 1) == 0x6e789e6aa1b965f4u);
  const auto device = other_device();
  const emulated::OnPretendedDevice kernels(GENERATE(false, true));
  const auto key = nn::random_key(3, 4, 5);
  nn::Randoms numbers(device, 3, 4, 5);
  const auto whole = numbers.between({50}, 10, 17).cpu();
  const auto u = numbers.uniform({4, 25}, at::TensorOptions(at::kFloat).device(device)).cpu().view({-1});
  const auto z = numbers.normal({100}, at::TensorOptions(at::kDouble).device(device)).cpu();
  for (std::uint64_t i = 0; i < 100; ++i) {
    if (i < 50) CHECK(whole[std::int64_t(i)].item<std::int64_t>() == 10 + std::int64_t((number(key, i) >> 1) % 7));
    CHECK(double(u[std::int64_t(i)].item<float>()) == double(number(key, 50 + i) >> 40) / 16777216.0);
    // The normal's distribution function takes it back to the uniform number.
    const double p = (double(number(key, 150 + i) >> 11) + 0.5) / 9007199254740992.0;
    CHECK(0.5 * std::erfc(-z[std::int64_t(i)].item<double>() / std::sqrt(2.0)) == Approx(p).epsilon(1e-6));
  }
  CHECK(same_numbers(nn::Randoms(device, 3, 4, 5).normal({100}, at::TensorOptions(at::kFloat).device(device)),
                     nn::Randoms(device, 3, 4, 5).normal({100}, at::TensorOptions(at::kDouble).device(device)).cpu(),
                     1e-6));
}

TEST_CASE("with a clock they are those of the clock's update", "[nn][random]") {
  const auto device = other_device();
  const emulated::OnPretendedDevice kernels(GENERATE(false, true));
  const auto type = at::TensorOptions(at::kFloat).device(device);
  nn::Clock clock(device);
  clock.before(40);
  clock.tick();
  const auto without = nn::Randoms(device, 1, 2, 40).normal({8}, type).cpu();
  const auto ahead = nn::Randoms(device, 1, 2, 41).between({8}, 0, 1000).cpu();
  const nn::Clock::Running guard(clock);
  CHECK(nn::Randoms(device, 1, 2, 40).normal({8}, type).cpu().equal(without));
  CHECK(nn::Randoms(device, 1, 2, 41).between({8}, 0, 1000).cpu().equal(ahead));
}

TEST_CASE("random numbers of a device have their distribution's moments", "[nn][random]") {
  const auto device = other_device();
  const emulated::OnPretendedDevice kernels(GENERATE(false, true));
  const std::int64_t n = 200'000;
  nn::Randoms numbers(device, 7, 8, 9);
  const auto type = at::TensorOptions(at::kDouble).device(device);
  const auto z = numbers.normal({n}, type).cpu(), u = numbers.uniform({n}, type).cpu();
  const double s = 1 / std::sqrt(double(n));
  CHECK(std::abs(z.mean().item<double>()) < 5 * s);
  CHECK(std::abs(z.square().mean().item<double>() - 1) < 5 * std::sqrt(2.0) * s);
  CHECK(std::abs(u.mean().item<double>() - 0.5) < 5 * s / std::sqrt(12.0));
  CHECK(u.min().item<double>() >= 0);
  CHECK(u.max().item<double>() < 1);
  // Neighbors, and equal places of updates in a row, are uncorrelated.
  const auto after = nn::Randoms(device, 7, 8, 10).normal({n}, type).cpu();
  CHECK(std::abs((z.slice(0, 1) * z.slice(0, 0, n - 1)).mean().item<double>()) < 5 * s);
  CHECK(std::abs((z * after).mean().item<double>()) < 5 * s);
}
