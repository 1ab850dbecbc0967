#pragma once
#include <cmath>
#include <cstdint>
#include <numbers>

namespace tessera {
/// A small counter-based generator: number n of a stream is a hash of (seed, stream, n), so streams need no setup, do
/// not overlap in practice, and number n can be computed without the ones before it.
/// The hash is the finalizer of SplitMix64 (Steele, Lea, Flood, "Fast splittable pseudorandom number
/// generators", 2014) on a Weyl sequence.  Integers and uniforms are the same with every compiler;
/// normals also pass through the C library's log and cos.  Not for cryptography.
class Random {
 public:
  /// `position` is how many numbers of the stream to skip.
  constexpr explicit Random(std::uint64_t seed, std::uint64_t stream = 0, std::uint64_t position = 0)
      : key_(mix(mix(seed + weyl) ^ (stream * 0xd1342543de82ef95u + 0x632be59bd9b4e019u))), position_(position) {}

  /// 64 random bits.
  constexpr std::uint64_t next() { return mix(key_ + weyl * ++position_); }

  /// Uniform in [0, 1), a multiple of 2^-53.
  constexpr double uniform() { return static_cast<double>(next() >> 11) * 0x1p-53; }

  /// Uniform in [low, high).
  constexpr double uniform(double low, double high) { return low + (high - low) * uniform(); }

  /// Standard normal, by the Box-Muller method; consumes two numbers of the stream.
  double normal() {
    const double radius = std::sqrt(-2 * std::log(1 - uniform()));  // 1 - u is never zero
    return radius * std::cos(2 * std::numbers::pi * uniform());
  }

  /// Uniform in {0, ..., n-1}, without bias; n > 0.
  constexpr std::uint64_t below(std::uint64_t n) {
    const std::uint64_t uneven = (0 - n) % n;  // 2^64 mod n: this many of the lowest values are rejected
    std::uint64_t bits = next();
    while (bits < uneven) bits = next();
    return bits % n;
  }

 private:
  static constexpr std::uint64_t weyl = 0x9e3779b97f4a7c15u;
  static constexpr std::uint64_t mix(std::uint64_t z) {
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
  }

  std::uint64_t key_;
  std::uint64_t position_;
};
}  // namespace tessera
