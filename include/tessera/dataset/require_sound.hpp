#pragma once
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include <tessera/dataset/dataset.hpp>

namespace tessera {
namespace detail {
// A number of a data set as a person reads it: 2, not 2.000000, and 1e-09, not 0.000000.
std::string plain_number(float x);
// "(rows) of 5 numbers": what a column holds, against what it should.
void require_length(const std::string& name, const char* column, std::size_t has, std::int64_t rows,
                    std::int64_t width);
// "row 3, column 1 of observations is NaN".
void require_finite(const std::string& name, const char* column, const float* x, std::size_t count, std::int64_t width);
void require_flags(const std::string& name, const char* column, const std::uint8_t* x, std::size_t count);
void require_sizes(const std::string& name, std::int64_t observation_size, std::int64_t action_size, action_kind kind);
void require_indices(const std::string& name, const std::int64_t* x, std::size_t count, std::int64_t actions);
// `strictly`: of limits that were declared; those that were seen of an action that never varies are equal.
void require_limits(const std::string& name, const std::vector<float>& low, const std::vector<float>& high,
                    std::int64_t action_size, bool strictly);
}  // namespace detail

/// An Error, of one line with column and row, where a data set is not one that can be learned from: what a reader sees
/// to in a file, and a program that fills in the struct may have forgotten.  Whatever makes a learner asks.  One pass
/// over the numbers.
void require_sound(const Dataset& data);
}  // namespace tessera

#ifndef TESSERA_COMPILED
#include <tessera/dataset/require_sound.impl.hpp>
#endif
