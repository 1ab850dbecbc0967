#pragma once
#include <cstdint>

#include <tessera/dataset/dataset.hpp>
#include <tessera/support/hash.hpp>

namespace tessera {
/// A hash of what a data set contains, independent of the file it came from and its layout: every (s, a, r, s', end) in
/// order, which s' are unknown, how they are divided into episodes, and the propensities
/// where there are some.  It does not cover the name, the declared
/// action limits, or the number of discrete actions: an environment may know of more than were logged.
std::uint64_t content_hash(const Dataset& data);
}  // namespace tessera

#ifndef TESSERA_COMPILED
#include <tessera/dataset/content_hash.impl.hpp>
#endif
