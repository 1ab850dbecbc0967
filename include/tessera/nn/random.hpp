#pragma once
#include <cstdint>

#include <tessera/concepts/types.hpp>
#include <tessera/nn/tensor.hpp>

namespace tessera::nn {
/// A key that depends on (seed, stream, index) alone, so that a run can be resumed anywhere.  It is mixed by three
/// rounds of splitmix64 (Steele, Lea, Flood 2014).
std::uint64_t random_key(std::uint64_t seed, std::uint64_t stream, std::uint64_t index);
/// What its last round is of, but for the index: random_key = round(random_key_before_index xor index).
std::uint64_t random_key_before_index(std::uint64_t seed, std::uint64_t stream);

/// A generator on the device, seeded with the key.  One per thread, reused: creating one costs more than seeding it.
/// On devices other than the CPU it is the device's default generator, which all threads share: on such a device, train
/// in one thread at a time.
at::Generator generator(const at::Device& device, std::uint64_t seed, std::uint64_t stream, std::uint64_t index);

/// Streams: what the random numbers are for.
namespace stream {
inline constexpr std::uint64_t initialization = 1;
inline constexpr std::uint64_t batches = 2;
inline constexpr std::uint64_t holdout = 3;
inline constexpr std::uint64_t bootstrap = 4;
inline constexpr std::uint64_t starts = 5;
inline constexpr std::uint64_t further_batches = 6;
inline constexpr std::uint64_t shards = 7;
inline constexpr std::uint64_t draws = 1000;  // plus the index of the draw within its update
}  // namespace stream
}  // namespace tessera::nn

#ifndef TESSERA_COMPILED
#include <tessera/nn/random.impl.hpp>
#endif
