// Part of the library tessera::compiled: the function bodies of these headers.
#include <tessera/eval/normalized_score.impl.hpp>
#include <tessera/eval/over_seeds.impl.hpp>
#include <tessera/eval/rank_correlation.impl.hpp>
#include <tessera/eval/sequential_halving.impl.hpp>
