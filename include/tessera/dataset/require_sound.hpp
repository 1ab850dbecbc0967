#pragma once
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include <tessera/dataset/dataset.hpp>

namespace tessera {
namespace detail {
// A number of a data set in a readable form: 2, not 2.000000, and 1e-09, not 0.000000.
std::string plain_number(float x);
// Throws if a column does not hold `rows` times `width` numbers: "... holds 400 numbers, where 200 rows of 3 are 600".
void require_length(const std::string& name, const char* column, std::size_t has, std::int64_t rows,
                    std::int64_t width);
// Throws if a number is not finite: "observations is NaN in row 3, column 1".
void require_finite(const std::string& name, const char* column, const float* x, std::size_t count, std::int64_t width);
void require_flags(const std::string& name, const char* column, const std::uint8_t* x, std::size_t count);
void require_sizes(const std::string& name, std::int64_t observation_size, std::int64_t action_size, action_kind kind);
void require_indices(const std::string& name, const std::int64_t* x, std::size_t count, std::int64_t actions);
// Throws if a logged action's probability is not above 0 and at most 1, or its density not positive and finite.
void require_propensities(const std::string& name, const float* x, std::size_t count, action_kind kind);
// `strictly`: for declared limits; seen limits of an action that never varies are equal.
void require_limits(const std::string& name, const std::vector<float>& low, const std::vector<float>& high,
                    std::int64_t action_size, bool strictly);
void require_spaces(const std::string& name, const Dataset& data);
void require_episodes(const std::string& name, const Dataset& data);
}  // namespace detail

/// Throws an Error, one line with column and row, if a data set cannot be learned from: the checks that a reader makes
/// on a file, for data that a program has filled in itself.  Everything that makes a learner calls it.  One pass over
/// the numbers.
void require_sound(const Dataset& data);
}  // namespace tessera

#ifndef TESSERA_COMPILED
#include <tessera/dataset/require_sound.impl.hpp>
#endif
