#pragma once
#include <span>
#include <vector>

namespace tessera {
/// The rank of each number, from 1, the smallest, to n; of equal ones the mean of theirs.
std::vector<double> ranks(std::span<const double> values);

/// Spearman's rank correlation of n >= 2 pairs (Spearman 1904): Pearson's correlation of the ranks,
///   sum_i (a_i - abar) (b_i - bbar) / sqrt( sum_i (a_i - abar)^2 sum_i (b_i - bbar)^2 ),   a, b the ranks of x and y
/// from -1 to 1; NaN where all of x, or all of y, are equal.  Throws an Error for fewer pairs, lists of unequal length,
/// or a number that is not finite.
double rank_correlation(std::span<const double> x, std::span<const double> y);
}  // namespace tessera

#ifndef TESSERA_COMPILED
#include <tessera/eval/rank_correlation.impl.hpp>
#endif
